//! When requests are simulated one by one, and when they are rates.

use crate::cluster::Workload;
use crate::engine::clock::SECOND_NS;
use crate::engine::queue::{Event, Key};
use crate::engine::trace::Requests;
use crate::model::traffic::Source;
use crate::run::Run;
use crate::scenario::Detail;

/// Requests of a run up to which every one is simulated unless told otherwise.
pub(super) const FEW: f64 = 5e6;
/// A window that is simulated both ways is not shorter.
pub(super) const WINDOW_NS_MIN: u64 = 5 * SECOND_NS;
/// Nor longer.
pub(super) const WINDOW_NS_MAX: u64 = 60 * SECOND_NS;
/// Nor has it more requests than it needs.
pub(super) const WINDOW_REQUESTS: u64 = 10_000;
/// Not even where so many come that it is shorter for that.
pub(super) const WINDOW_REQUESTS_MAX: u64 = 100_000;

/// From one look at whether anything matters to the next.
const LOOK_NS: u64 = SECOND_NS;
/// How far a look sees ahead.
const AHEAD_NS: u64 = 10 * SECOND_NS;
/// For so long nothing has mattered before rates are good enough.
const CALM_NS: u64 = 15 * SECOND_NS;
/// What a rate may rise or fall by within sight.
const CHANGE_MAX: f64 = 1.2;
/// What a pod may have to do, in parts of what it can.
const LOAD_MAX: f64 = 0.7;
/// One of so many attempts may go wrong.
const WRONG_ONE_IN: u64 = 1_000;

/// How requests are simulated at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// One by one.
    Requests {
        /// Since when nothing has mattered.
        calm_from_ns: Option<u64>,
    },
    /// One by one, with rates beside them.
    Both,
    /// As rates.
    Flow,
}

impl Default for Course {
    fn default() -> Self {
        Self::Requests { calm_from_ns: None }
    }
}

impl super::Flow {
    /// Whether what rates answer counts.
    pub fn is_counting(&self) -> bool {
        self.course != Course::Both
    }
}

impl Run<'_> {
    /// Decides how a run begins.
    pub(crate) fn begin_flow(&mut self) {
        let few = self.sources.iter().map(Source::expected_in_all).sum::<f64>() <= FEW;
        match self.scenario.detail {
            Detail::Requests => return,
            Detail::Auto if few => return,
            Detail::Auto => {}
            Detail::Flow | Detail::FlowByPod => self.flow.course = Course::Both,
        }
        self.prepare_flow();
        if self.flow.course == Course::Both {
            self.begin_window();
        }
        self.queue.push(self.until_look_ns(), Event::Look);
    }

    /// From one look to the next: less in a window that has enough requests before.
    fn until_look_ns(&self) -> u64 {
        if self.flow.course != Course::Both {
            return LOOK_NS;
        }
        let per_ns: f64 = self.sources.iter().map(|source| source.rates_until(0.0).1).sum();
        LOOK_NS.min((WINDOW_REQUESTS_MAX as f64 / per_ns).ceil() as u64)
    }

    /// Looks at whether anything matters.
    pub(crate) fn look(&mut self) {
        let now = self.clock.now_ns();
        let may_go_back = self.scenario.detail == Detail::Auto;
        match self.flow.course {
            Course::Requests { calm_from_ns } => {
                let calm_from_ns = self.is_calm().then(|| calm_from_ns.unwrap_or(now));
                self.flow.course = Course::Requests { calm_from_ns };
                if calm_from_ns.is_some_and(|from_ns| now - from_ns >= CALM_NS) {
                    self.flow.course = Course::Both;
                    self.begin_window();
                }
            }
            Course::Both => {
                self.flow_all_to_now();
                let length_ns = now - self.flow.check.begun_ns();
                let count = self.flow.check.count();
                let is_whole = length_ns >= WINDOW_NS_MIN && count >= WINDOW_REQUESTS
                    || length_ns >= WINDOW_NS_MAX
                    || count >= WINDOW_REQUESTS_MAX;
                if may_go_back && !self.is_calm() {
                    self.end_window(true);
                    self.flow.course = Course::default();
                } else if is_whole {
                    self.end_window(false);
                    (self.flow.course, self.flow.on_from_ns) = (Course::Flow, now);
                }
            }
            Course::Flow => {
                self.flow_all_to_now();
                if !self.is_calm() {
                    self.end_flow();
                }
            }
        }
        if may_go_back || self.flow.course != Course::Flow {
            self.queue.push(now + self.until_look_ns(), Event::Look);
        }
    }

    /// Requests come one by one again.
    fn end_flow(&mut self) {
        // What pods have done as rates is theirs before they do anything else.
        self.wake_all();
        self.flow.on_ns = self.flow.on_ns(self.clock.now_ns());
        self.flow.course = Course::default();
        for source in 0..self.sources.len() {
            // One that was drawn before may still be to come.
            if self.sources[source].next == Key::NEVER {
                self.next_arrival(source);
            }
        }
    }

    /// Whether nothing happens that rates would miss.
    fn is_calm(&mut self) -> bool {
        let wrong = self.goes_wrong();
        let soon_ns = self.clock.now_ns() + AHEAD_NS;
        !wrong && !self.is_changing(soon_ns) && !self.rates_change(soon_ns) && !self.is_loaded()
    }

    /// Whether attempts have gone wrong since this was asked last.
    fn goes_wrong(&mut self) -> bool {
        let mut is_wrong = false;
        for (counters, seen) in self.counters.iter().zip(&mut self.flow.seen) {
            let Requests { refused, unrouted, timed_out, broken, errored, attempts, .. } =
                counters.total.since(seen);
            is_wrong |= (refused + unrouted + timed_out + broken + errored) * WRONG_ONE_IN > attempts;
            *seen = counters.total;
        }
        is_wrong
    }

    /// Whether a release or a fault is on or near, or a pod ends.
    fn is_changing(&self, soon_ns: u64) -> bool {
        let now = self.clock.now_ns();
        self.rollouts
            .iter()
            .any(|rollout| rollout.trace.began_ns <= soon_ns && rollout.trace.ended_ns.is_none())
            || self
                .scenario
                .faults
                .iter()
                .any(|fault| fault.at_ns <= soon_ns && now <= fault.end_ns().saturating_add(AHEAD_NS))
            || self.workloads.iter().any(|workload| !workload.ending.is_empty() || self.is_cold(workload))
    }

    /// Whether pods of a workload are slower than they will be.
    fn is_cold(&self, workload: &Workload) -> bool {
        let now = self.clock.now_ns().cast_signed();
        let service = self.components[workload.component].service;
        let warm_up = service.and_then(|service| self.scenario.services[service].warm_up);
        warm_up.is_some_and(|warm_up| {
            let running = |pod: &u32| self.pods[*pod as usize].running_ns;
            workload.pods.iter().any(|pod| running(pod) + warm_up.for_ns.cast_signed() > now)
        })
    }

    /// Whether a rate jumps, or changes faster than rates follow.
    fn rates_change(&self, soon_ns: u64) -> bool {
        self.sources.iter().any(|source| {
            let (least, greatest) = source.rates_until(soon_ns as f64);
            source.is_bursty() || greatest > least * CHANGE_MAX
        })
    }

    /// Whether pods have so much to do that what they make of it is not known well.
    fn is_loaded(&self) -> bool {
        if self.flow.is_off() {
            // What rates would say is looked at in the window.
            return false;
        }
        self.flow.states.iter().any(|state| state.greatest > LOAD_MAX)
    }
}
