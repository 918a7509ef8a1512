//! How callers behave: they wait up to a timeout, back off, and try again.

use std::collections::VecDeque;

use crate::engine::queue::Event;
use crate::mechanism::Mechanism;
use crate::run::Run;
use crate::scenario::{Client, default};

/// `client`
pub static MECHANISM: Mechanism = Mechanism {
    name: "client",
    docs: "Callers wait up to a timeout, back off for a time that doubles, and try again as often as they are told. Latency counts from the intended arrival.",
    defaults: &[],
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

/// Every open request. Slots are used again, so memory is bounded by what is open at once.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    slots: Vec<Request>,
    free: Vec<u32>,
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

    fn close(&mut self, slot: u32) {
        self.slots[slot as usize].generation += 1;
        self.free.push(slot);
    }

    /// Requests that are open.
    pub fn open_count(&self) -> u64 {
        (self.slots.len() - self.free.len()) as u64
    }
}

/// Something that is due for an attempt, in a lane where everything waits equally long.
#[derive(Clone, Copy, Debug)]
struct Due {
    at_ns: u64,
    slot: u32,
    generation: u32,
}

/// The callers of one component. Timeouts and backoffs of one length end in the order in which they began,
/// so each length is a first-in first-out lane with one event in the queue, not one for each request.
#[derive(Clone, Debug)]
pub struct Callers {
    pub(crate) component: usize,
    timeout_ns: Option<u64>,
    retries: u16,
    timeouts: VecDeque<Due>,
    first_lane: u32,
}

/// The requests that back off equally long.
#[derive(Clone, Debug)]
pub struct Lane {
    wait_ns: u64,
    due: VecDeque<Due>,
}

impl Callers {
    /// The callers of a component, as the scenario has them or endlessly patient; adds their lanes.
    pub(crate) fn new(client: Option<&Client>, component: usize, lanes: &mut Vec<Lane>) -> Self {
        let first_lane = lanes.len() as u32;
        let retries = client.map_or(0, |client| client.retries.min(100)) as u16;
        let backoff_ns = client.map_or(default::BACKOFF_NS, |client| client.backoff_ns);
        for retry in 0..retries {
            let wait_ns = backoff_ns.saturating_mul(1_u64.checked_shl(retry.into()).unwrap_or(u64::MAX));
            lanes.push(Lane { wait_ns: wait_ns.min(default::DURATION_MAX_NS), due: VecDeque::new() });
        }
        let timeout_ns = client.and_then(|client| client.timeout_ns);
        Self { component, timeout_ns, retries, timeouts: VecDeque::new(), first_lane }
    }
}

impl Run<'_> {
    /// Sends a request, for the first time or again.
    #[inline]
    pub(crate) fn attempt(&mut self, slot: u32) {
        let now = self.clock.now_ns();
        let request = &mut self.requests.slots[slot as usize];
        request.attempts += 1;
        let (client, generation) = (usize::from(request.client), request.generation);
        let callers = &mut self.callers[client];
        let component = callers.component;
        if let Some(timeout_ns) = callers.timeout_ns {
            let at_ns = now + timeout_ns;
            if callers.timeouts.is_empty() {
                self.queue.push(at_ns, Event::Timeout(client as u32));
            }
            callers.timeouts.push_back(Due { at_ns, slot, generation });
        }
        self.counters[component].total.attempts += 1;
        match self.choose(component) {
            Some(choice) if self.accept(choice, slot, generation) => {}
            Some(choice) => {
                if choice.via.counts() {
                    self.closed(choice);
                }
                self.counters[component].total.refused += 1;
                self.attempt_failed(slot);
            }
            None => {
                self.counters[component].total.unrouted += 1;
                self.attempt_failed(slot);
            }
        }
    }

    /// Ends an attempt that was not answered: the caller tries again or gives up.
    pub(crate) fn attempt_failed(&mut self, slot: u32) {
        let request = &mut self.requests.slots[slot as usize];
        request.generation += 1;
        let callers = &self.callers[usize::from(request.client)];
        if request.attempts > callers.retries {
            self.counters[callers.component].total.failed += 1;
            self.requests.close(slot);
            return;
        }
        let index = callers.first_lane + u32::from(request.attempts) - 1;
        let lane = &mut self.lanes[index as usize];
        let at_ns = self.clock.now_ns() + lane.wait_ns;
        if lane.due.is_empty() {
            self.queue.push(at_ns, Event::Retry(index));
        }
        lane.due.push_back(Due { at_ns, slot, generation: request.generation });
    }

    /// Breaks an attempt whose pod has ended, if its caller still waits for it.
    pub(crate) fn attempt_broken(&mut self, slot: u32, generation: u32) {
        let request = self.requests.slots[slot as usize];
        if request.generation == generation {
            let component = self.callers[usize::from(request.client)].component;
            self.counters[component].total.broken += 1;
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
        let component = self.callers[usize::from(request.client)].component;
        let counters = &mut self.counters[component];
        counters.total.answered += 1;
        counters.step_latency.record(self.clock.now_ns() - request.arrived_ns);
        self.requests.close(slot);
    }

    /// Ends the attempts of a client that have lasted too long, skipping those that were answered.
    pub(crate) fn timeouts(&mut self, client: usize) {
        let now = self.clock.now_ns();
        while let Some(due) = self.callers[client].timeouts.front().copied() {
            let open = self.requests.slots[due.slot as usize].generation == due.generation;
            if open && due.at_ns > now {
                self.queue.push(due.at_ns, Event::Timeout(client as u32));
                return;
            }
            self.callers[client].timeouts.pop_front();
            if open {
                let component = self.callers[client].component;
                self.counters[component].total.timed_out += 1;
                self.attempt_failed(due.slot);
            }
        }
    }

    /// Sends again what has backed off long enough.
    pub(crate) fn retry(&mut self, lane: usize) {
        let now = self.clock.now_ns();
        while let Some(due) = self.lanes[lane].due.front().copied() {
            if due.at_ns > now {
                self.queue.push(due.at_ns, Event::Retry(lane as u32));
                return;
            }
            self.lanes[lane].due.pop_front();
            debug_assert!(
                self.requests.slots[due.slot as usize].generation == due.generation,
                "a request that backs off has no attempt"
            );
            self.attempt(due.slot);
        }
    }
}
