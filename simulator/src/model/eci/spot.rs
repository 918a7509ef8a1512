//! Spot pods of ECI: cheaper, and taken back after a while and a notice.

use crate::cluster::Phase;
use crate::engine::clock::SECOND_NS;
use crate::engine::queue::Event;
use crate::engine::trace::What;
use crate::run::Run;

/// Between two looks whether a spot pod is taken back. Source: Alibaba Cloud, ECI spot instances (document 165053).
pub(super) const CHECK_NS: u64 = 300 * SECOND_NS;
/// From the notice to the end. Source: the same.
pub(super) const NOTICE_NS: u64 = 180 * SECOND_NS;

impl Run<'_> {
    /// ECI may take a spot pod back once its protection is over, if the profile gives that a chance. A pod without a time
    /// of creation was there before the run, for longer than any protection.
    pub(crate) fn watch_spot(&mut self, pod: u32, created_ns: Option<u64>) {
        let state = &self.pods[pod as usize];
        let protection_ns = self.workloads[state.workload].template(state).eci.spot_protection_ns;
        let Some(protection_ns) = protection_ns.filter(|_| self.world.figures.eci_spot_reclaim_percent > 0)
        else {
            return;
        };
        let check_ns = match created_ns {
            Some(created_ns) => created_ns + protection_ns + CHECK_NS,
            None => self.streams.spot.below(CHECK_NS),
        };
        self.queue.push(check_ns, Event::SpotCheck(pod));
    }

    /// ECI looks at a spot pod.
    pub(crate) fn check_spot(&mut self, pod: u32) {
        if self.pods[pod as usize].phase == Phase::Gone {
            return;
        }
        let now = self.clock.now_ns();
        if self.pods[pod as usize].reclaimed {
            self.lose_pod(pod);
        } else if self.streams.spot.below(100) < self.world.figures.eci_spot_reclaim_percent {
            self.pods[pod as usize].reclaimed = true;
            self.happened(What::SpotReclaimed { pod });
            self.queue.push(now + NOTICE_NS, Event::SpotCheck(pod));
        } else {
            self.queue.push(now + CHECK_NS, Event::SpotCheck(pod));
        }
    }
}
