//! The nodes of the `platform` document.

use super::container::{CPU_QUANTITY, MEMORY_QUANTITY};
use super::dns::CLUSTER_DNS;
use super::isolation::{ENTRY, ENVIRONMENT_QUOTA, FREEZE, ISOLATION, POD_NETWORK, POD_SECURITY, ZONES};
use super::profile::PROFILE;
use super::watch::{CLUSTER_LOGS, MONITORING, NODE_PROBLEM_DETECTOR, RECEIVER};
use super::workload::BUILD;
use super::{Argument, ArgumentCount, NodeType, field, one};
use crate::app::{Addon, BUILD_NAMES};
use crate::resolve::form::Form;

/// A platform.
pub static PLATFORM: NodeType = NodeType {
    name: "platform",
    docs: "What operators declare: clusters, and what each environment may do on them.",
    arguments: &[one("name", Form::Name)],
    children: &[&CLUSTER, &ENVIRONMENT, &KUBECTL, &RECEIVER],
    many: true,
};

static CLUSTER: NodeType = NodeType {
    name: "cluster",
    docs: "A Kubernetes cluster.",
    arguments: &[one("name", Form::Name)],
    children: &[
        &KUBERNETES,
        &PROVIDER,
        &CONTEXT,
        &POOL,
        &VIRTUAL_NODE,
        &INSTALLED,
        &PROFILE,
        &POD_NETWORK,
        &CLUSTER_DNS,
        &CLUSTER_LOGS,
        &MONITORING,
        &NODE_PROBLEM_DETECTOR,
    ],
    many: true,
};

static KUBERNETES: NodeType =
    field("kubernetes", "Its version, such as \"1.34\".", &[one("version", Form::KubernetesVersion)]);

static PROVIDER: NodeType = field(
    "provider",
    "Whose cluster it is: `ack` for a managed Pro cluster of Alibaba Cloud, `kubernetes` for any.",
    &[one("name", Form::Word(&["ack", "kubernetes"]))],
);

static CONTEXT: NodeType =
    field("context", "The kubeconfig context that reaches it.", &[one("name", Form::Text)]);

static POOL: NodeType = NodeType {
    name: "pool",
    docs: "A pool of like nodes.",
    arguments: &[one("name", Form::Name)],
    children: &[&CPU_QUANTITY, &MEMORY_QUANTITY, &NODES, &POOL_MAX, &ZONES, &POOL_OS, &BUILD, &UPGRADE],
    many: true,
};

static NODES: NodeType =
    field("nodes", "How many nodes it has.", &[one("count", Form::Integer { min: 0, max: 15_000 })]);

static POOL_MAX: NodeType = field(
    "max",
    "How many nodes it may grow to; as many as it has unless told.",
    &[one("count", Form::Integer { min: 0, max: 15_000 })],
);

static POOL_OS: NodeType = field(
    "os",
    "What its nodes run; `linux` unless told.",
    &[one("name", Form::Word(&["linux", "windows"]))],
);

static UPGRADE: NodeType = NodeType {
    name: "upgrade",
    docs: "The build of Windows that the pool is on the way to, and its nodes that have it already. Components that ask \
           for no certain build move to it, each as a release of its own, where all their containers have an image of \
           that base. At the end it becomes the pool's `build`, which changes no object.",
    arguments: &[one("build", Form::Word(BUILD_NAMES))],
    children: &[&UPGRADED_NODES, &POOL_MAX],
    many: false,
};

static UPGRADED_NODES: NodeType = field(
    "nodes",
    "How many nodes have that build, beside those of the pool.",
    &[one("count", Form::Integer { min: 1, max: 15_000 })],
);

static VIRTUAL_NODE: NodeType = NodeType {
    name: "virtual-node",
    docs: "The virtual node behind which ECI pods run.",
    arguments: &[one("name", Form::Name)],
    children: &[&QUOTA],
    many: false,
};

static QUOTA: NodeType = field(
    "quota",
    "How many ECI pods may run at a time.",
    &[one("pods", Form::Integer { min: 0, max: 1_000_000 })],
);

static KUBECTL: NodeType = NodeType {
    name: "kubectl",
    docs: "What jobs that change objects run, such as those that scale by the clock where cronhpa is not installed.",
    arguments: &[],
    children: &[&KUBECTL_IMAGE],
    many: false,
};

static KUBECTL_IMAGE: NodeType =
    field("image", "An image that has `kubectl` on its path.", &[one("reference", Form::Text)]);

static INSTALLED: NodeType = NodeType {
    name: "installed",
    docs: "Something that operators have installed in the cluster, which specc may make objects for.",
    arguments: &[one("name", Form::Word(Addon::WORDS))],
    children: &[&TIME_ZONE, &ENTRY],
    many: true,
};

static TIME_ZONE: NodeType = field(
    "time-zone",
    "The time zone its process runs in, which schedules without one of their own mean.",
    &[one("name", Form::TimeZone)],
);

static ENVIRONMENT: NodeType = NodeType {
    name: "environment",
    docs: "What an environment of that name may do, and where.",
    arguments: &[one("name", Form::Name)],
    children: &[&ENVIRONMENT_CLUSTER, &ECI, &ISOLATION, &POD_SECURITY, &ENVIRONMENT_QUOTA, &FREEZE],
    many: true,
};

static ENVIRONMENT_CLUSTER: NodeType = NodeType {
    name: "cluster",
    docs: "The clusters it runs on.",
    arguments: &[Argument { name: "names", form: Form::Reference, count: ArgumentCount::Several }],
    children: &[],
    many: true,
};

static ECI: NodeType = field(
    "eci",
    "Whether its pods may run on ECI; `deny` unless told.",
    &[one("mode", Form::Word(&["allow", "deny"]))],
);
