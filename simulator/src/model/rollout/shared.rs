//! Releases of every `StatefulSet` and `DaemonSet`, whose revisions share one object: their pods one by one, and what is
//! written to them.

use compiler::lower::REVISION;
use compiler::object::{Manifest, ObjectKey};
use compiler::plan::rollout::{Member, MemberState, Shared};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::cluster::{Held, Phase};
use crate::model::controller::Controller;
use crate::run::Run;

impl Run<'_> {
    /// What only a set has; nothing for a Deployment.
    pub(super) fn observe_shared(&self, workload: usize, epoch: u64) -> Option<Shared> {
        let state = &self.workloads[workload];
        if let Held::Deployment { .. } = state.held {
            return None;
        }
        let partition = state.held.partition().unwrap_or(0);
        let pods = state.pods.iter().chain(&state.ending);
        let mut members: Vec<Member> = pods.map(|pod| self.member(*pod, epoch)).collect();
        members.sort_by(|a, b| (a.ordinal, &a.node, &a.uid).cmp(&(b.ordinal, &b.node, &b.uid)));
        let template = serde_json::to_value(&state.present().written).expect("a template serialises");
        Some(Shared { template, partition: u32::try_from(partition).unwrap_or(0), members })
    }

    fn member(&self, number: u32, epoch: u64) -> Member {
        let pod = &self.pods[number as usize];
        let owner = &self.workloads[pod.workload];
        let now = self.clock.now_ns().cast_signed();
        let available_ns = self.pod_seen(number).available_ns(owner.held.min_ready_s());
        let node = pod.node.or(pod.pinned).map(|node| &self.nodes[node]);
        Member {
            pod: ObjectKey {
                api_version: "v1".to_owned(),
                kind: "Pod".to_owned(),
                name: format!("{}-{number}", owner.key.name),
                ..owner.key.clone()
            },
            uid: number.to_string(),
            // In the simulation nobody else writes beside the rollout, so every stamp is its own.
            epoch: Some(epoch),
            revision: revision(&owner.revisions[pod.revision as usize].written),
            ordinal: if matches!(owner.held, Held::StatefulSet(_)) { pod.place } else { 0 },
            reachable: node.is_none_or(|node| node.left_ns.is_none()),
            node: node.map(|node| node.name.clone()).unwrap_or_default(),
            state: match pod.phase {
                _ if pod.terminating => MemberState::Terminating,
                _ if pod.ready && available_ns <= now => MemberState::Available,
                Phase::Running | Phase::Restarting => MemberState::Running,
                Phase::Pending | Phase::Starting | Phase::Gone => MemberState::Starting,
            },
        }
    }

    /// Somebody changes the partition.
    pub(super) fn set_partition(&mut self, object: &ObjectKey, epoch: u64, from: u32, to: u32) -> bool {
        let holds = |workload: &&mut crate::cluster::Workload| {
            &workload.key == object && workload.epoch == Some(epoch) && !workload.removed
        };
        let Some(workload) = self.workloads.iter_mut().find(holds) else { return false };
        let desk = workload.desk;
        let Held::StatefulSet(set) = &mut workload.held else { return false };
        let Some(rolling) =
            set.spec.rolling.as_mut().filter(|rolling| rolling.partition.cast_unsigned() == from)
        else {
            return false;
        };
        rolling.partition = to.cast_signed();
        set.generation += 1;
        self.look_soon(desk);
        true
    }

    /// A set gets the template of a revision: the plan's, or the one that the record keeps.
    pub(super) fn exchange(&mut self, index: usize, object: &ObjectKey, epoch: u64, revision: &str) -> bool {
        let rollout = &self.rollouts[index];
        let wanted = rollout.wanted.iter().find(|(wanted, _)| &wanted.key() == object);
        let (Some((wanted, value)), Some(record)) = (wanted.cloned(), &rollout.record) else { return false };
        let holds = |workload: &crate::cluster::Workload| {
            &workload.key == object && workload.epoch == Some(epoch) && !workload.removed
        };
        let Some(workload) = self.workloads.iter().position(holds) else { return false };
        let mut manifest = wanted.manifest.clone();
        if revision == record.plan.revision {
            self.applied.insert(object.clone(), value);
        } else {
            let kept = record.previous_template.clone().unwrap_or_default();
            let Ok(template) = serde_json::from_value(kept) else { return false };
            put_back(&mut manifest, revision, template);
            self.applied.insert(object.clone(), String::new());
        }
        if let Some(controller) = Controller::of(&manifest) {
            self.update(workload, &controller);
        }
        self.serve();
        true
    }

    /// A pod is deleted so that its controller makes it again.
    pub(super) fn replace(&mut self, uid: &str) -> bool {
        let there = |pod: &u32| self.pods[*pod as usize].phase != Phase::Gone;
        let Some(pod) = uid.parse().ok().filter(there) else { return false };
        self.end_pod(pod);
        true
    }
}

/// The revision that a template is of.
pub(super) fn revision(template: &PodTemplateSpec) -> String {
    let labels = template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
    labels.and_then(|labels| labels.get(REVISION).cloned()).unwrap_or_default()
}

/// Another template, and the revision that it is of.
fn put_back(manifest: &mut Manifest, revision: &str, template: PodTemplateSpec) {
    let label = |metadata: &mut ObjectMeta| {
        metadata.labels.get_or_insert_default().insert(REVISION.to_owned(), revision.to_owned());
    };
    if let Manifest::StatefulSet(set) = manifest {
        label(&mut set.metadata);
        set.spec.get_or_insert_default().template = template;
    } else if let Manifest::DaemonSet(set) = manifest {
        label(&mut set.metadata);
        set.spec.get_or_insert_default().template = template;
    }
}
