//! The workload controllers in a run: what they see of it, and what their writes do to it.

use compiler::lower::REVISION;

use super::choice::{first_to_go, together};
use super::daemon_set::{self, DaemonSet};
use super::deployment::{self, Again, Deployment, Strategy};
use super::desk::{Desk, Subject, Write};
use super::pod::Pod;
use super::replica_set::{self, Counts, ReplicaSet};
use super::stateful_set::{self, Gates, StatefulSet};
use super::{Steps, daemon_set::Node};
use crate::cluster::{Held, Workload};
use crate::engine::clock::SIGNED_SECOND_NS;
use crate::model::controller::{Controller, Kind};
use crate::run::Run;

/// The first delay of a work queue's rate limit (`DefaultTypedControllerRateLimiter`).
const RETRY_NS: i64 = 5_000_000;

impl Held {
    /// What a manifest says, to a controller that has not looked at it.
    pub(crate) fn new(controller: &Controller, template: u32, replicas: u32) -> Self {
        let replicas = i32::try_from(replicas).unwrap_or(i32::MAX);
        match controller.kind {
            Kind::Deployment(spec) => {
                let spec = deployment::Spec { replicas, ..deployment::Spec::new(spec, template) };
                Self::Deployment { deployment: Deployment::new(spec), sets: Vec::new() }
            }
            Kind::StatefulSet(spec) => {
                let spec = stateful_set::Spec { replicas, ..stateful_set::Spec::new(spec, template) };
                Self::StatefulSet(StatefulSet::new(spec))
            }
            Kind::DaemonSet(spec) => Self::DaemonSet(DaemonSet::new(daemon_set::Spec::new(spec, template))),
        }
    }

    /// The partition of a `StatefulSet`.
    pub(crate) fn partition(&self) -> Option<i32> {
        match self {
            Self::StatefulSet(set) => set.spec.rolling.map(|rolling| rolling.partition),
            Self::Deployment { .. } | Self::DaemonSet(_) => None,
        }
    }

    /// Takes over a spec that somebody wrote.
    fn update(&mut self, controller: &Controller, template: u32, replicas: u32, partition: Option<i32>) {
        let mut fresh = Self::new(controller, template, replicas);
        if let (Self::StatefulSet(set), Some(partition)) = (&mut fresh, partition) {
            set.spec.rolling = set.spec.rolling.map(|rolling| stateful_set::Rolling { partition, ..rolling });
        }
        match (self, fresh) {
            (Self::Deployment { deployment, .. }, Self::Deployment { deployment: fresh, .. }) => {
                deployment.generation += i64::from(deployment.spec != fresh.spec);
                deployment.spec = fresh.spec;
            }
            (Self::StatefulSet(set), Self::StatefulSet(fresh)) => {
                set.generation += i64::from(set.spec != fresh.spec);
                set.spec = fresh.spec;
            }
            (Self::DaemonSet(set), Self::DaemonSet(fresh)) => {
                set.generation += i64::from(set.spec != fresh.spec);
                set.spec = fresh.spec;
            }
            (Self::Deployment { .. } | Self::StatefulSet(_) | Self::DaemonSet(_), _) => {}
        }
    }
}

impl Run<'_> {
    /// Somebody changes `spec.replicas`.
    pub(crate) fn scale(&mut self, workload: usize, to: u32) {
        self.stir(self.workloads[workload].component);
        let state = &mut self.workloads[workload];
        let to = i32::try_from(to).unwrap_or(i32::MAX);
        let (replicas, generation) = match &mut state.held {
            Held::Deployment { deployment, .. } => {
                (&mut deployment.spec.replicas, &mut deployment.generation)
            }
            Held::StatefulSet(set) => (&mut set.spec.replicas, &mut set.generation),
            Held::DaemonSet(_) => return,
        };
        if *replicas != to {
            *generation += 1;
            *replicas = to;
            let desk = state.desk;
            self.look_soon(desk);
        }
    }

    /// Somebody writes a workload's spec, maybe with another pod template.
    pub(crate) fn update(&mut self, workload: usize, controller: &Controller) {
        let template = self.template_number(workload, controller);
        let state = &mut self.workloads[workload];
        // A count that is not written stays, and one that a rollout moves is the rollout's.
        let written = controller.replicas().filter(|_| state.epoch.is_none());
        let replicas = written.map_or(state.held.replicas(), i32::unsigned_abs);
        // So is the partition.
        let moved = state.held.partition().filter(|_| state.epoch.is_some());
        state.held.update(controller, template, replicas, moved);
        state.revision = controller.label(REVISION).unwrap_or_default();
        let desk = state.desk;
        self.look_soon(desk);
    }

    /// One look of a controller at an object: the writes that it makes.
    pub(super) fn sync(&mut self, desk: usize) -> Steps<Write> {
        let now = self.clock.now_ns().cast_signed();
        match self.desks[desk].subject {
            Subject::Set { workload, template } => {
                let steps = self.sync_set(workload, template, now);
                wrapped(steps, Write::Set)
            }
            Subject::Workload(workload) => match &self.workloads[workload].held {
                Held::Deployment { deployment, sets } => {
                    let counts = |set: &ReplicaSet| self.workloads[workload].counts(set.template);
                    let exist = |counts: Counts| (counts.active + counts.terminating).unsigned_abs();
                    let pods: Vec<u32> = sets.iter().map(|set| exist(counts(set))).collect();
                    let synced = deployment::sync(deployment, sets, &pods, now);
                    match synced.again {
                        None => {}
                        Some(Again::Soon) => self.look_later(desk, now + RETRY_NS),
                        Some(Again::At { time_ns }) => self.look_later(desk, time_ns),
                    }
                    synced.writes.into_iter().map(|write| vec![Write::Deployment(write)]).collect()
                }
                Held::StatefulSet(set) => {
                    let pods = self.seen(workload);
                    let synced = stateful_set::sync(set, &pods, Gates::default(), now);
                    if let Some(again_ns) = synced.again_ns {
                        self.look_later(desk, again_ns);
                    }
                    wrapped(synced.steps, Write::Member)
                }
                Held::DaemonSet(set) => {
                    let (nodes, pods) = (self.daemon_nodes(workload), self.seen(workload));
                    let synced = daemon_set::sync(set, &nodes, &pods, now);
                    if let Some(again_ns) = synced.again_ns {
                        self.look_later(desk, again_ns);
                    }
                    wrapped(synced.steps, Write::Daemon)
                }
            },
        }
    }

    fn sync_set(&self, workload: usize, template: u32, now: i64) -> Steps<replica_set::Write> {
        let state = &self.workloads[workload];
        let Some(set) = state.held.set(template) else { return Steps::new() };
        let choose = |count| {
            let pods: Vec<Pod> = state.pods.iter().map(|pod| self.pod_seen(*pod)).collect();
            let nodes = together(&pods);
            let own = pods.into_iter().filter(|pod| pod.revision == template).collect();
            first_to_go(own, &nodes, count, now)
        };
        replica_set::sync(set, state.counts(template), choose)
    }

    /// Every pod of a workload as its controller sees it.
    fn seen(&self, workload: usize) -> Vec<Pod> {
        let state = &self.workloads[workload];
        state.pods.iter().chain(&state.ending).map(|pod| self.pod_seen(*pod)).collect()
    }

    /// What the pods of a daemon do on each node.
    fn daemon_nodes(&self, workload: usize) -> Vec<Node> {
        let demands = &self.workloads[workload].present().demands;
        let nodes = self.scheduler.nodes();
        nodes
            .map(|(number, node)| demands.on(number as u32, &node.name, &node.labels, &node.taints))
            .collect()
    }

    /// A write reaches the API server; `false` if that refuses it.
    pub(super) fn make(&mut self, desk: usize, write: Write) -> bool {
        let subject = self.desks[desk].subject;
        let (Subject::Workload(workload) | Subject::Set { workload, .. }) = subject;
        if self
            .template_made(workload, subject, &write)
            .is_some_and(|made| !self.quota_allows(workload, made))
        {
            return false;
        }
        match (write, subject) {
            (Write::Deployment(write), _) => self.make_of_deployment(workload, write),
            (Write::Set(write), Subject::Set { template, .. }) => self.make_of_set(workload, template, write),
            (Write::Set(_), Subject::Workload(_)) => {}
            (Write::Member(write), _) => self.make_of_members(workload, write),
            (Write::Daemon(write), _) => self.make_of_daemons(workload, write),
        }
        // Every write comes back as a change of the object or of its pods.
        self.look_soon(desk);
        true
    }

    /// The template of the pod that a write makes, if it makes one.
    fn template_made(&self, workload: usize, subject: Subject, write: &Write) -> Option<u32> {
        match (write, subject) {
            (Write::Set(replica_set::Write::Create), Subject::Set { template, .. }) => Some(template),
            (Write::Member(stateful_set::Write::Create { revision, .. }), _) => Some(*revision),
            (Write::Daemon(daemon_set::Write::Create(_)), _) => {
                let Held::DaemonSet(set) = &self.workloads[workload].held else { return None };
                Some(set.spec.template)
            }
            (Write::Set(_) | Write::Member(_) | Write::Daemon(_) | Write::Deployment(_), _) => None,
        }
    }

    fn make_of_deployment(&mut self, workload: usize, write: deployment::Write) {
        let Held::Deployment { deployment, sets } = &mut self.workloads[workload].held else { return };
        match write {
            deployment::Write::Create(set) => {
                sets.push(set);
                let desk = self.desks.len();
                self.desks.push(Desk::new(Subject::Set { workload, template: set.template }));
                self.workloads[workload].revisions[set.template as usize].desk = Some(desk);
                self.look_soon(desk);
            }
            deployment::Write::Update(to) => {
                let Some(set) = sets.iter_mut().find(|set| set.template == to.template) else { return };
                let retimed = set.min_ready_s != to.min_ready_s;
                *set = ReplicaSet { status: set.status, ..to };
                if retimed {
                    self.time_again(workload, to.template);
                }
                if let Some(desk) = self.workloads[workload].revisions[to.template as usize].desk {
                    self.look_soon(desk);
                }
            }
            deployment::Write::Delete(template) => sets.retain(|set| set.template != template),
            deployment::Write::Status(status) => deployment.status = status,
        }
    }

    fn make_of_set(&mut self, workload: usize, template: u32, write: replica_set::Write) {
        match write {
            replica_set::Write::Create => {
                self.make_pod(workload, template, 0, None);
            }
            replica_set::Write::Delete(pod) => self.end_pod(pod),
            replica_set::Write::Status(status) => {
                let state = &mut self.workloads[workload];
                if let Some(set) = state.held.set_mut(template) {
                    set.status = status;
                }
                let desk = state.desk;
                self.look_soon(desk);
            }
        }
    }

    fn make_of_members(&mut self, workload: usize, write: stateful_set::Write) {
        let Held::StatefulSet(set) = &mut self.workloads[workload].held else { return };
        match write {
            stateful_set::Write::Create { ordinal, revision } => {
                self.make_pod(workload, revision, ordinal, None);
            }
            stateful_set::Write::Delete(ordinal) => {
                let mut members = self.workloads[workload].pods.iter().copied();
                if let Some(pod) = members.find(|pod| self.pods[*pod as usize].place == ordinal) {
                    self.end_pod(pod);
                }
            }
            stateful_set::Write::Revisions(revisions) => set.revisions = revisions,
            stateful_set::Write::Status(status) => set.status = status,
        }
    }

    fn make_of_daemons(&mut self, workload: usize, write: daemon_set::Write) {
        let Held::DaemonSet(set) = &mut self.workloads[workload].held else { return };
        match write {
            daemon_set::Write::Create(node) => {
                let template = set.spec.template;
                self.make_pod(workload, template, node, Some(node as usize));
            }
            daemon_set::Write::Delete(pod) => self.end_pod(pod),
            daemon_set::Write::Revisions(revisions) => set.revisions = revisions,
            daemon_set::Write::Status(status) => set.status = status,
        }
    }

    /// A pod was made, changed or is gone: whoever made it looks.
    pub(super) fn tell_owner(&mut self, pod: u32) {
        let state = &self.pods[pod as usize];
        let owner = &self.workloads[state.workload];
        let (desk, workload_desk) = (owner.revisions[state.revision as usize].desk, owner.desk);
        let available_ns = self.pod_seen(pod).available_ns(owner.held.min_ready_s());
        let (is_ready, min_ready_s) = (state.ready, owner.held.min_ready_s());
        let recreated = match &owner.held {
            Held::Deployment { deployment, .. } => {
                deployment.spec.strategy == Strategy::Recreate
                    && owner.pods.is_empty()
                    && owner.ending.is_empty()
            }
            Held::StatefulSet(_) => false,
            Held::DaemonSet(_) => {
                if is_ready && min_ready_s > 0 {
                    // A second more than needed, as upstream has it.
                    self.look_later(workload_desk, available_ns + SIGNED_SECOND_NS);
                }
                false
            }
        };
        self.look_soon(desk.unwrap_or(workload_desk));
        if recreated {
            self.look_soon(workload_desk);
        }
    }
}

fn wrapped<W>(steps: Steps<W>, wrap: fn(W) -> Write) -> Steps<Write> {
    steps.into_iter().map(|step| step.into_iter().map(wrap).collect()).collect()
}

impl Workload {
    fn counts(&self, template: u32) -> Counts {
        self.revisions[template as usize].counts
    }
}

#[cfg(test)]
mod tests {
    use compiler::object::Manifest;
    use serde_json::json;

    use super::*;

    use crate::run::fixture::{SECOND, manifest, object, scenario, world};
    use crate::scenario::{Memory, Service};

    /// Active and available pods of each template.
    fn pods(run: &Run) -> Vec<(i32, i32)> {
        let revisions = run.workloads[0].revisions.iter();
        revisions.map(|revision| (revision.counts.active, revision.counts.available)).collect()
    }

    /// Runs up to a time, looking after each event.
    fn run_to(run: &mut Run, at_ns: u64, mut look: impl FnMut(&Run)) {
        while run.clock.now_ns() < at_ns && run.take() {
            look(run);
        }
    }

    #[test]
    fn a_new_template_rolls_a_deployment_within_its_bounds() {
        let spec = json!({"replicas": 4,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}});
        let (world, scenario) = (world(2), scenario());
        let old = [object(manifest("Deployment", "web:1", spec.clone()))];
        let mut run = Run::new(&old, &world, &scenario, &[]);
        assert_eq!(pods(&run), [(4, 4)]);
        run_to(&mut run, 10 * SECOND, |_| ());
        let new = manifest("Deployment", "web:2", spec);
        run.update(0, &Controller::of(&new).unwrap());
        let mut most = 0;
        run_to(&mut run, 200 * SECOND, |run| {
            let (active, available): (Vec<i32>, Vec<i32>) = pods(run).into_iter().unzip();
            assert!(available.iter().sum::<i32>() >= 4, "none may be missing");
            most = most.max(active.iter().sum());
        });
        assert_eq!((pods(&run), most), (vec![(0, 0), (4, 4)], 5));
        let Held::Deployment { deployment, .. } = &run.workloads[0].held else { panic!("it is one") };
        let progress = deployment.status.progressing.unwrap();
        assert_eq!(progress.to_string(), "True/NewReplicaSetAvailable");
    }

    #[test]
    fn a_member_starts_when_the_one_before_it_is_ready() {
        let (world, scenario) = (world(1), scenario());
        let set = [object(manifest("StatefulSet", "web:1", json!({"replicas": 2, "serviceName": "web"})))];
        let mut run = Run::new(&set, &world, &scenario, &[]);
        assert_eq!(pods(&run)[0].0, 2, "both are there at the beginning");
        run.scale(0, 4);
        run_to(&mut run, 60 * SECOND, |_| ());
        let [third, fourth] = [2, 3].map(|pod| &run.pods[pod]);
        assert_eq!((third.place, fourth.place), (2, 3));
        assert!(fourth.created_ns.cast_signed() >= third.transition_ns && fourth.ready);
    }

    #[test]
    fn a_new_template_goes_from_node_to_node_of_a_daemon() {
        let (world, scenario) = (world(3), scenario());
        let old = [object(manifest("DaemonSet", "web:1", json!({})))];
        let mut run = Run::new(&old, &world, &scenario, &[]);
        assert_eq!(run.workloads[0].held.status(), (3, 3));
        let new = manifest("DaemonSet", "web:2", json!({}));
        run.update(0, &Controller::of(&new).unwrap());
        run_to(&mut run, 200 * SECOND, |run| {
            let ready: i32 = run.workloads[0].revisions.iter().map(|revision| revision.counts.ready).sum();
            assert!(ready >= 2, "one node at a time is without");
        });
        let nodes = run.workloads[0].pods.iter().map(|pod| run.pods[*pod as usize].node);
        let mut nodes: Vec<Option<usize>> = nodes.collect();
        nodes.sort_unstable();
        assert_eq!(nodes, [Some(0), Some(1), Some(2)]);
        assert_eq!(run.workloads[0].revisions[1].counts.ready, 3);
    }

    #[test]
    fn the_rate_of_the_controllers_client_bounds_how_fast_pods_are_made() {
        let (world, scenario) = (world(2), scenario());
        let none = [object(manifest("Deployment", "web:1", json!({"replicas": 0})))];
        let mut run = Run::new(&none, &world, &scenario, &[]);
        run.scale(0, 100);
        run_to(&mut run, 60 * SECOND, |_| ());
        let made: Vec<u64> = run.pods.iter().map(|pod| pod.created_ns).collect();
        let took_ms = (made[99] - made[0]) / 1_000_000;
        // Thirty at once, then one every 50 ms; batches of the slow start wait for answers meanwhile.
        assert!((3_500..3_700).contains(&took_ms), "{took_ms} ms");
        assert!(made[29] - made[0] < 100 * 1_000_000, "the burst needs five answers of 10 ms");
    }

    #[test]
    fn a_container_without_enough_memory_to_begin_with_is_started_again_and_again() {
        let spec = json!({"replicas": 0});
        let Manifest::Deployment(mut web) = manifest("Deployment", "web:1", spec) else {
            panic!("it is one")
        };
        let pod = web.spec.as_mut().and_then(|spec| spec.template.spec.as_mut()).unwrap();
        let resources = json!({"limits": {"memory": "64Mi"}});
        pod.containers[0].resources = serde_json::from_value(resources).unwrap();
        let (world, mut scenario) = (world(1), scenario());
        scenario.services.push(Service {
            component: "web".to_owned(),
            concurrency: 1,
            start_ns: SECOND,
            memory: Some(Memory { base_bytes: 65 << 20, per_request_bytes: 0 }),
            ..Service::default()
        });
        let web = [object(Manifest::Deployment(web))];
        let mut run = Run::new(&web, &world, &scenario, &[]);
        run.scale(0, 1);
        run_to(&mut run, 60 * SECOND, |run| {
            assert!(run.pods.iter().all(|pod| !pod.ready));
        });
        // Pulled and started after 10 s; then 2 s after each back-off of 0, 10 and 20 s.
        let pod = run.pod_seen(0);
        assert_eq!((pod.restarts, pod.phase, run.pods.len()), (3, super::super::pod::Phase::Running, 1));
    }
}
