//! What exists in the simulated cluster: components, Deployments, pods and nodes.

use std::collections::BTreeSet;

use compiler::object::ObjectKey;

use crate::model::autoscaler::look::Sample;
use crate::model::balancer::Balancing;
use crate::model::template::Template;

/// One component: the Deployments of its revisions behind its Service.
#[derive(Clone, Debug, Default)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// The index of its service model.
    pub service: Option<usize>,
    /// Pods that the balancers know as ready.
    pub endpoints: Vec<u32>,
    /// How requests are spread over them.
    pub balancing: Balancing,
    /// The endpoint that is next in a round.
    pub turn: u32,
    /// CPU used by pods that are gone, in milli-core nanoseconds.
    pub used_by_gone: u64,
    /// Money spent on ECI pods that are gone, in nano-yuan.
    pub spent_on_gone: u64,
}

/// One workload: a Deployment, a `StatefulSet` or a `DaemonSet`.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all combinations occur")]
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its key.
    pub key: ObjectKey,
    /// The index of its component.
    pub component: usize,
    /// The value of its revision label.
    pub revision: String,
    /// What its pods look like.
    pub template: Template,
    /// What its pods are to the scheduler: an index.
    pub shape: usize,
    /// Whether it has one pod on each node that takes it.
    pub by_node: bool,
    /// Whether a Service selects its pods.
    pub served: bool,
    /// `spec.replicas`.
    pub replicas: u32,
    /// Its pods that do not terminate, oldest first.
    pub pods: Vec<u32>,
    /// Its pods that terminate and are not gone.
    pub ending: Vec<u32>,
    /// The rollout's stamp.
    pub epoch: Option<u64>,
    /// Whether its controller has seen the present spec.
    pub observed: bool,
    /// Whether a look of its controller is on the way.
    pub look_due: bool,
    /// Deleted by a rollout.
    pub removed: bool,
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
    /// It does not exist any more.
    Gone,
}

/// One pod.
#[derive(Clone, Debug)]
pub struct Pod {
    /// The index of its Deployment.
    pub workload: usize,
    /// What it is to the scheduler: an index.
    pub shape: usize,
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
    /// When that changed last.
    pub transition_ns: i64,
    /// It has been deleted and drains.
    pub terminating: bool,
    /// It takes new requests; an ending pod stops after its preStop hook.
    pub accepting: bool,
    /// What metrics-server knows of it.
    pub metric: Option<Sample>,
    /// Its CPU use at the last scrape, in milli-core nanoseconds.
    pub scraped_usage: u64,
    /// The time of that scrape.
    pub scraped_ns: i64,
    /// When ECI began to bill it.
    pub billed_from_ns: u64,
}

/// One node, the virtual one included, as far as the kubelet knows it.
#[derive(Clone, Debug)]
pub struct NodeState {
    /// Its name.
    pub name: String,
    /// Whether it is the virtual node.
    pub is_virtual: bool,
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
}
