//! Probes: when a started container is ready, or killed because it was not up in time.

use k8s_openapi::api::core::v1::Container;

use crate::engine::clock::SECOND_NS;
use crate::engine::queue::Event;
use crate::engine::trace::{KillReason, What};
use crate::mechanism::Mechanism;
use crate::run::Run;
use crate::scenario::default;

/// `probe`
pub static MECHANISM: Mechanism = Mechanism {
    name: "probe",
    docs: "The probes of a pod's first container. A startup probe asks after its delay and then once a period until the process is up; as often as `failureThreshold` says in vain, and the container is killed and started again with the back-off of a crash. Once it is up the readiness probe is asked at once, as the kubelet does since 1.23; without a startup probe it asks after its delay and once a period. A process is up after the `start` of its service, and answers probes beside its requests: a pod that is full stays ready. Left out: liveness probes, which a process that is up passes, and the kubelet's random first moment within a period.",
    defaults: &[],
};

/// One probe in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// From the container's start to the first question.
    pub delay_ns: u64,
    /// From one question to the next.
    pub period_ns: u64,
    /// So many answers in a row are missing before it has failed.
    pub failures: u64,
}

/// The probes of a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Probes {
    /// Asks until the process is up.
    pub startup: Option<Probe>,
    /// Asks whether requests may come.
    pub readiness: Option<Probe>,
}

/// What becomes of a container that has started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is ready after so long.
    Ready(u64),
    /// It is killed after so long.
    Killed(u64),
}

impl Probe {
    fn read(probe: &k8s_openapi::api::core::v1::Probe) -> Self {
        // What is not written gets the API server's defaults.
        let count = |written: Option<i32>, default: u64| {
            written.and_then(|count| u64::try_from(count).ok()).filter(|count| *count > 0).unwrap_or(default)
        };
        let delay_s = probe.initial_delay_seconds.map_or(0, |delay| u64::try_from(delay).unwrap_or(0));
        Self {
            delay_ns: delay_s * SECOND_NS,
            period_ns: count(probe.period_seconds, 10) * SECOND_NS,
            failures: count(probe.failure_threshold, 3),
        }
    }

    /// How many questions come before a process that is up after so long answers one.
    fn asked_in_vain(&self, up_ns: u64) -> u64 {
        up_ns.saturating_sub(self.delay_ns).div_ceil(self.period_ns)
    }

    /// When a question comes, the first one being 0.
    fn asked_ns(&self, question: u64) -> u64 {
        self.delay_ns.saturating_add(question.saturating_mul(self.period_ns))
    }
}

impl Probes {
    /// Reads a container.
    pub fn read(container: &Container) -> Self {
        Self {
            startup: container.startup_probe.as_ref().map(Probe::read),
            readiness: container.readiness_probe.as_ref().map(Probe::read),
        }
    }

    /// What they make of a process that is up after so long.
    fn judge(&self, up_ns: u64) -> Fate {
        let Some(startup) = self.startup else {
            return Fate::Ready(
                self.readiness.map_or(up_ns, |probe| probe.asked_ns(probe.asked_in_vain(up_ns))),
            );
        };
        let in_vain = startup.asked_in_vain(up_ns);
        if in_vain >= startup.failures {
            return Fate::Killed(startup.asked_ns(startup.failures - 1));
        }
        let found_ns = startup.asked_ns(in_vain);
        Fate::Ready(self.readiness.map_or(found_ns, |probe| found_ns.max(probe.delay_ns)))
    }
}

impl Run<'_> {
    /// A container runs: its process needs a while, and the probes ask only now and then.
    pub(crate) fn await_probes(&mut self, pod: u32) {
        let now = self.clock.now_ns();
        let workload = &self.workloads[self.pods[pod as usize].workload];
        let service = self.components[workload.component].service;
        let up_ns = service.map_or(default::START_NS, |index| self.scenario.services[index].start_ns);
        match workload.template(&self.pods[pod as usize]).probes.judge(up_ns) {
            Fate::Ready(after_ns) => self.queue.push(now.saturating_add(after_ns), Event::Ready(pod)),
            Fate::Killed(after_ns) => self.queue.push(now.saturating_add(after_ns), Event::TooSlow(pod)),
        }
    }

    /// A container was not up in time.
    pub(crate) fn too_slow(&mut self, pod: u32) {
        if !self.is_running(pod) {
            return;
        }
        self.happened(What::Killed { pod, reason: KillReason::TooSlow });
        self.restart(pod);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(delay: u64, period: u64, failures: u64) -> Probe {
        Probe { delay_ns: delay * SECOND_NS, period_ns: period * SECOND_NS, failures }
    }

    #[test]
    fn a_readiness_probe_asks_once_a_period() {
        let probes = Probes { startup: None, readiness: Some(probe(2, 5, 3)) };
        let judged = [0, 2, 3, 7, 8].map(|up| probes.judge(up * SECOND_NS));
        let ready = |at: u64| Fate::Ready(at * SECOND_NS);
        assert_eq!(judged, [ready(2), ready(2), ready(7), ready(7), ready(12)]);
        assert_eq!(Probes::default().judge(7), Fate::Ready(7), "nobody asks");
    }

    #[test]
    fn a_startup_probe_gives_a_process_its_time_and_no_more() {
        let probes = Probes { startup: Some(probe(0, 10, 3)), readiness: Some(probe(0, 60, 3)) };
        let judged = [0, 1, 20, 21].map(|up| probes.judge(up * SECOND_NS));
        let ready = |at: u64| Fate::Ready(at * SECOND_NS);
        assert_eq!(judged, [ready(0), ready(10), ready(20), Fate::Killed(20 * SECOND_NS)]);
        let late = Probes { readiness: Some(probe(15, 60, 3)), ..probes };
        assert_eq!(late.judge(SECOND_NS), ready(15), "its delay has to pass");
    }
}
