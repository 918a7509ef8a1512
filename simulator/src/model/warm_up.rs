//! How much slower a container is at first: its code is not compiled yet, and its caches are cold.

use crate::mechanism::Mechanism;
use crate::run::Run;
use crate::scenario::WarmUp;

/// `warm-up`
pub static MECHANISM: Mechanism = Mechanism {
    name: "warm-up",
    docs: "A container that has just started needs more CPU time for a request, as just-in-time compilers, PHP's opcache and caches inside the process make it. The scenario says how many times as much at the container's start, and how long it takes until it is as fast as it stays; between the two the factor falls in a straight line. What counts is when a worker begins with a request, since the start of the container, which comes before its process is ready; a container that is started again is cold again. Pods of the beginning are warm. Time off the CPU stays as it is. Left out: that requests warm a process up, and not time alone.",
    defaults: &[],
};

/// A container that is not warm yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cold {
    warm_up: WarmUp,
    started_ns: u64,
}

impl Cold {
    /// How many times as much CPU time a request needs that is begun at a time; `None` once it is warm.
    fn times(&self, now_ns: u64) -> Option<f64> {
        let passed = (now_ns - self.started_ns) as f64 / self.warm_up.for_ns as f64;
        (passed < 1.0).then_some(self.warm_up.times - (self.warm_up.times - 1.0) * passed)
    }

    /// The CPU time of a request that needs so much of a warm container; nothing is cold any more once it is warm.
    pub(super) fn cpu_ns(cold: &mut Option<Self>, warm_ns: f64, now_ns: u64) -> f64 {
        let times = cold.as_ref().and_then(|known| known.times(now_ns));
        if times.is_none() {
            *cold = None;
        }
        warm_ns * times.unwrap_or(1.0)
    }
}

impl Run<'_> {
    /// The container of a pod has started and is cold, if the scenario says so.
    pub(super) fn begin_cold(&mut self, pod: u32) {
        let component = &self.components[self.workloads[self.pods[pod as usize].workload].component];
        let warm_up = component.service.and_then(|service| self.scenario.services[service].warm_up);
        let started_ns = self.clock.now_ns();
        self.works[pod as usize].cold = warm_up.map(|warm_up| Cold { warm_up, started_ns });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random::Duration;
    use crate::run::fixture::{self, SECOND};

    const WARM_UP: WarmUp = WarmUp { for_ns: 40 * SECOND, times: 3.0 };

    #[test]
    fn what_a_request_needs_falls_in_a_straight_line_until_the_container_is_warm() {
        let mut cold = Some(Cold { warm_up: WARM_UP, started_ns: 5 * SECOND });
        let mut needs = |seconds: u64| Cold::cpu_ns(&mut cold, 1000.0, seconds * SECOND) as u64;
        assert_eq!([5, 15, 25, 35, 45, 46].map(&mut needs), [3000, 2500, 2000, 1500, 1000, 1000]);
        assert_eq!(cold, None, "nobody asks again");
    }

    #[test]
    fn a_pod_that_is_added_is_slow_at_first_and_those_of_the_beginning_are_not() {
        let (world, objects) = (fixture::world(1), fixture::web(1));
        let mut scenario = fixture::asked(Duration::Constant(0));
        let service = &mut scenario.services[0];
        (service.cpu, service.warm_up) = (Duration::Constant(SECOND / 100), Some(WARM_UP));
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        // CPU time a request of a pod in a span, in milliseconds.
        let spent = |run: &mut Run, pod: usize, until: u64| {
            let of = |run: &mut Run| {
                (run.works[pod].usage(run.clock.now_ns()) / 1000, run.works[pod].counted().0.taken)
            };
            let before = of(run);
            run.run_to(until);
            let after = of(run);
            (after.0 - before.0) as f64 / (after.1 - before.1) as f64 / 1e6
        };
        let old = spent(&mut run, 0, 20 * SECOND);
        assert!((old - 10.0).abs() < 0.02, "{old}");
        run.scale(0, 2);
        while run.components[0].endpoints.len() < 2 && run.take() {}
        let started_ns = run.pods[1].running_ns.unsigned_abs();
        let from = (run.clock.now_ns() - started_ns) as f64;
        let cold = spent(&mut run, 1, started_ns + 20 * SECOND);
        // Half of the way has been gone 20 s after the start.
        let mean = 10.0 * (3.0 - 2.0 * f64::midpoint(from, 20.0 * SECOND as f64) / WARM_UP.for_ns as f64);
        assert!((cold / mean - 1.0).abs() < 0.02, "{cold} for {mean}");
        spent(&mut run, 1, started_ns + 41 * SECOND);
        let warm = spent(&mut run, 1, started_ns + 90 * SECOND);
        assert!((warm - 10.0).abs() < 0.02, "{warm}");
    }
}
