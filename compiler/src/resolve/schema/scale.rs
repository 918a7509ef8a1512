//! The nodes of how many pods a component has, and where they may run.

use super::{NodeType, field, one};
use crate::resolve::form::Form;

pub(super) static SCALE: NodeType = NodeType {
    name: "scale",
    docs: "Between two counts, by what is measured and by the clock; the metric that asks for most decides.",
    arguments: &[],
    children: &[
        &MIN,
        &MAX,
        &CPU_TARGET,
        &MEMORY_TARGET,
        &CONTAINER_METRIC,
        &PODS_METRIC,
        &OBJECT_METRIC,
        &EXTERNAL_METRIC,
        &BEHAVIOR,
        &CRON,
    ],
    many: false,
};

static MIN: NodeType = field(
    "min",
    "The least number of pods; 1 unless told.",
    &[one("replicas", Form::Integer { min: 0, max: 100_000 })],
);

static MAX: NodeType =
    field("max", "The greatest number of pods.", &[one("replicas", Form::Integer { min: 1, max: 100_000 })]);

static CPU_TARGET: NodeType = field(
    "cpu",
    "The mean CPU use to keep: a share of the request, such as \"60%\", or thousandths of a core a pod, such as \
     \"300m\". Where no metric is written, 60%.",
    &[one("target", Form::CpuTarget)],
);

static MEMORY_TARGET: NodeType = field(
    "memory",
    "The mean memory use to keep: a share of the request, such as \"80%\", or bytes a pod, such as \"600Mi\".",
    &[one("target", Form::MemoryTarget)],
);

static CONTAINER_METRIC: NodeType = NodeType {
    name: "container",
    docs: "The mean use of one container of each pod, where the others would blur what the pod as a whole uses. The \
           component's own is called like the component.",
    arguments: &[one("name", Form::Name)],
    children: &[&CPU_TARGET, &MEMORY_TARGET],
    many: true,
};

static PODS_METRIC: NodeType = NodeType {
    name: "pods",
    docs: "A metric that each pod has, kept at a mean over the pods.",
    arguments: &[one("metric", Form::MetricName)],
    children: &[&AVERAGE, &SELECTOR],
    many: true,
};

static OBJECT_METRIC: NodeType = NodeType {
    name: "object",
    docs: "A metric of another object of the namespace, such as the requests that an Ingress passes on.",
    arguments: &[one("metric", Form::MetricName)],
    children: &[&OF, &VALUE, &AVERAGE, &SELECTOR],
    many: true,
};

static EXTERNAL_METRIC: NodeType = NodeType {
    name: "external",
    docs: "A metric of something outside the cluster, such as the length of a queue.",
    arguments: &[one("metric", Form::MetricName)],
    children: &[&VALUE, &AVERAGE, &SELECTOR],
    many: true,
};

static OF: NodeType =
    field("of", "The object that has it: \"Kind/name\".", &[one("object", Form::Described)]);

static VALUE: NodeType = field("value", "What the metric itself is kept at.", &[one("amount", Form::Amount)]);

static AVERAGE: NodeType = field(
    "average",
    "What the metric divided by the number of pods is kept at.",
    &[one("amount", Form::Amount)],
);

static SELECTOR: NodeType = NodeType {
    name: "selector",
    docs: "A label that the metric must have, with its value.",
    arguments: &[one("key", Form::LabelKey), one("value", Form::LabelValue)],
    children: &[],
    many: true,
};

static BEHAVIOR: NodeType = NodeType {
    name: "behavior",
    docs: "How the autoscaler is restrained on the way up and on the way down.",
    arguments: &[],
    children: &[&UP, &DOWN],
    many: false,
};

static UP: NodeType = NodeType {
    name: "up",
    docs: "On the way up; unless told without a window, by 4 pods or 100% in 15s, whichever is more.",
    arguments: &[],
    children: &[&POLICY, &WINDOW, &SELECT, &TOLERANCE],
    many: false,
};

static DOWN: NodeType = NodeType {
    name: "down",
    docs: "On the way down; unless told with a window of 5m, by 100% in 15s.",
    arguments: &[],
    children: &[&POLICY, &WINDOW, &SELECT, &TOLERANCE],
    many: false,
};

static POLICY: NodeType = NodeType {
    name: "policy",
    docs: "How many pods, or which share of them, may come or go within a time.",
    arguments: &[one("change", Form::Change)],
    children: &[&EVERY],
    many: true,
};

static EVERY: NodeType = field(
    "every",
    "Within how long; 15s unless told.",
    &[one("duration", Form::Seconds { min: 1, max: 1800 })],
);

static WINDOW: NodeType = field(
    "window",
    "For how long the most careful recommendation holds.",
    &[one("duration", Form::Seconds { min: 0, max: 3600 })],
);

static SELECT: NodeType = field(
    "select",
    "Which of several policies counts: the one that allows most (unless told), the one that allows least, or \
     nothing changes in this direction.",
    &[one("choice", Form::Word(&["most", "least", "nothing"]))],
);

static TOLERANCE: NodeType = field(
    "tolerance",
    "How far the metric may be off before anything happens; 10% unless told. Kubernetes 1.35 or newer.",
    &[one("share", Form::Percent { max: 100 })],
);

static CRON: NodeType = NodeType {
    name: "cron",
    docs: "A window in which the component has at least so many pods; it always ends.",
    arguments: &[one("name", Form::Name)],
    children: &[&CRON_FROM, &CRON_UNTIL, &CRON_TIME_ZONE, &CRON_REPLICAS],
    many: true,
};

static CRON_FROM: NodeType = field(
    "from",
    "When it opens, in six fields: second, minute, hour, day, month, weekday.",
    &[one("schedule", Form::Text)],
);

static CRON_UNTIL: NodeType = field(
    "until",
    "When it closes and the lower bound comes back, in six fields.",
    &[one("schedule", Form::Text)],
);

static CRON_TIME_ZONE: NodeType =
    field("time-zone", "The time zone that both schedules mean.", &[one("name", Form::TimeZone)]);

static CRON_REPLICAS: NodeType = field(
    "replicas",
    "The least number of pods while it is open.",
    &[one("count", Form::Integer { min: 1, max: 100_000 })],
);

pub(super) static REPLICAS: NodeType = field(
    "replicas",
    "A fixed number of pods, instead of `scale`.",
    &[one("count", Form::Integer { min: 1, max: 100_000 })],
);

pub(super) static BURST: NodeType = field(
    "burst",
    "Whether pods may run on ECI: never, when the nodes are full, or only there.",
    &[one("mode", Form::Word(&["never", "when-short", "only"]))],
);

pub(super) static DISRUPTION: NodeType = NodeType {
    name: "disruption",
    docs: "How many pods node drains may evict at a time; at most 10% are missing unless told.",
    arguments: &[],
    children: &[&MAX_UNAVAILABLE, &MIN_AVAILABLE],
    many: false,
};

static MAX_UNAVAILABLE: NodeType = field(
    "max-unavailable",
    "How many may be missing: a count, or a share rounded up.",
    &[one("size", Form::CountOrPercent)],
);

static MIN_AVAILABLE: NodeType = field(
    "min-available",
    "How many must stay: a count, or a share rounded up.",
    &[one("size", Form::CountOrPercent)],
);
