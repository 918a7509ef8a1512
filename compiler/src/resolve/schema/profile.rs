//! The figures of a profile that operators may write themselves.

use super::{NodeType, field, one};
use crate::app::ProfileName;
use crate::resolve::form::Form;

/// The figures of the simulation, in a cluster.
pub static PROFILE: NodeType = NodeType {
    name: "profile",
    docs: "Which start times, rates and prices the simulation uses: `ack-docs` keeps the vendor's documents and upstream's \
           code, `article-2020` the slow nodes and hourly bills of an older sale. What is written inside wins, and the \
           report of a run names it. `specc explain MECHANISM` has each figure with its source.",
    arguments: &[one("name", Form::Word(ProfileName::WORDS))],
    children: &[
        &NODE_START,
        &NODE_START_SPREAD,
        &NODE_BATCH,
        &NODE_SCAN,
        &NODE_UNNEEDED,
        &NODE_UTILISATION,
        &NODE_PRICE,
        &NODE_BILLING_STEP,
        &NODE_BILLING_MIN,
        &PODS_PER_NODE,
        &CONTAINER_START,
        &IMAGE_SIZE,
        &PULL_RATE,
        &WINDOWS_PULL_RATE,
        &ENDPOINT_DELAY,
        &BALANCER_DELAY,
        &BALANCER_DELAY_SPREAD,
        &ECI_PER_MINUTE,
        &ECI_BURST,
        &ECI_START,
        &ECI_START_CACHED,
        &ECI_CACHE_DELAY,
        &ECI_VCPU_PRICE,
        &ECI_MEMORY_PRICE,
        &ECI_SPOT_PRICE,
        &ECI_SPOT_RECLAIM,
        &CONTROLLER_RATE,
        &CONTROLLER_BURST,
        &HOUSEKEEPING,
        &METRICS_RESOLUTION,
        &AUTOSCALER_SYNC,
        &AUTOSCALER_TOLERANCE,
        &AUTOSCALER_DOWNSCALE,
        &AUTOSCALER_CPU_INITIALIZATION,
        &AUTOSCALER_INITIAL_READINESS,
    ],
    many: false,
};

const COUNT: Form = Form::Integer { min: 1, max: 1_000_000 };

static NODE_START: NodeType = field(
    "node-start",
    "The least time from the decision to add nodes to nodes that take pods.",
    &[one("duration", Form::Duration)],
);
static NODE_START_SPREAD: NodeType = field(
    "node-start-spread",
    "How much longer a batch of nodes may take, each time equally likely.",
    &[one("duration", Form::Duration)],
);
static NODE_BATCH: NodeType =
    field("node-batch", "How many nodes of one decision come together.", &[one("nodes", COUNT)]);
static NODE_SCAN: NodeType = field(
    "node-scan",
    "The time between two looks of the cluster autoscaler.",
    &[one("duration", Form::Duration)],
);
static NODE_UNNEEDED: NodeType = field(
    "node-unneeded",
    "How long a node must be little used before it goes, and how long after the last new one none goes.",
    &[one("duration", Form::Duration)],
);
static NODE_UTILISATION: NodeType = field(
    "node-utilisation",
    "A node of which less is requested is little used.",
    &[one("share", Form::Percent { max: 100 })],
);
static NODE_PRICE: NodeType =
    field("node-price", "A vCPU of a node with its memory, in CNY an hour.", &[one("price", Form::Number)]);
static NODE_BILLING_STEP: NodeType = field(
    "node-billing-step",
    "A node's time is billed in steps of so much, rounded up.",
    &[one("duration", Form::Duration)],
);
static NODE_BILLING_MIN: NodeType = field(
    "node-billing-min",
    "The least time that a node is billed for.",
    &[one("duration", Form::Duration)],
);
static PODS_PER_NODE: NodeType = field("pods-per-node", "Pods that a node takes.", &[one("pods", COUNT)]);
static CONTAINER_START: NodeType = field(
    "container-start",
    "From a pod's node to its running container, once the image is there.",
    &[one("duration", Form::Duration)],
);
static IMAGE_SIZE: NodeType = field(
    "image-size",
    "What is pulled of an image whose size the scenario does not say.",
    &[one("bytes", Form::Memory)],
);
static PULL_RATE: NodeType =
    field("pull-rate", "What a node of Linux pulls and unpacks in a second.", &[one("bytes", Form::Memory)]);
static WINDOWS_PULL_RATE: NodeType = field(
    "windows-pull-rate",
    "What a node of Windows pulls and unpacks in a second.",
    &[one("bytes", Form::Memory)],
);
static ENDPOINT_DELAY: NodeType = field(
    "endpoint-delay",
    "From a pod's readiness to what every kube-proxy knows of it, and the same for its end.",
    &[one("duration", Form::Duration)],
);
static BALANCER_DELAY: NodeType = field(
    "balancer-delay",
    "The least time from there to a load balancer that sends requests to the pod itself, such as one on ECI.",
    &[one("duration", Form::Duration)],
);
static BALANCER_DELAY_SPREAD: NodeType = field(
    "balancer-delay-spread",
    "How much longer that may take, each time equally likely.",
    &[one("duration", Form::Duration)],
);
static ECI_PER_MINUTE: NodeType =
    field("eci-per-minute", "ECI pods created in a minute, after a burst.", &[one("pods", COUNT)]);
static ECI_BURST: NodeType = field("eci-burst", "ECI pods created at once.", &[one("pods", COUNT)]);
static ECI_START: NodeType = field(
    "eci-start",
    "From the creation of an ECI pod without an image cache to its running container.",
    &[one("duration", Form::Duration)],
);
static ECI_START_CACHED: NodeType =
    field("eci-start-cached", "The same with an image cache.", &[one("duration", Form::Duration)]);
static ECI_CACHE_DELAY: NodeType = field(
    "eci-cache-delay",
    "From the first pull of an image on ECI to its image cache.",
    &[one("duration", Form::Duration)],
);
static ECI_VCPU_PRICE: NodeType =
    field("eci-vcpu-price", "A vCPU of ECI, in CNY an hour.", &[one("price", Form::Number)]);
static ECI_MEMORY_PRICE: NodeType =
    field("eci-memory-price", "A GiB of ECI, in CNY an hour.", &[one("price", Form::Number)]);
static ECI_SPOT_PRICE: NodeType = field(
    "eci-spot-price",
    "What a spot pod of ECI costs of the full price.",
    &[one("share", Form::Percent { max: 100 })],
);
static ECI_SPOT_RECLAIM: NodeType = field(
    "eci-spot-reclaim",
    "The chance that a spot pod past its protection is taken back at a check, every five minutes; never unless told.",
    &[one("chance", Form::Percent { max: 100 })],
);
static CONTROLLER_RATE: NodeType = field(
    "controller-rate",
    "Writes a second of each controller of the kube-controller-manager.",
    &[one("writes", COUNT)],
);
static CONTROLLER_BURST: NodeType =
    field("controller-burst", "Writes that such a controller may make at once.", &[one("writes", COUNT)]);
static HOUSEKEEPING: NodeType = field(
    "housekeeping",
    "A kubelet looks at what a container uses after once to twice so long.",
    &[one("duration", Form::Duration)],
);
static METRICS_RESOLUTION: NodeType = field(
    "metrics-resolution",
    "Time between two scrapes of metrics-server.",
    &[one("duration", Form::Duration)],
);
static AUTOSCALER_SYNC: NodeType = field(
    "autoscaler-sync",
    "Time between two looks of the HPA controller: `--horizontal-pod-autoscaler-sync-period`.",
    &[one("duration", Form::Duration)],
);
static AUTOSCALER_TOLERANCE: NodeType = field(
    "autoscaler-tolerance",
    "How far usage may be from its target: `--horizontal-pod-autoscaler-tolerance`.",
    &[one("share", Form::Percent { max: 100 })],
);
static AUTOSCALER_DOWNSCALE: NodeType = field(
    "autoscaler-downscale",
    "The time whose highest count the autoscaler keeps, unless its object says another: \
     `--horizontal-pod-autoscaler-downscale-stabilization`.",
    &[one("duration", Form::Duration)],
);
static AUTOSCALER_CPU_INITIALIZATION: NodeType = field(
    "autoscaler-cpu-initialization",
    "How long after a pod's start its CPU counts only once it has been ready for a whole window: \
     `--horizontal-pod-autoscaler-cpu-initialization-period`.",
    &[one("duration", Form::Duration)],
);
static AUTOSCALER_INITIAL_READINESS: NodeType = field(
    "autoscaler-initial-readiness",
    "How long after a pod's start a change of its readiness is taken for the first one: \
     `--horizontal-pod-autoscaler-initial-readiness-delay`.",
    &[one("duration", Form::Duration)],
);
