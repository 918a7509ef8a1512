//! CPU limits as Linux keeps them: so much CPU time a period, at full speed until it is used up.

use crate::mechanism::{Mechanism, Number, milliseconds};

/// `throttle`
pub static MECHANISM: Mechanism = Mechanism {
    name: "throttle",
    docs: "A container with a CPU limit has a quota of CPU time in each period of the kernel's bandwidth control. Its threads run as fast as the node's cores let them until the quota is used up, and then stand still until the next period begins. So a small request on an idle pod takes as long as it would without a limit, and a busy pod stalls for most of each period. Left out: the slices in which cores take their part of the quota.",
    defaults: &[Number {
        name: "period",
        value: |_| milliseconds(PERIOD_NS),
        source: "kubelet, pkg/kubelet/apis/config/v1beta1/defaults.go: cpuCFSQuotaPeriod",
    }],
};

/// The length of a period.
const PERIOD_NS: u64 = 100_000_000;

/// The quota of one container.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::struct_field_names, reason = "all are times, and units stand last")]
pub struct Throttle {
    /// CPU time of a period, in nanoseconds.
    quota_ns: f64,
    /// What is left of it in the present period.
    left_ns: f64,
    /// When the next period begins.
    end_ns: u64,
}

impl Throttle {
    /// A limit in thousandths of a core, whose first period begins at a time.
    pub fn new(limit_milli: u64, now_ns: u64) -> Self {
        let quota_ns = limit_milli as f64 * PERIOD_NS as f64 / 1000.0;
        Self { quota_ns, left_ns: quota_ns, end_ns: now_ns + PERIOD_NS }
    }

    /// The limit, in thousandths of a core.
    pub fn limit_milli(&self) -> u64 {
        (self.quota_ns * 1000.0 / PERIOD_NS as f64).round() as u64
    }

    /// How long threads that use so many cores run between two times, in nanoseconds.
    pub fn run(&mut self, from_ns: u64, to_ns: u64, cores: f64) -> f64 {
        self.begin(from_ns);
        let mut ran_ns = self.spend(to_ns.min(self.end_ns) - from_ns, cores);
        if to_ns <= self.end_ns {
            return ran_ns;
        }
        let whole = (to_ns - self.end_ns) / PERIOD_NS;
        ran_ns += whole as f64 * self.of_period(cores);
        let begin_ns = self.end_ns + whole * PERIOD_NS;
        self.begin(begin_ns);
        ran_ns + self.spend(to_ns - begin_ns, cores)
    }

    /// When threads that use so many cores will have run for so long.
    pub fn when(&self, from_ns: u64, wanted_ns: f64, cores: f64) -> u64 {
        let mut present = *self;
        present.begin(from_ns);
        let first_ns = present.spend(present.end_ns - from_ns, cores);
        if wanted_ns <= first_ns {
            return from_ns.saturating_add(wanted_ns.ceil() as u64);
        }
        let (rest_ns, each_ns) = (wanted_ns - first_ns, self.of_period(cores));
        // The last period is one in which something is left to do.
        let whole = ((rest_ns / each_ns).ceil() - 1.0).max(0.0);
        let last_ns = (rest_ns - whole * each_ns).ceil() as u64;
        present.end_ns.saturating_add((whole as u64).saturating_mul(PERIOD_NS)).saturating_add(last_ns)
    }

    /// How long they run in a whole period.
    fn of_period(&self, cores: f64) -> f64 {
        (self.quota_ns / cores).min(PERIOD_NS as f64)
    }

    /// A new period, if it is time for one.
    fn begin(&mut self, now_ns: u64) {
        if now_ns >= self.end_ns {
            self.end_ns += ((now_ns - self.end_ns) / PERIOD_NS + 1) * PERIOD_NS;
            self.left_ns = self.quota_ns;
        }
    }

    /// Uses up the quota within the present period; how long that lasts.
    fn spend(&mut self, passed_ns: u64, cores: f64) -> f64 {
        let ran_ns = (self.left_ns / cores).min(passed_ns as f64);
        self.left_ns = (self.left_ns - ran_ns * cores).max(0.0);
        ran_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn a_quota_is_used_up_at_full_speed() {
        let mut throttle = Throttle::new(200, 0);
        let ran =
            |throttle: &mut Throttle, from: u64, to: u64| throttle.run(from * MS, to * MS, 1.0) / MS as f64;
        assert!((ran(&mut throttle, 0, 10) - 10.0).abs() < 1e-9);
        assert!((ran(&mut throttle, 10, 90) - 10.0).abs() < 1e-9, "20 ms of each 100");
        assert!((ran(&mut throttle, 90, 460) - 80.0).abs() < 1e-9, "four more periods have begun");
        assert!((ran(&mut throttle, 1_000, 1_005) - 5.0).abs() < 1e-9, "nothing is saved up while idle");
        let mut four = Throttle::new(200, 0);
        assert!((four.run(0, 100 * MS, 4.0) - 5.0 * MS as f64).abs() < 1e-3, "four threads need a quarter");
    }

    #[test]
    fn what_will_have_run_has_run() {
        for limit in [50, 200, 1_000, 1_500] {
            for cores in [0.5, 1.0, 3.0] {
                for (from, wanted) in [(0, 7), (13, 20), (99, 250), (250, 1)] {
                    let mut throttle = Throttle::new(limit, 0);
                    throttle.run(0, from * MS, 0.01);
                    let at_ns = throttle.when(from * MS, (wanted * MS) as f64, cores);
                    let ran = throttle.run(from * MS, at_ns, cores);
                    let error = ran - (wanted * MS) as f64;
                    assert!((0.0..2.0).contains(&(error + 1e-3)), "{limit} {cores} {from} {wanted}: {error}");
                }
            }
        }
    }
}
