//! What pods keep in memory, and what becomes of a container that keeps more than its limit.

use super::eci;
use crate::cluster::Phase;
use crate::engine::trace::{KillReason, What};
use crate::mechanism::Mechanism;
use crate::run::Run;
use crate::scenario::Memory;

/// `memory`
pub static MECHANISM: Mechanism = Mechanism {
    name: "memory",
    docs: "What the scenario says a process keeps, for itself and for each request inside it. On Linux a container that passes its memory limit, or on ECI the size of its pod, is killed, and started again (see `restart`). Windows pages instead of killing; that this is slow is left out, as are a node that runs out of memory and evictions.",
    defaults: &[],
};

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_fit_as_long_as_the_limit_is_not_passed() {
        let memory = Memory { base_bytes: 100, per_request_bytes: 10 };
        assert_eq!((memory.fit(130), memory.with(3), memory.fit(50)), (3, 130, 0));
        assert_eq!(Memory { base_bytes: 100, per_request_bytes: 0 }.fit(130), u32::MAX);
    }
}
