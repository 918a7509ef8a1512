//! The Deployment and `ReplicaSet` controllers: pods are made and deleted until the count is right.

use crate::cluster::{Phase, Pod};
use crate::engine::clock::SECOND_NS;
use crate::engine::queue::Event;
use crate::run::Run;

/// A token bucket in whole nanoseconds: so many at once, then one every `interval_ns`.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    interval_ns: u64,
    burst: u64,
    /// When the bucket would be full again.
    full_ns: u64,
}

impl Bucket {
    /// A full bucket.
    pub fn new(per_second: u64, burst: u64) -> Self {
        Self { interval_ns: SECOND_NS / per_second.max(1), burst: burst.max(1), full_ns: 0 }
    }

    /// Takes a token, or says when there will be one.
    pub fn take(&mut self, now_ns: u64) -> Result<(), u64> {
        let ready_ns = self.full_ns.saturating_sub((self.burst - 1) * self.interval_ns);
        if ready_ns > now_ns {
            return Err(ready_ns);
        }
        self.full_ns = self.full_ns.max(now_ns) + self.interval_ns;
        Ok(())
    }

    /// Takes a token even if it has to wait for it; says when it has it.
    pub fn reserve(&mut self, now_ns: u64) -> u64 {
        let ready_ns = self.full_ns.saturating_sub((self.burst - 1) * self.interval_ns).max(now_ns);
        self.full_ns = self.full_ns.max(ready_ns) + self.interval_ns;
        ready_ns
    }
}

impl Run<'_> {
    /// Somebody changes `spec.replicas`; the controller looks at it soon.
    pub(crate) fn scale(&mut self, workload: usize, to: u32) {
        self.workloads[workload].replicas = to;
        self.look_soon(workload, self.clock.now_ns() + self.world.figures.controller_delay_ns);
    }

    /// The controllers look at a Deployment at a time, once.
    pub(crate) fn look_soon(&mut self, workload: usize, at_ns: u64) {
        let state = &mut self.workloads[workload];
        state.observed = false;
        if !state.look_due {
            state.look_due = true;
            self.queue.push(at_ns, Event::Reconcile(workload as u32));
        }
    }

    /// Makes or deletes pods, as fast as the controller manager may write.
    pub(crate) fn reconcile(&mut self, workload: usize) {
        let now = self.clock.now_ns();
        self.workloads[workload].look_due = false;
        self.workloads[workload].observed = true;
        loop {
            let (have, want) =
                (self.workloads[workload].pods.len(), self.workloads[workload].replicas as usize);
            if have == want {
                return;
            }
            if let Err(later) = self.controller.take(now) {
                self.workloads[workload].look_due = true;
                self.queue.push(later, Event::Reconcile(workload as u32));
                return;
            }
            if have < want {
                self.make_pod(workload);
            } else if let Some(pod) = self.first_to_go(workload) {
                self.end_pod(pod);
            }
        }
    }

    /// A pod without a node; the scheduler looks at it soon.
    pub(crate) fn make_pod(&mut self, workload: usize) -> u32 {
        let now = self.clock.now_ns();
        let number = self.pods.len() as u32;
        let shape = self.workloads[workload].shape;
        self.pods.push(Pod {
            workload,
            shape,
            phase: Phase::Pending,
            node: None,
            created_ns: now,
            start_time_ns: now.cast_signed(),
            running_ns: now.cast_signed(),
            ready: false,
            transition_ns: now.cast_signed(),
            terminating: false,
            accepting: false,
            metric: None,
            scraped_usage: 0,
            scraped_ns: i64::MIN,
            billed_from_ns: now,
        });
        self.works.push(self.new_work(workload));
        self.workloads[workload].pods.push(number);
        self.pending.push(number, shape, now);
        self.schedule_at(now + self.world.figures.scheduling_delay_ns);
        number
    }

    /// The pod that a `ReplicaSet` deletes first: without a node, then not ready, then from the node with most of
    /// its pods, then the youngest. All ECI pods share one node, so they go first.
    fn first_to_go(&self, workload: usize) -> Option<u32> {
        let state = &self.workloads[workload];
        let mut together = vec![0_u32; self.nodes.len()];
        for pod in &state.pods {
            if let Some(node) = self.pods[*pod as usize].node {
                together[node] += 1;
            }
        }
        let rank = |pod: &u32| {
            let state = &self.pods[*pod as usize];
            let neighbours = state.node.map_or(0, |node| together[node]);
            (
                state.node.is_none(),
                state.phase != Phase::Running,
                !state.ready,
                neighbours,
                state.transition_ns,
                *pod,
            )
        };
        state.pods.iter().copied().max_by_key(rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let mut bucket = Bucket::new(20, 3);
        let times: Vec<u64> = (0..5).map(|_| bucket.reserve(1_000_000_000) / 1_000_000).collect();
        assert_eq!(times, [1000, 1000, 1000, 1050, 1100]);
        let mut bucket = Bucket::new(20, 2);
        assert_eq!([bucket.take(0), bucket.take(0), bucket.take(0)], [Ok(()), Ok(()), Err(50_000_000)]);
    }
}
