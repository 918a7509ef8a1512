//! How fast controllers work: when they look at an object, and when their writes reach the API server.
//!
//! A controller of kube-controller-manager takes an object that changed from its queue, makes its writes and waits for
//! the answers; what changes meanwhile is looked at afterwards. Each controller has a client of its own, whose rate is
//! limited. Workers are not: upstream has five a controller (two for daemons), and the rate is used up before they are.

use std::collections::VecDeque;

use super::{Steps, daemon_set, deployment, replica_set, stateful_set};
use crate::engine::queue::Event;
use crate::model::rate::Bucket;
use crate::run::Run;
use crate::world::Figures;

/// What a controller looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A Deployment, `StatefulSet` or `DaemonSet`, by index.
    Workload(usize),
    /// A `ReplicaSet`.
    Set {
        /// The index of its Deployment.
        workload: usize,
        /// The number of its template.
        template: u32,
    },
}

/// One write of any controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Of the Deployment controller.
    Deployment(deployment::Write),
    /// Of the `ReplicaSet` controller.
    Set(replica_set::Write),
    /// Of the `StatefulSet` controller.
    Member(stateful_set::Write),
    /// Of the `DaemonSet` controller.
    Daemon(daemon_set::Write),
}

impl Write {
    /// Whether it makes a pod.
    fn makes_a_pod(&self) -> bool {
        matches!(
            self,
            Self::Set(replica_set::Write::Create)
                | Self::Member(stateful_set::Write::Create { .. })
                | Self::Daemon(daemon_set::Write::Create(_))
        )
    }
}

/// The first wait of a work queue after a look that failed, doubled each time: `DefaultTypedControllerRateLimiter`.
const BACKOFF_NS: i64 = 5_000_000;
/// At most so long.
const BACKOFF_MAX_NS: i64 = 1_000_000_000_000;

/// The rate of each controller's client.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    deployment: Bucket,
    set: Bucket,
    member: Bucket,
    daemon: Bucket,
}

impl Rates {
    /// Full buckets.
    pub fn new(figures: &Figures) -> Self {
        let full = Bucket::new(figures.controller_rate_per_second, figures.controller_burst);
        Self { deployment: full, set: full, member: full, daemon: full }
    }

    fn of(&mut self, write: &Write) -> &mut Bucket {
        match write {
            Write::Deployment(_) => &mut self.deployment,
            Write::Set(_) => &mut self.set,
            Write::Member(_) => &mut self.member,
            Write::Daemon(_) => &mut self.daemon,
        }
    }
}

/// One object in its controller's hands.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The object.
    pub subject: Subject,
    /// When it is looked at, or its next write is made; events of other times are stale.
    next_ns: Option<u64>,
    /// The earliest time at which its controller asked for another look.
    later_ns: Option<u64>,
    /// It is being worked on.
    busy: bool,
    /// It changed while it was worked on.
    changed: bool,
    /// Writes of the present step, with the times at which the client's rate lets them go.
    sent: VecDeque<(u64, Write)>,
    /// Steps after the present one.
    steps: VecDeque<Vec<Write>>,
    /// A write of the present look was refused.
    failed: bool,
    /// Looks in a row that failed.
    failures: u32,
}

impl Desk {
    /// An object that nothing has happened to.
    pub fn new(subject: Subject) -> Self {
        let (sent, steps) = (VecDeque::new(), VecDeque::new());
        Self {
            subject,
            next_ns: None,
            later_ns: None,
            busy: false,
            changed: false,
            sent,
            steps,
            failed: false,
            failures: 0,
        }
    }
}

impl Run<'_> {
    /// An object changed: its controller looks at it soon, once.
    pub(crate) fn look_soon(&mut self, desk: usize) {
        let at_ns = self.clock.now_ns() + self.world.figures.controller_delay_ns;
        let state = &mut self.desks[desk];
        if state.busy {
            state.changed = true;
        } else if state.next_ns.is_none() {
            state.next_ns = Some(at_ns);
            self.queue.push(at_ns, Event::Reconcile(desk as u32));
        }
    }

    /// A controller wants to look again at a time; of several such wishes the work queue keeps the earliest.
    pub(crate) fn look_later(&mut self, desk: usize, at_ns: i64) {
        let at_ns = u64::try_from(at_ns).unwrap_or(0).max(self.clock.now_ns());
        let state = &mut self.desks[desk];
        if state.later_ns.is_none_or(|later| at_ns < later) {
            state.later_ns = Some(at_ns);
            self.queue.push(at_ns, Event::Reconcile(desk as u32));
        }
    }

    /// A controller looks at an object or goes on with its writes.
    pub(crate) fn reconcile(&mut self, desk: usize) {
        let now = self.clock.now_ns();
        let state = &mut self.desks[desk];
        let wished = state.later_ns == Some(now);
        let due = state.next_ns == Some(now);
        if wished {
            state.later_ns = None;
            state.changed |= state.busy;
        }
        let looks = !state.busy && (due || wished);
        if due || looks {
            state.next_ns = None;
        }
        if looks {
            let steps = self.sync(desk);
            let state = &mut self.desks[desk];
            (state.busy, state.steps) = (true, steps.into());
            self.write_on(desk);
        } else if due {
            self.write_on(desk);
        }
    }

    /// Makes the writes that the rate lets go, and ends the look when none is left.
    fn write_on(&mut self, desk: usize) {
        let now = self.clock.now_ns();
        loop {
            if self.desks[desk].sent.is_empty() && !self.begin_step(desk) {
                return;
            }
            while let Some((_, write)) = self.desks[desk].sent.pop_front_if(|(at_ns, _)| *at_ns <= now) {
                // After a refusal no more pods are made at this look.
                let skipped = self.desks[desk].failed && write.makes_a_pod();
                let refused = !skipped && !self.make(desk, write);
                self.desks[desk].failed |= refused;
            }
            let answered_ns = now + self.world.figures.controller_write_ns;
            let waits_ns = self.desks[desk].sent.front().map_or(answered_ns, |(at_ns, _)| *at_ns);
            if waits_ns > now {
                self.desks[desk].next_ns = Some(waits_ns);
                self.queue.push(waits_ns, Event::Reconcile(desk as u32));
                return;
            }
        }
    }

    /// Sends the writes of the next step; `false` if there is none, and the look has ended.
    fn begin_step(&mut self, desk: usize) -> bool {
        let now = self.clock.now_ns();
        let Some(step) = self.desks[desk].steps.pop_front() else {
            let state = &mut self.desks[desk];
            state.busy = false;
            if std::mem::take(&mut state.failed) {
                let backoff_ns = (BACKOFF_NS << state.failures.min(30)).min(BACKOFF_MAX_NS);
                state.failures += 1;
                self.look_later(desk, now.cast_signed() + backoff_ns);
            } else {
                state.failures = 0;
            }
            let state = &mut self.desks[desk];
            if std::mem::take(&mut state.changed) {
                self.look_soon(desk);
            }
            return false;
        };
        let failed = self.desks[desk].failed;
        for write in step.into_iter().filter(|write| !(failed && write.makes_a_pod())) {
            let at_ns = self.rates.of(&write).reserve(now);
            self.desks[desk].sent.push_back((at_ns, write));
        }
        true
    }

    /// Looks and writes without delay until nothing is left to do: how the cluster came to be what it is at the beginning.
    pub(crate) fn settle(&mut self, workload: usize) {
        loop {
            let own = |subject: Subject| match subject {
                Subject::Workload(index) | Subject::Set { workload: index, .. } => index == workload,
            };
            let desks: Vec<usize> =
                (0..self.desks.len()).filter(|desk| own(self.desks[*desk].subject)).collect();
            let mut quiet = true;
            for desk in desks {
                let steps: Steps<Write> = self.sync(desk);
                for write in steps.into_iter().flatten() {
                    quiet &= !self.make(desk, write);
                }
                // What the writes changed is looked at in the next round.
                self.desks[desk].next_ns = None;
            }
            if quiet {
                return;
            }
        }
    }
}
