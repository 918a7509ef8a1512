//! Pods of a run: how they are made, how they change in the eyes of controllers, and how many there are of each kind.

use super::daemon_nodes::Demands;
use super::pod::{self, Pod as Seen};
use super::replica_set::Counts;
use crate::cluster::{Held, Phase, Pod, Revision};
use crate::engine::clock::SIGNED_SECOND_NS;
use crate::engine::queue::Event;
use crate::engine::trace::What;
use crate::model::controller::Controller;
use crate::model::metrics::Scraped;
use crate::model::readiness_gate::Gate;
use crate::model::restart::Restarts;
use crate::model::template::template;
use crate::run::Run;

impl Run<'_> {
    /// The number of a pod template in its workload; equal templates have one.
    pub(crate) fn template_number(&mut self, workload: usize, controller: &Controller) -> u32 {
        let revisions = &self.workloads[workload].revisions;
        let next = revisions.len();
        let known = revisions.iter().position(|revision| &revision.written == controller.template);
        let number = known.unwrap_or_else(|| {
            let namespace = self.workloads[workload].key.namespace.clone();
            let shape = self.shape(controller, &namespace.unwrap_or_default(), next);
            self.workloads[workload].revisions.push(revision(controller, shape));
            next
        });
        number as u32
    }

    /// A pod without a node; the scheduler looks at it soon. `place` is its ordinal or the number of its node, `pinned`
    /// the only node that it may go to.
    pub(super) fn make_pod(
        &mut self,
        workload: usize,
        revision: u32,
        place: u32,
        pinned: Option<usize>,
    ) -> u32 {
        let now = self.clock.now_ns();
        let number = self.pods.len() as u32;
        let shape = self.workloads[workload].revisions[revision as usize].shape;
        self.pods.push(Pod {
            workload,
            revision,
            place,
            pinned,
            shape,
            uid: self.streams.uid.bits(),
            phase: Phase::Pending,
            node: None,
            created_ns: now,
            start_time_ns: now.cast_signed(),
            running_ns: now.cast_signed(),
            ready: false,
            available: false,
            transition_ns: now.cast_signed(),
            terminating: false,
            accepting: false,
            metric: None,
            eci_from_ns: None,
            gone_ns: None,
            reclaimed: false,
            reading: None,
            scraped: Scraped::default(),
            restarts: Restarts::default(),
        });
        self.works.push(self.new_work(workload));
        self.workloads[workload].pods.insert(number);
        self.pending.push(number, shape, now);
        self.schedule_at(now + self.world.figures.scheduling_delay_ns);
        self.count(number, 1);
        self.tell_owner(number);
        self.happened(What::PodCreated { pod: number });
        number
    }

    /// Changes what controllers see of a pod.
    pub(crate) fn change_pod(&mut self, pod: u32, change: impl FnOnce(&mut Pod)) {
        self.count(pod, -1);
        let state = &mut self.pods[pod as usize];
        change(state);
        state.available &= state.ready;
        self.count(pod, 1);
        if self.pods[pod as usize].ready && !self.pods[pod as usize].available {
            self.await_available(pod);
        }
        self.tell_owner(pod);
    }

    /// A ready pod has been so for long enough, if it still is.
    pub(crate) fn available(&mut self, pod: u32) {
        let state = &self.pods[pod as usize];
        if state.ready && !state.available && self.available_ns(pod) <= self.clock.now_ns() {
            self.change_pod(pod, |pod| pod.available = true);
        }
    }

    /// Counts a pod of a Deployment as available at its time. Controllers of other kinds look at their pods themselves.
    fn await_available(&mut self, pod: u32) {
        let (now, at_ns) = (self.clock.now_ns(), self.available_ns(pod));
        let state = &self.pods[pod as usize];
        let owner = &self.workloads[state.workload];
        let is_of_set = owner.revisions[state.revision as usize].desk.is_some();
        if !is_of_set || state.terminating {
            return;
        }
        if at_ns <= now {
            self.count(pod, -1);
            self.pods[pod as usize].available = true;
            self.count(pod, 1);
        } else {
            self.queue.push(at_ns, Event::Available(pod));
        }
    }

    fn available_ns(&self, pod: u32) -> u64 {
        let state = &self.pods[pod as usize];
        let held = &self.workloads[state.workload].held;
        let own = held.set(state.revision).map(|set| set.min_ready_s);
        let min_ready_s = own.unwrap_or_else(|| held.min_ready_s());
        // Whole seconds: a pod that was ready in the middle of one counts from its beginning.
        u64::try_from(self.pod_seen(pod).available_ns(min_ready_s)).unwrap_or(0)
    }

    /// The set of a template has another `minReadySeconds`.
    pub(super) fn time_again(&mut self, workload: usize, template: u32) {
        let pods: Vec<u32> = self.workloads[workload].pods.iter().copied().collect();
        for pod in pods {
            if self.pods[pod as usize].revision == template {
                self.change_pod(pod, |pod| pod.available = false);
            }
        }
    }

    /// Adds a pod to the counts of its template, or takes it away.
    fn count(&mut self, pod: u32, by: i32) {
        let state = &self.pods[pod as usize];
        let more = counted(state);
        let counts = &mut self.workloads[state.workload].revisions[state.revision as usize].counts;
        counts.active += by * more.active;
        counts.ready += by * more.ready;
        counts.available += by * more.available;
        counts.terminating += by * more.terminating;
    }

    /// A pod as its controller sees it.
    pub(crate) fn pod_seen(&self, pod: u32) -> Seen {
        let state = &self.pods[pod as usize];
        let second = |time_ns: i64| time_ns.div_euclid(SIGNED_SECOND_NS);
        Seen {
            id: pod,
            uid: state.uid,
            revision: state.revision,
            place: state.place,
            node: state.node.map(|node| node as u32),
            phase: match state.phase {
                Phase::Running | Phase::Restarting => pod::Phase::Running,
                Phase::Pending | Phase::Starting | Phase::Gone => pod::Phase::Pending,
            },
            ready: state.ready,
            transition_s: second(state.transition_ns),
            created_s: second(state.created_ns.cast_signed().min(state.start_time_ns)),
            terminating: state.terminating,
            deletion_cost: 0,
            restarts: state.restarts.count,
        }
    }
}

/// What one pod adds to the counts of its template.
pub(crate) fn counted(pod: &Pod) -> Counts {
    let exists = pod.phase != Phase::Gone;
    let is_active = exists && !pod.terminating;
    Counts {
        active: i32::from(is_active),
        ready: i32::from(is_active && pod.ready),
        available: i32::from(is_active && pod.available),
        terminating: i32::from(exists && pod.terminating),
    }
}

/// What the pods of a template look like.
pub(crate) fn revision(controller: &Controller, shape: usize) -> Revision {
    Revision {
        written: controller.template.clone(),
        template: template(controller.template),
        shape,
        demands: controller.template.spec.as_ref().map(Demands::new).unwrap_or_default(),
        served: false,
        gate: Gate::None,
        desk: None,
        counts: Counts::default(),
    }
}

impl Held {
    /// `spec.minReadySeconds`.
    pub(crate) fn min_ready_s(&self) -> i32 {
        match self {
            Self::Deployment { deployment, .. } => deployment.spec.min_ready_s,
            Self::StatefulSet(set) => set.spec.min_ready_s,
            Self::DaemonSet(set) => set.spec.min_ready_s,
        }
    }
}
