//! What exists in the simulated cluster: components, Deployments, pods and nodes.

use std::collections::BTreeSet;

use compiler::object::ObjectKey;
use k8s_openapi::api::core::v1::PodTemplateSpec;

use crate::model::balancer::Balancer;
use crate::model::call::Edge;
use crate::model::custom_metrics::Reading;
use crate::model::metrics::{Measured, Scraped};
use crate::model::readiness_gate::Gate;
use crate::model::restart::Restarts;
use crate::model::template::Template;
use crate::model::workloads::daemon_nodes::Demands;
use crate::model::workloads::daemon_set::DaemonSet;
use crate::model::workloads::deployment::Deployment;
use crate::model::workloads::replica_set::{Counts, ReplicaSet};
use crate::model::workloads::stateful_set::StatefulSet;

/// One component: the Deployments of its revisions behind its Service.
#[derive(Clone, Debug, Default)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// The index of its service model.
    pub service: Option<usize>,
    /// The indices of its workloads.
    pub workloads: Vec<usize>,
    /// Pods that the balancers know as ready.
    pub endpoints: Vec<u32>,
    /// How requests are spread over them.
    pub balancer: Balancer,
    /// What its requests call, in order.
    pub calls: Vec<Edge>,
    /// CPU used by pods that are gone, in milli-core nanoseconds.
    pub used_by_gone: u64,
    /// Money spent on ECI pods that are gone, in nano-yuan.
    pub spent_on_gone: u64,
    /// How many of its pods have a node.
    pub placed: u32,
    /// Those of them that run on ECI.
    pub on_eci: BTreeSet<u32>,
    /// What was scraped of its pods together.
    pub reading: Option<Reading>,
}

/// One workload: a Deployment, a `StatefulSet` or a `DaemonSet`.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its key.
    pub key: ObjectKey,
    /// The index of its component.
    pub component: usize,
    /// The value of its revision label.
    pub revision: String,
    /// The object as the API server holds it.
    pub held: Held,
    /// Where its controller keeps it: an index.
    pub desk: usize,
    /// Its pod templates, by their numbers; the present one is among them.
    pub revisions: Vec<Revision>,
    /// Its pods that do not terminate; the oldest have the lowest numbers.
    pub pods: BTreeSet<u32>,
    /// Its pods that terminate and are not gone.
    pub ending: BTreeSet<u32>,
    /// The rollout's stamp.
    pub epoch: Option<u64>,
    /// Deleted by a rollout.
    pub removed: bool,
}

/// The object of a workload.
#[derive(Clone, Debug)]
pub enum Held {
    /// A Deployment with its `ReplicaSet`s.
    Deployment {
        /// The Deployment.
        deployment: Deployment,
        /// Its sets, oldest first.
        sets: Vec<ReplicaSet>,
    },
    /// A `StatefulSet`.
    StatefulSet(StatefulSet),
    /// A `DaemonSet`.
    DaemonSet(DaemonSet),
}

/// One pod template of a workload.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The template as it is written.
    pub written: PodTemplateSpec,
    /// The same in numbers.
    pub template: Template,
    /// What its pods are to the scheduler: an index.
    pub shape: usize,
    /// What it says about a daemon's nodes.
    pub demands: Demands,
    /// Whether a Service selects its pods.
    pub served: bool,
    /// What keeps them from being ready once their containers are.
    pub gate: Gate,
    /// Where the controller of its `ReplicaSet` keeps that: an index.
    pub desk: Option<usize>,
    /// How many of its pods there are.
    pub counts: Counts,
}

impl Workload {
    /// The template that its spec says.
    pub fn present(&self) -> &Revision {
        let template = match &self.held {
            Held::Deployment { deployment, .. } => deployment.spec.template,
            Held::StatefulSet(set) => set.spec.template,
            Held::DaemonSet(set) => set.spec.template,
        };
        &self.revisions[template as usize]
    }

    /// The template that a pod of it was made of.
    pub fn template(&self, pod: &Pod) -> &Template {
        &self.revisions[pod.revision as usize].template
    }
}

impl Held {
    /// `spec.replicas`; the nodes that are to have a pod, for a daemon.
    pub fn replicas(&self) -> u32 {
        let replicas = match self {
            Self::Deployment { deployment, .. } => deployment.spec.replicas,
            Self::StatefulSet(set) => set.spec.replicas,
            Self::DaemonSet(set) => set.status.desired,
        };
        u32::try_from(replicas).unwrap_or(0)
    }

    /// `status.replicas` and `status.availableReplicas`.
    pub fn status(&self) -> (u32, u32) {
        let (replicas, available) = match self {
            Self::Deployment { deployment, .. } => (deployment.status.replicas, deployment.status.available),
            Self::StatefulSet(set) => (set.status.replicas, set.status.available),
            Self::DaemonSet(set) => (set.status.current, set.status.available),
        };
        (replicas.unsigned_abs(), available.unsigned_abs())
    }

    /// Whether its controller has seen the present spec.
    pub fn observed(&self) -> bool {
        match self {
            Self::Deployment { deployment, .. } => {
                deployment.status.observed_generation >= deployment.generation
            }
            Self::StatefulSet(set) => set.status.observed_generation >= set.generation,
            Self::DaemonSet(set) => set.status.observed_generation >= set.generation,
        }
    }

    /// The `ReplicaSet` of a template.
    pub fn set(&self, template: u32) -> Option<&ReplicaSet> {
        let Self::Deployment { sets, .. } = self else { return None };
        sets.iter().find(|set| set.template == template)
    }

    /// The same, to change.
    pub fn set_mut(&mut self, template: u32) -> Option<&mut ReplicaSet> {
        let Self::Deployment { sets, .. } = self else { return None };
        sets.iter_mut().find(|set| set.template == template)
    }
}

/// Where a pod stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It has no node.
    Pending,
    /// It has a node, and its container does not run yet.
    Starting,
    /// Its container runs.
    Running,
    /// Its container was killed, and starts again.
    Restarting,
    /// It does not exist any more.
    Gone,
}

/// One pod.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all combinations occur")]
#[derive(Clone, Debug)]
pub struct Pod {
    /// The index of its workload.
    pub workload: usize,
    /// What it is to the scheduler: an index.
    pub shape: usize,
    /// The number of the template that it was made of.
    pub revision: u32,
    /// Its ordinal in a `StatefulSet`, the number of its node in a `DaemonSet`.
    pub place: u32,
    /// The only node that it may go to: a daemon's.
    pub pinned: Option<usize>,
    /// Its UID: what decides where a `ReplicaSet` has no reason to prefer one pod.
    pub uid: u64,
    /// Where it stands.
    pub phase: Phase,
    /// The index of its node.
    pub node: Option<usize>,
    /// When it was created.
    pub created_ns: u64,
    /// When its node took it: `status.startTime`. Negative for what ran before the run began.
    pub start_time_ns: i64,
    /// When its container started.
    pub running_ns: i64,
    /// Its readiness probe succeeds.
    pub ready: bool,
    /// It has been ready for `minReadySeconds`, in a Deployment.
    pub available: bool,
    /// When its readiness changed last.
    pub transition_ns: i64,
    /// It has been deleted and drains.
    pub terminating: bool,
    /// It takes new requests; an ending pod stops after its preStop hook.
    pub accepting: bool,
    /// What metrics-server knows of it.
    pub metric: Option<Measured>,
    /// What was scraped of its requests.
    pub reading: Option<Reading>,
    /// What metrics-server knows of its container.
    pub scraped: Scraped,
    /// How often its container was started again.
    pub restarts: Restarts,
    /// When ECI began to bill it, if it runs there.
    pub eci_from_ns: Option<u64>,
    /// When it was gone.
    pub gone_ns: Option<u64>,
    /// ECI has said that it takes it back.
    pub reclaimed: bool,
}

/// One node, the virtual one included, as far as the kubelet knows it.
#[derive(Clone, Debug)]
pub struct NodeState {
    /// Its name.
    pub name: String,
    /// Whether it is the virtual node.
    pub is_virtual: bool,
    /// Whether it runs Windows.
    pub is_windows: bool,
    /// The index of its pool; `None` for the virtual node.
    pub pool: Option<usize>,
    /// What pods may request, in thousandths of a core.
    pub cpu_milli: u64,
    /// What pods may request, in bytes.
    pub memory_bytes: u64,
    /// How many pods it takes: the quota, for the virtual node.
    pub pods_max: u32,
    /// What its pods request, in thousandths of a core.
    pub cpu_requested: u64,
    /// What its pods request, in bytes.
    pub memory_requested: u64,
    /// Its pods, terminating ones included.
    pub pods: Vec<u32>,
    /// The images that it has.
    pub images: BTreeSet<String>,
    /// When its last pull ends.
    pub pull_free_ns: u64,
    /// When its bill began.
    pub billed_from_ns: u64,
    /// Since when the cluster autoscaler has thought that nobody needs it.
    pub unneeded_ns: Option<u64>,
    /// It takes no pods any more, and those that it had are evicted.
    pub is_closed: bool,
    /// When it left, if it did.
    pub left_ns: Option<u64>,
}

impl NodeState {
    /// Whether it waits for its last pods to go.
    pub fn is_draining(&self) -> bool {
        self.is_closed && self.left_ns.is_none()
    }
}
