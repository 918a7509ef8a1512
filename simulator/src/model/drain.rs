//! How a pod ends: the balancers forget it, its preStop hook passes, it finishes or its grace period ends.

use crate::cluster::Phase;
use crate::engine::queue::Event;
use crate::engine::trace::What;
use crate::mechanism::Mechanism;
use crate::run::Run;

/// `drain`
pub static MECHANISM: Mechanism = Mechanism {
    name: "drain",
    docs: "How a pod ends: the balancers forget it after their delay, it serves what still reaches it until its preStop hook has passed, finishes what it has, and is killed at the end of its grace period.",
    defaults: &[],
};

impl Run<'_> {
    /// Deletes a pod. Until its hook has passed it serves whatever still reaches it.
    pub(crate) fn end_pod(&mut self, pod: u32) {
        let now = self.clock.now_ns();
        let state = &self.pods[pod as usize];
        if state.terminating {
            return;
        }
        let template = self.workloads[state.workload].template(state);
        let (stop_ns, kill_ns) = (now + template.pre_stop_ns.min(template.grace_ns), now + template.grace_ns);
        self.begin_end(pod);
        self.happened(What::PodEnding { pod });
        match self.pods[pod as usize].phase {
            Phase::Pending => {
                self.pending.forget(pod);
                self.gone(pod);
            }
            Phase::Starting | Phase::Restarting => self.gone(pod),
            Phase::Running => {
                self.queue.push(now + self.world.figures.endpoint_delay_ns, Event::Endpoint(pod));
                self.queue.push(stop_ns, Event::Stopped(pod));
                self.queue.push(kill_ns, Event::Killed(pod));
            }
            Phase::Gone => {}
        }
    }

    /// A pod is gone with what it ran on: nobody told it to end.
    pub(crate) fn lose_pod(&mut self, pod: u32) {
        let state = &self.pods[pod as usize];
        if state.phase != Phase::Gone && !state.terminating {
            self.begin_end(pod);
        }
        self.gone(pod);
    }

    /// A pod counts among those that end.
    fn begin_end(&mut self, pod: u32) {
        self.disturb_of(pod);
        let state = &self.pods[pod as usize];
        let (workload, shape) = (state.workload, state.shape);
        if let Some(node) = state.node {
            self.scheduler.end(shape, node);
        }
        self.workloads[workload].pods.remove(&pod);
        self.workloads[workload].ending.insert(pod);
        self.change_pod(pod, |state| state.terminating = true);
    }

    /// The process is told to end: it takes nothing new, and leaves when it has nothing left.
    pub(crate) fn stopped(&mut self, pod: u32) {
        self.pods[pod as usize].accepting = false;
        if self.works[pod as usize].inside() == 0 {
            self.gone(pod);
        }
    }

    /// The last request of a pod is done.
    pub(crate) fn emptied(&mut self, pod: u32) {
        let state = &self.pods[pod as usize];
        if state.terminating && !state.accepting {
            self.gone(pod);
        }
    }

    /// A pod is no more: its requests break, its place and its bill end.
    pub(crate) fn gone(&mut self, pod: u32) {
        let now = self.clock.now_ns();
        let state = &self.pods[pod as usize];
        if state.phase == Phase::Gone {
            return;
        }
        let (node, workload) = (state.node, state.workload);
        self.workloads[workload].ending.remove(&pod);
        self.change_pod(pod, |state| {
            state.phase = Phase::Gone;
            (state.ready, state.accepting, state.metric) = (false, false, None);
        });
        let component = self.workloads[workload].component;
        self.endpoint(pod);
        self.break_jobs(pod);
        self.account(pod);
        self.components[component].used_by_gone += self.works[pod as usize].usage(now);
        self.components[component].spent_on_gone += self.spent_nano(pod as usize);
        if let Some(node) = node {
            self.components[component].placed -= 1;
            self.components[component].on_eci.remove(&pod);
            self.vacate(pod, node);
        }
        (self.pods[pod as usize].node, self.pods[pod as usize].gone_ns) = (None, Some(now));
        self.works[pod as usize] = self.new_work(self.pods[pod as usize].workload);
        self.happened(What::PodGone { pod });
    }
}
