//! How callers behave: they wait up to a timeout, back off, and try again.

use std::collections::VecDeque;

use super::connection_pool::Connection;
use super::retry_budget::{RETRIES_ALWAYS, WINDOW_SECONDS};
use super::scattered::Scattered;
use crate::engine::queue::Event;
use crate::engine::random::{Duration, Stream};
use crate::mechanism::{Mechanism, Number, seconds};
use crate::run::Run;
use crate::scenario::{Patience, default};

/// `client`
pub static MECHANISM: Mechanism = Mechanism {
    name: "client",
    docs: "Callers wait up to a timeout, which is always the same or drawn for each attempt, back off for a time that doubles, and try again as often as they are told; with full jitter each backoff is a random part of what it would be, evenly distributed. With a retry budget they try again only as long as the retries of a sliding window are fewer than a share of its first attempts and those that are always allowed; beyond it a request fails at once. Each calling pod has a budget of its own, as if it had a proxy of linkerd beside it; all callers from outside share one. Latency counts from the intended arrival.",
    defaults: &[
        Number { name: "backoff", value: |_| seconds(default::BACKOFF_NS), source: "assumption" },
        Number {
            name: "jitter",
            value: |_| "none".to_owned(),
            source: "assumption; full jitter is that of the AWS Architecture Blog, Exponential Backoff And Jitter",
        },
        Number {
            name: "window of a retry budget",
            value: |_| format!("{WINDOW_SECONDS} s, in slots of a second"),
            source: "linkerd and tower, src/retry/budget/tps_budget.rs: ttl",
        },
        Number {
            name: "retries that a budget always allows",
            value: |_| format!("{RETRIES_ALWAYS} a second"),
            source: "linkerd and tower, src/retry/budget/tps_budget.rs: min_per_sec",
        },
    ],
};

/// A request of a caller, over all its attempts.
#[derive(Clone, Copy, Debug, Default)]
struct Request {
    arrived_ns: u64,
    /// Grows with every attempt and every end, so that late answers and timeouts find nobody.
    generation: u32,
    client: u16,
    attempts: u16,
}

/// What few requests have, apart from the others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tie {
    /// The request inside a pod that waits for it; `None` for one from outside.
    job: Option<u32>,
    /// What its caller keeps.
    pub link: Option<u32>,
    /// The connection that its attempt uses.
    pub connection: Option<Connection>,
}

/// Every open request. Slots are used again, so memory is bounded by what is open at once.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    slots: Vec<Request>,
    free: Vec<u32>,
    /// As many as there are slots that ever needed one.
    pub(crate) ties: Vec<Tie>,
    /// What attempts are inside pods, by their slots: as many as ever waited where abandoned ones are dropped.
    pub(super) queued_as: Vec<u32>,
}

impl Requests {
    /// Opens a request.
    #[inline]
    pub(crate) fn open(&mut self, now_ns: u64, client: u32) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Request::default());
            self.slots.len() as u32 - 1
        });
        let request = &mut self.slots[slot as usize];
        request.arrived_ns = now_ns;
        request.client = client as u16;
        request.attempts = 0;
        slot
    }

    #[inline]
    fn close(&mut self, slot: u32) {
        self.slots[slot as usize].generation += 1;
        self.free.push(slot);
    }

    /// Says who waits for a request, and what its caller keeps.
    pub(super) fn tie(&mut self, slot: u32, job: Option<u32>, link: Option<u32>) {
        if self.ties.len() <= slot as usize {
            self.ties.resize(slot as usize + 1, Tie::default());
        }
        self.ties[slot as usize] = Tie { job, link, connection: None };
    }

    /// Says what the attempt of a request is inside a pod.
    pub(super) fn queue_as(&mut self, slot: u32, job: u32) {
        if self.queued_as.len() <= slot as usize {
            self.queued_as.resize(slot as usize + 1, u32::MAX);
        }
        self.queued_as[slot as usize] = job;
    }

    /// Whether what is due for an attempt still is.
    #[inline]
    pub(super) fn is_current(&self, due: Due) -> bool {
        self.slots[due.slot as usize].generation == due.generation
    }

    /// When those arrived that are open, and whose they are.
    pub(crate) fn all_open(&self) -> impl Iterator<Item = (u64, usize)> {
        let mut is_open = vec![true; self.slots.len()];
        self.free.iter().for_each(|slot| is_open[*slot as usize] = false);
        let open = self.slots.iter().zip(is_open).filter(|(_, is_open)| *is_open);
        open.map(|(request, _)| (request.arrived_ns, usize::from(request.client)))
    }

    /// Requests that are open.
    pub fn open_count(&self) -> u64 {
        (self.slots.len() - self.free.len()) as u64
    }
}

/// Something that is due for an attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub at_ns: u64,
    pub slot: u32,
    pub generation: u32,
}

/// The callers of one component: all from outside, or all pods of another component. Timeouts and backoffs of one
/// length end in the order in which they began, so each length is a first-in first-out lane with one event in the
/// queue, not one for each request.
#[derive(Clone, Debug)]
pub struct Callers {
    pub(crate) component: usize,
    pub(crate) patience: Patience,
    /// They are pods, or keep something: their requests have a tie.
    are_tied: bool,
    /// What callers from outside keep.
    link: Option<u32>,
    /// After how long they give up, where that is always the same.
    timeout_ns: Option<u64>,
    retries: u16,
    timeouts: VecDeque<Due>,
    first_lane: u32,
    /// Timeouts and backoffs of random lengths.
    drawn_timeouts: Option<Box<Scattered>>,
    jitter: Option<Box<Scattered>>,
}

/// The requests that back off equally long.
#[derive(Clone, Debug)]
pub struct Lane {
    wait_ns: u64,
    due: VecDeque<Due>,
}

impl Run<'_> {
    /// Adds callers of a component, with their lanes: pods, or from outside. Returns their index.
    pub(crate) fn add_callers(&mut self, patience: &Patience, component: usize, are_pods: bool) -> u32 {
        let client = self.callers.len() as u32;
        let first_lane = self.lanes.len() as u32;
        let retries = patience.retries.min(100) as u16;
        for retry in 0..retries {
            let doubled = 1_u64.checked_shl(retry.into()).unwrap_or(u64::MAX);
            let wait_ns = patience.backoff_ns.saturating_mul(doubled).min(default::DURATION_MAX_NS);
            self.lanes.push(Lane { wait_ns, due: VecDeque::new() });
        }
        let link = if are_pods { None } else { self.links.add(patience) };
        let scattered = |name| Box::new(Scattered::new(Stream::new(self.scenario.seed, name, client.into())));
        let (timeout_ns, is_drawn) = match patience.timeout {
            None => (None, false),
            Some(Duration::Constant(timeout_ns)) => (Some(timeout_ns), false),
            Some(
                Duration::Exponential(_)
                | Duration::Hyperexponential { .. }
                | Duration::Lognormal { .. }
                | Duration::Table(_),
            ) => (None, true),
        };
        self.callers.push(Callers {
            component,
            patience: *patience,
            are_tied: are_pods || link.is_some(),
            link,
            timeout_ns,
            retries,
            timeouts: VecDeque::new(),
            first_lane,
            drawn_timeouts: is_drawn.then(|| scattered("timeout")),
            jitter: patience.jitter.then(|| scattered("backoff")),
        });
        client
    }

    /// Sends a request, for the first time or again.
    #[inline]
    pub(crate) fn attempt(&mut self, slot: u32) {
        let now = self.clock.now_ns();
        let request = &mut self.requests.slots[slot as usize];
        request.attempts += 1;
        let (client, generation) = (usize::from(request.client), request.generation);
        let is_first = request.attempts == 1;
        let callers = &mut self.callers[client];
        let (component, are_tied) = (callers.component, callers.are_tied);
        if let Some(timeout_ns) = callers.timeout_ns {
            let at_ns = now + timeout_ns;
            if callers.timeouts.is_empty() {
                self.queue.push(at_ns, Event::Timeout(client as u32));
            }
            callers.timeouts.push_back(Due { at_ns, slot, generation });
        } else if callers.drawn_timeouts.is_some() {
            self.draw_timeout(client, slot, generation);
        }
        self.counters[component].total.attempts += 1;
        if are_tied {
            if let Some(link) = self.callers[client].link.filter(|_| is_first) {
                self.requests.tie(slot, None, Some(link));
            }
            if let Some(link) = self.link(slot) {
                self.attempt_over(link, Due { at_ns: now, slot, generation }, is_first);
                return;
            }
        }
        self.send(slot, generation);
    }

    fn draw_timeout(&mut self, client: usize, slot: u32, generation: u32) {
        let callers = &mut self.callers[client];
        let Some((timeout, drawn)) = callers.patience.timeout.zip(callers.drawn_timeouts.as_mut()) else {
            return;
        };
        let at_ns = self.clock.now_ns().saturating_add(timeout.draw_ns(&mut drawn.stream));
        drawn.add(Due { at_ns, slot, generation });
        self.queue.push(at_ns, Event::Timeout(client as u32));
    }

    /// Sends an attempt over a connection of its own.
    #[inline]
    pub(super) fn send(&mut self, slot: u32, generation: u32) {
        match self.choose(self.component_of(slot)) {
            Some(choice) if self.accept(choice, slot, generation) => {}
            Some(choice) => {
                if choice.via.counts() {
                    self.closed(choice);
                }
                self.refused(slot);
            }
            None => self.unrouted(slot),
        }
    }

    /// The component that a request is for.
    #[inline]
    pub(super) fn component_of(&self, slot: u32) -> usize {
        self.callers[usize::from(self.requests.slots[slot as usize].client)].component
    }

    /// What the caller of a request keeps, if it does.
    pub(super) fn link(&self, slot: u32) -> Option<u32> {
        self.requests.ties.get(slot as usize)?.link
    }

    /// A pod does not take an attempt.
    pub(super) fn refused(&mut self, slot: u32) {
        let component = self.component_of(slot);
        self.counters[component].total.refused += 1;
        self.attempt_failed(slot);
    }

    /// No pod is ready for an attempt.
    pub(super) fn unrouted(&mut self, slot: u32) {
        let component = self.component_of(slot);
        self.counters[component].total.unrouted += 1;
        self.attempt_failed(slot);
    }

    /// Ends an attempt that was not answered: the caller tries again or gives up.
    pub(crate) fn attempt_failed(&mut self, slot: u32) {
        let now = self.clock.now_ns();
        let request = &mut self.requests.slots[slot as usize];
        request.generation += 1;
        let (client, generation, attempts) = (request.client, request.generation, request.attempts);
        let callers = &self.callers[usize::from(client)];
        let index = callers.first_lane + u32::from(attempts) - 1;
        if attempts > callers.retries || callers.are_tied && !self.may_retry(self.link(slot)) {
            self.end(slot, false);
            return;
        }
        let lane = &mut self.lanes[index as usize];
        if let Some(jitter) = &mut self.callers[usize::from(client)].jitter {
            let at_ns = now + (lane.wait_ns as f64 * jitter.stream.unit()) as u64;
            jitter.add(Due { at_ns, slot, generation });
            self.queue.push(at_ns, Event::Backoff(client.into()));
            return;
        }
        let at_ns = now + lane.wait_ns;
        if lane.due.is_empty() {
            self.queue.push(at_ns, Event::Retry(index));
        }
        lane.due.push_back(Due { at_ns, slot, generation });
    }

    /// A request is over: whoever waits for it goes on.
    #[inline]
    fn end(&mut self, slot: u32, answered: bool) {
        let callers = &self.callers[usize::from(self.requests.slots[slot as usize].client)];
        let (component, are_tied) = (callers.component, callers.are_tied);
        let counters = &mut self.counters[component];
        let now = self.clock.now_ns();
        let latency_ns = now - self.requests.slots[slot as usize].arrived_ns;
        counters.ended(now, answered, latency_ns);
        if answered {
            counters.step_latency.record(latency_ns);
        }
        if are_tied
            && let Some(tie) = self.requests.ties.get_mut(slot as usize)
            && let Some(job) = std::mem::take(tie).job
        {
            counters.called.ended(answered, latency_ns);
            self.called(job, answered);
        }
        self.requests.close(slot);
    }

    /// The pod that waits for a request has ended, so nobody waits for it.
    pub(super) fn abandon(&mut self, slot: u32) {
        self.drop_abandoned(slot, self.requests.slots[slot as usize].generation);
        self.let_go(slot, false);
        let (now, component) = (self.clock.now_ns(), self.component_of(slot));
        let counters = &mut self.counters[component];
        counters.ended(now, false, now - self.requests.slots[slot as usize].arrived_ns);
        counters.called.failed += 1;
        self.requests.ties[slot as usize] = Tie::default();
        self.requests.close(slot);
    }

    /// Breaks an attempt whose pod has ended, if its caller still waits for it.
    pub(crate) fn attempt_broken(&mut self, slot: u32, generation: u32) {
        if self.requests.slots[slot as usize].generation == generation {
            let component = self.component_of(slot);
            self.counters[component].total.broken += 1;
            self.let_go(slot, false);
            self.attempt_failed(slot);
        }
    }

    /// A pod answers with an error, since what it called failed.
    pub(super) fn attempt_errored(&mut self, slot: u32, generation: u32) {
        if self.requests.slots[slot as usize].generation == generation {
            let component = self.component_of(slot);
            self.counters[component].total.errored += 1;
            self.let_go(slot, true);
            self.attempt_failed(slot);
        }
    }

    /// A pod answers; callers that have given up do not hear it.
    #[inline]
    pub(crate) fn answer(&mut self, slot: u32, generation: u32) {
        let request = self.requests.slots[slot as usize];
        if request.generation != generation {
            return;
        }
        if self.callers[usize::from(request.client)].are_tied {
            self.let_go(slot, true);
        }
        self.end(slot, true);
    }

    /// Ends the attempts of a client that have lasted too long, skipping those that were answered.
    pub(crate) fn timeouts(&mut self, client: usize) {
        let now = self.clock.now_ns();
        while let Some(drawn) = &mut self.callers[client].drawn_timeouts
            && let Some(due) = drawn.take(now)
        {
            if self.requests.is_current(due) {
                self.give_up(due);
            }
        }
        while let Some(due) = self.callers[client].timeouts.front().copied() {
            let open = self.requests.is_current(due);
            if open && due.at_ns > now {
                self.queue.push(due.at_ns, Event::Timeout(client as u32));
                return;
            }
            self.callers[client].timeouts.pop_front();
            if open {
                self.give_up(due);
            }
        }
    }

    /// A caller does not wait for an attempt any longer.
    fn give_up(&mut self, due: Due) {
        let component = self.component_of(due.slot);
        self.counters[component].total.timed_out += 1;
        self.drop_abandoned(due.slot, due.generation);
        self.let_go(due.slot, false);
        self.attempt_failed(due.slot);
    }

    /// Sends again what has backed off long enough, unless its caller has ended.
    pub(crate) fn retry(&mut self, lane: usize) {
        let now = self.clock.now_ns();
        while let Some(due) = self.lanes[lane].due.front().copied() {
            if due.at_ns > now {
                self.queue.push(due.at_ns, Event::Retry(lane as u32));
                return;
            }
            self.lanes[lane].due.pop_front();
            if self.requests.is_current(due) {
                self.attempt(due.slot);
            }
        }
    }

    /// The same for backoffs of random lengths, each of which has an event of its own.
    pub(crate) fn back_off(&mut self, client: usize) {
        let now = self.clock.now_ns();
        while let Some(jitter) = &mut self.callers[client].jitter
            && let Some(due) = jitter.take(now)
        {
            if self.requests.is_current(due) {
                self.attempt(due.slot);
            }
        }
    }
}
