//! A release under traffic: what `decide` says is done to the simulated objects, in virtual time.

mod shared;

use compiler::object::{Manifest, Object, ObjectKey};
use compiler::plan::rollout::{self, Decision, ObjectState, Observation, Outcome, Workload as Seen, Write};
use compiler::plan::{Need, Plan, Release, Stage, newborn};

use super::autoscaler::Autoscaler;
use super::controller::Controller;
use crate::cluster::Held;
use crate::engine::clock::SECOND_NS;
use crate::engine::queue::Event;
use crate::engine::trace::{ReleaseTrace, What};
use crate::mechanism::Mechanism;
use crate::run::Run;

/// `rollout`
pub static MECHANISM: Mechanism = Mechanism {
    name: "rollout",
    docs: "A release under traffic: what `decide` returns is done in virtual time, as the runtime does it on a cluster. A person resumes after the scenario's time.",
    defaults: &[],
};

/// From a write to the next look: a round trip to the API server.
const WRITE_NS: u64 = 20_000_000;
/// From a wait to the next look, if nothing names an earlier time. `decide` is level-triggered, so a poll
/// misses nothing.
const POLL_NS: u64 = SECOND_NS;

/// One release of the scenario as it goes on.
#[derive(Clone, Debug)]
pub struct Rollout<'a> {
    plan: &'a Plan,
    /// The plan's objects of the component, in the order of the release plan.
    wanted: Vec<(&'a Object, String)>,
    record: Option<Release>,
    /// When somebody resumes.
    approval_ns: Option<u64>,
    approve_ns: u64,
    /// How it stands.
    pub trace: ReleaseTrace,
}

impl<'a> Rollout<'a> {
    /// A release that has not begun.
    pub fn new(component: &str, began_ns: u64, approve_ns: u64, plan: &'a Plan) -> Self {
        let release = plan.releases.iter().find(|release| release.component == component);
        let wanted = release.into_iter().flat_map(|release| &release.objects).filter_map(|key| {
            let object = plan.bundle.objects.iter().find(|object| &object.key() == key)?;
            Some((object, object.value().to_string()))
        });
        let trace = ReleaseTrace {
            component: component.to_owned(),
            revision: release.map(|release| release.revision.clone()).unwrap_or_default(),
            began_ns,
            outcome: "not begun".to_owned(),
            ..ReleaseTrace::default()
        };
        Self { plan, wanted: wanted.collect(), record: None, approval_ns: None, approve_ns, trace }
    }
}

impl Run<'_> {
    /// A rollout looks at the cluster and takes its next step.
    pub(crate) fn rollout(&mut self, index: usize) {
        let now = self.clock.now_ns();
        if self.rollouts[index].record.is_none() && !self.begin_rollout(index) {
            return;
        }
        self.approve(index);
        let Some(record) = self.rollouts[index].record.clone() else { return };
        let seen = self.observe(index, &record);
        // Windows go by the calendar, so a record has times since 1970.
        let wall_ns = self.wall_ns().unsigned_abs();
        let next_ns = match rollout::decide(&record, &seen, wall_ns) {
            Decision::Write(write) => {
                self.execute(index, &write);
                Some(now + WRITE_NS)
            }
            Decision::Wait { until, reason } => {
                self.rollouts[index].trace.outcome = reason.to_string();
                let until = until.map_or(u64::MAX, |until| now + until.saturating_sub(wall_ns));
                Some(until.clamp(now + WRITE_NS, now + POLL_NS))
            }
            Decision::Paused { batch } => Some(self.paused(index, batch)),
            Decision::Done(outcome) => {
                self.rollouts[index].trace.released = outcome == Outcome::Released;
                let said = match outcome {
                    Outcome::Released => "released",
                    Outcome::RolledBack => "rolled back",
                };
                self.ended(index, said.to_owned())
            }
            Decision::Failed { reason } => self.ended(index, format!("failed: {reason}")),
        };
        if let Some(next_ns) = next_ns {
            self.queue.push(next_ns, Event::Rollout(index as u32));
        }
    }

    /// Makes the record of a rollout; `false` if the plan has no such component.
    fn begin_rollout(&mut self, index: usize) -> bool {
        let name = self.rollouts[index].trace.component.clone();
        let plan = self.rollouts[index].plan.releases.iter().find(|release| release.component == name);
        let Some(plan) = plan.cloned() else { return false };
        let serving =
            self.workloads.iter().filter(|w| self.components[w.component].name == name && !w.removed);
        let serving = serving.max_by_key(|workload| workload.held.replicas());
        let previous = serving.map(|w| w.revision.clone()).filter(|revision| *revision != plan.revision);
        // A later release of a component continues the epochs of the earlier one.
        let epochs = self.workloads.iter().filter_map(|workload| workload.epoch);
        let epoch = epochs.max().unwrap_or(0) + 1;
        self.step(index, format!("revision {} begins", plan.revision));
        self.rollouts[index].record =
            Some(Release::new(plan, previous, epoch, self.wall_ns().unsigned_abs()));
        true
    }

    /// Somebody resumes, if it is time.
    fn approve(&mut self, index: usize) {
        let rollout = &mut self.rollouts[index];
        if rollout.approval_ns.is_none_or(|approval| approval > self.clock.now_ns()) {
            return;
        }
        rollout.approval_ns = None;
        let now = self.wall_ns().unsigned_abs();
        let rollout = &mut self.rollouts[index];
        if let Some(resumed) = rollout.record.as_ref().and_then(|record| record.resume(now)) {
            rollout.record = Some(resumed);
            self.step(index, "somebody resumes".to_owned());
        }
    }

    /// When to look again at a rollout that waits for a person.
    fn paused(&mut self, index: usize, batch: Option<usize>) -> u64 {
        let now = self.clock.now_ns();
        if let Some(approval) = self.rollouts[index].approval_ns {
            return approval.max(now + WRITE_NS);
        }
        let said = batch.map_or("paused".to_owned(), |batch| format!("paused after batch {}", batch + 1));
        self.rollouts[index].trace.outcome.clone_from(&said);
        self.step(index, said);
        let approval = now + self.rollouts[index].approve_ns.max(WRITE_NS);
        self.rollouts[index].approval_ns = Some(approval);
        approval
    }

    fn ended(&mut self, index: usize, said: String) -> Option<u64> {
        let rollout = &mut self.rollouts[index];
        rollout.trace.ended_ns = Some(self.clock.now_ns());
        rollout.trace.outcome.clone_from(&said);
        self.step(index, said);
        None
    }

    fn step(&mut self, index: usize, step: String) {
        let component = self.rollouts[index].trace.component.clone();
        self.happened(What::Rollout { component, step, write: false });
    }

    fn wrote(&mut self, index: usize, step: String) {
        let component = self.rollouts[index].trace.component.clone();
        self.happened(What::Rollout { component, step, write: true });
    }

    /// What a driver on a cluster would see.
    fn observe(&self, index: usize, record: &Release) -> Observation {
        let objects =
            self.rollouts[index].wanted.iter().map(|(object, value)| match self.applied.get(&object.key()) {
                None => ObjectState::Absent,
                Some(there) if there == value => ObjectState::Same { waiting: None },
                Some(_) => ObjectState::Differs,
            });
        let name = &record.plan.component;
        let own = |workload: usize| {
            let state = &self.workloads[workload];
            !state.removed && &self.components[state.component].name == name
        };
        let mut workloads: Vec<Seen> = (0..self.workloads.len())
            .filter(|w| own(*w))
            .map(|w| self.observe_workload(w, record.epoch))
            .collect();
        workloads.sort_by(|a, b| a.object.cmp(&b.object));
        let released = |name: &&String| {
            let ready = |component: &crate::cluster::Component| {
                &component.name == *name && !component.endpoints.is_empty()
            };
            self.components.iter().any(ready)
        };
        let unready_dependencies =
            record.plan.depends_on.iter().filter(|name| !released(name)).cloned().collect();
        let unready_need = record.plan.needs.iter().find(|need| !self.is_there(need)).cloned();
        Observation {
            objects: objects.collect(),
            stamps: Vec::new(),
            workloads,
            unready_dependencies,
            unready_need,
            // Nobody evicts in the simulation.
            budget: None,
            answers: self.answers(record),
        }
    }

    /// Daemons of the platform itself are not simulated: they are up, as the platform says.
    fn is_there(&self, need: &Need) -> bool {
        match need {
            Need::Everywhere(_) => true,
            Need::Node { node_labels } => self.scheduler.has_node(node_labels),
        }
    }

    fn observe_workload(&self, index: usize, epoch: u64) -> Seen {
        let workload = &self.workloads[index];
        let scaler = self.autoscalers.iter().find(|scaler| scaler.workload == Some(index) && !scaler.removed);
        let (live, available) = workload.held.status();
        Seen {
            revision: match workload.held {
                Held::Deployment { .. } => workload.revision.clone(),
                Held::StatefulSet(_) | Held::DaemonSet(_) => shared::revision(&workload.present().written),
            },
            object: workload.key.clone(),
            epoch: workload.epoch,
            replicas: workload.held.replicas(),
            live,
            available,
            observed: workload.held.observed(),
            // In the simulation nobody applies beside the rollout, so nothing resets a count.
            count_owned: true,
            autoscaler: scaler.map(|scaler| rollout::Autoscaler {
                key: ObjectKey {
                    api_version: "autoscaling/v2".to_owned(),
                    kind: "HorizontalPodAutoscaler".to_owned(),
                    name: scaler.name.clone(),
                    ..workload.key.clone()
                },
                epoch: scaler.epoch,
                bounds: scaler.bounds(),
                bounds_owned: true,
            }),
            failure: None,
            shared: self.observe_shared(index, epoch),
        }
    }

    /// Does what was decided. A write whose condition does not hold any more does nothing: the next look
    /// decides again, as after a conflict on a cluster.
    fn execute(&mut self, index: usize, write: &Write) {
        match write {
            Write::Apply { object } => self.apply(index, *object, None),
            Write::Birth { object, epoch } => self.apply(index, *object, Some(*epoch)),
            Write::Own { .. } => {}
            Write::Stamp { object, from, to } => {
                let deployment = self.workloads.iter_mut().find(|w| &w.key == object).map(|w| &mut w.epoch);
                let scaler = self.autoscalers.iter_mut().find(|a| a.is(object)).map(|a| &mut a.epoch);
                if let Some(stamp) = deployment.or(scaler).filter(|stamp| *stamp == from) {
                    *stamp = Some(*to);
                }
            }
            Write::Scale { object, epoch, from, to } => {
                let holds = |w: &crate::cluster::Workload| {
                    &w.key == object && w.epoch == Some(*epoch) && w.held.replicas() == *from
                };
                if let Some(workload) = self.workloads.iter().position(holds) {
                    self.wrote(index, format!("{} from {from} to {to} pods", object.name));
                    self.scale(workload, *to);
                }
            }
            Write::Bound { autoscaler, epoch, from, to } => {
                let holds =
                    |a: &Autoscaler| a.is(autoscaler) && a.epoch == Some(*epoch) && a.bounds() == *from;
                if let Some(scaler) = self.autoscalers.iter().position(holds) {
                    self.autoscalers[scaler].set_bounds(*to);
                    self.stir_autoscaler(scaler);
                    let said = format!("{} between {} and {} pods", autoscaler.name, to.min, to.max);
                    self.wrote(index, said);
                }
            }
            Write::Partition { object, epoch, from, to } => {
                if self.set_partition(object, *epoch, *from, *to) {
                    self.wrote(index, format!("{} from member {from} to member {to}", object.name));
                }
            }
            Write::Template { object, epoch, revision } => {
                if self.exchange(index, object, *epoch, revision) {
                    self.wrote(index, format!("{object} is of revision {revision}"));
                }
            }
            Write::Replace { pod, uid, .. } => {
                if self.replace(uid) {
                    self.wrote(index, format!("{pod} is replaced"));
                }
            }
            Write::Remove { object, .. } => self.remove(object),
            Write::Record(record) => self.record(index, record),
        }
    }

    /// Puts an object of the plan into the cluster; a Deployment is born without pods.
    fn apply(&mut self, index: usize, object: usize, epoch: Option<u64>) {
        let Some((object, value)) = self.rollouts[index].wanted.get(object).cloned() else { return };
        let key = object.key();
        let scaled = matches!(key.kind.as_str(), "Deployment" | "HorizontalPodAutoscaler");
        let said = if scaled && epoch.is_some() { "born" } else { "applied" };
        self.wrote(index, format!("{key} is {said}"));
        self.applied.insert(key.clone(), value);
        let there = self.workloads.iter().position(|w| w.key == key && !w.removed);
        let manifest = match there {
            Some(_) => object.manifest.clone(),
            None => Manifest::read(&newborn(object)).expect("what is created is of its kind"),
        };
        if let Some(controller) = Controller::of(&manifest) {
            if let Some(workload) = there {
                self.update(workload, &controller);
            } else {
                let workload = self.add_workload(&controller, key, 0);
                self.workloads[workload].epoch = epoch;
                self.adopt(workload);
                let desk = self.workloads[workload].desk;
                self.look_soon(desk);
            }
        }
        if let Manifest::HorizontalPodAutoscaler(autoscaler) = &object.manifest {
            let added = self.add_autoscaler(autoscaler);
            self.autoscalers[added].epoch = epoch.or(self.autoscalers[added].epoch);
            let period_ns = self.world.figures.autoscaler.sync_period_ns;
            self.autoscale_at(added, self.clock.now_ns() + period_ns);
        }
        self.apply_clock(object);
        self.serve();
    }

    fn remove(&mut self, object: &ObjectKey) {
        self.applied.remove(object);
        for index in 0..self.autoscalers.len() {
            if self.autoscalers[index].is(object) {
                self.autoscalers[index].removed = true;
                self.stir_autoscaler(index);
            }
        }
        if let Some(workload) = self.workloads.iter().position(|w| &w.key == object && !w.removed) {
            self.workloads[workload].removed = true;
            self.scale(workload, 0);
        }
    }

    fn record(&mut self, index: usize, record: &Release) {
        let before = self.rollouts[index].record.replace(record.clone());
        let said = record.failed.clone().or_else(|| entered(before.as_ref(), record));
        if let Some(said) = said {
            self.step(index, said);
        }
    }
}

/// What a record says that the one before did not; an answer that changes nothing else is no step.
fn entered(before: Option<&Release>, record: &Release) -> Option<String> {
    let said = match record.stage {
        Stage::Prepare => "objects".to_owned(),
        Stage::Shift { batch, replicas } => {
            let target = record.batch_target(batch, replicas);
            format!("batch {} begins: {target} of {replicas} pods", batch + 1)
        }
        Stage::Hold { batch, .. } => {
            let asked = before.is_some_and(|before| before.verifying.is_some());
            let verified = before.is_some_and(|before| before.verified_batches < record.verified_batches);
            match &record.verifying {
                Some(_) if asked => return None,
                Some(_) => format!("batch {} is being verified", batch + 1),
                None if verified => format!("batch {} is verified", batch + 1),
                None => format!("batch {} is complete", batch + 1),
            }
        }
        Stage::Finish => "every pod is of the new revision".to_owned(),
        Stage::Done => "the plan is what runs".to_owned(),
        Stage::Back { replicas } => format!("back to the previous revision: {replicas} pods"),
        Stage::Cancel => "aborted before any pod has moved".to_owned(),
        Stage::Aborted => "the previous revision has every pod again".to_owned(),
    };
    Some(said)
}

impl Autoscaler {
    fn is(&self, key: &ObjectKey) -> bool {
        !self.removed && key.kind == "HorizontalPodAutoscaler" && key.name == self.name
    }
}
