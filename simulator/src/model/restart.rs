//! When a container that has ended runs again.

use crate::cluster::Phase;
use crate::engine::clock::SECOND_NS;
use crate::engine::queue::Event;
use crate::mechanism::{Mechanism, Number, seconds};
use crate::run::Run;

/// `restart`
pub static MECHANISM: Mechanism = Mechanism {
    name: "restart",
    docs: "The kubelet starts a container again that has ended, or that it ends itself: its requests break, and the pod keeps its node and name and is not ready until the container runs again, at once the first time, then after a back-off that doubles.",
    defaults: &[
        Number {
            name: "first back-off",
            value: |_| seconds(BACKOFF_FIRST_NS),
            source: "kubelet, pkg/kubelet/kubelet.go: initialCrashLoopBackOff",
        },
        Number {
            name: "longest back-off",
            value: |_| seconds(BACKOFF_MAX_NS),
            source: "kubelet, pkg/kubelet/kubelet.go: MaxCrashLoopBackOff",
        },
        Number {
            name: "run after which the back-off begins anew",
            value: |_| seconds(FORGOTTEN_NS),
            source: "kubelet, pkg/kubelet/kubelet.go: HasExpiredFunc of its back-off",
        },
    ],
};

const BACKOFF_FIRST_NS: u64 = 10 * SECOND_NS;
const BACKOFF_MAX_NS: u64 = 300 * SECOND_NS;
const FORGOTTEN_NS: u64 = 600 * SECOND_NS;

/// How often a container was started again, and how long its kubelet waits before the next time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restarts {
    /// How often.
    pub count: u32,
    /// The last start, and the back-off since then.
    known: Option<(u64, u64)>,
}

impl Restarts {
    /// The container has ended: when it is started again.
    fn after(&mut self, ended_ns: u64) -> u64 {
        let known = self.known.filter(|(last_ns, _)| ended_ns - last_ns <= FORGOTTEN_NS);
        let at_ns = known.map_or(ended_ns, |(_, backoff_ns)| ended_ns + backoff_ns);
        let next_ns = known.map_or(BACKOFF_FIRST_NS, |(_, backoff_ns)| (2 * backoff_ns).min(BACKOFF_MAX_NS));
        self.known = Some((at_ns, next_ns));
        at_ns
    }
}

impl Run<'_> {
    /// Whether the container of a pod runs, and nobody has told it to end.
    pub(crate) fn is_running(&self, pod: u32) -> bool {
        let state = &self.pods[pod as usize];
        state.phase == Phase::Running && !state.terminating
    }

    /// The container of a pod has ended, and the kubelet starts it again after its back-off.
    pub(crate) fn restart(&mut self, pod: u32) {
        let now = self.clock.now_ns();
        self.change_pod(pod, |state| {
            if state.ready {
                state.transition_ns = now.cast_signed();
            }
            (state.phase, state.ready, state.accepting) = (Phase::Restarting, false, false);
        });
        self.break_jobs(pod);
        self.queue.push(now + self.world.figures.endpoint_delay_ns, Event::Endpoint(pod));
        let at_ns = self.pods[pod as usize].restarts.after(now);
        self.queue.push(at_ns + self.world.figures.container_start_ns, Event::Started(pod));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_started_again_at_once_and_then_after_a_time_that_doubles() {
        let mut restarts = Restarts::default();
        let mut waits = Vec::new();
        let mut ended_ns = 7 * SECOND_NS;
        for _ in 0..8 {
            let at_ns = restarts.after(ended_ns);
            waits.push((at_ns - ended_ns) / SECOND_NS);
            ended_ns = at_ns + SECOND_NS;
        }
        assert_eq!(waits, [0, 10, 20, 40, 80, 160, 300, 300]);
        let (last_ns, _) = restarts.known.unwrap();
        let mut again = restarts;
        assert_eq!(again.after(last_ns + FORGOTTEN_NS) - last_ns, FORGOTTEN_NS + BACKOFF_MAX_NS);
        assert_eq!(restarts.after(last_ns + FORGOTTEN_NS + 1), last_ns + FORGOTTEN_NS + 1, "it ran well");
        assert_eq!(restarts.after(last_ns + 2 * FORGOTTEN_NS), last_ns + 2 * FORGOTTEN_NS + BACKOFF_FIRST_NS);
    }
}
