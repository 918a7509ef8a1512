//! What pods keep in memory, and what becomes of a container that keeps more than its limit.

use super::eci;
use crate::cluster::Phase;
use crate::engine::clock::SECOND_NS;
use crate::engine::queue::Event;
use crate::engine::trace::{KillReason, What};
use crate::mechanism::{Mechanism, Number, seconds};
use crate::run::Run;
use crate::scenario::Memory;

/// `memory`
pub static MECHANISM: Mechanism = Mechanism {
    name: "memory",
    docs: "What the scenario says a process keeps, for itself and for each request inside it. On Linux a container that passes its memory limit, or on ECI the size of its pod, is killed: its requests break, and the pod keeps its node and name and is not ready until the container runs again, at once the first time, then after a back-off that doubles. Windows pages instead of killing; that this is slow is left out, as are a node that runs out of memory and evictions.",
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

impl Memory {
    /// What a process keeps with so many requests inside.
    pub fn with(&self, requests: u32) -> u64 {
        self.base_bytes.saturating_add(self.per_request_bytes.saturating_mul(requests.into()))
    }

    /// How many requests fit below a limit.
    fn fit(&self, limit_bytes: u64) -> u32 {
        let room = limit_bytes.saturating_sub(self.base_bytes).checked_div(self.per_request_bytes);
        room.and_then(|count| u32::try_from(count).ok()).unwrap_or(u32::MAX)
    }
}

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
    /// What the scenario says of a pod's memory.
    pub(crate) fn memory_of(&self, pod: u32) -> Option<Memory> {
        let component = &self.components[self.workloads[self.pods[pod as usize].workload].component];
        self.scenario.services[component.service?].memory
    }

    /// What the container of a pod is killed above; `None` if it never is.
    fn memory_limit(&self, pod: u32) -> Option<u64> {
        let state = &self.pods[pod as usize];
        let node = &self.nodes[state.node?];
        if node.is_windows {
            return None;
        }
        let template = self.workloads[state.workload].template(state);
        let own = template.containers.first().and_then(|container| container.memory_limit_bytes);
        let size = node.is_virtual.then(|| eci::size(template).memory_bytes);
        own.into_iter().chain(size).min()
    }

    /// Tells a pod that has a node how many requests its container has memory for.
    pub(crate) fn bound_memory(&mut self, pod: u32) {
        let bound = self.memory_of(pod).zip(self.memory_limit(pod));
        self.works[pod as usize].memory_for(bound.map_or(u32::MAX, |(memory, limit)| memory.fit(limit)));
    }

    /// Whether the container of a pod keeps more than it may.
    pub(crate) fn is_out_of_memory(&self, pod: u32) -> bool {
        let kept = self.memory_of(pod).map(|memory| memory.with(self.works[pod as usize].inside()));
        kept.zip(self.memory_limit(pod)).is_some_and(|(kept, limit)| kept > limit)
    }

    /// The kernel kills a container that keeps more than it may, and the kubelet starts it again.
    pub(crate) fn out_of_memory(&mut self, pod: u32) {
        let state = &self.pods[pod as usize];
        if state.phase != Phase::Running || !self.is_out_of_memory(pod) {
            return;
        }
        self.happened(What::Killed { pod, reason: KillReason::OutOfMemory });
        if self.pods[pod as usize].terminating {
            // Nobody starts the container of a pod that ends.
            self.gone(pod);
            return;
        }
        self.restart(pod);
    }

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

    #[test]
    fn requests_fit_as_long_as_the_limit_is_not_passed() {
        let memory = Memory { base_bytes: 100, per_request_bytes: 10 };
        assert_eq!((memory.fit(130), memory.with(3), memory.fit(50)), (3, 130, 0));
        assert_eq!(Memory { base_bytes: 100, per_request_bytes: 0 }.fit(130), u32::MAX);
    }
}
