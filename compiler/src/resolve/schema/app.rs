//! The nodes of the `app` document.

use super::{Argument, ArgumentCount, NodeType, field, one};
use crate::resolve::form::Form;

/// An application.
pub static APP: NodeType = NodeType {
    name: "app",
    docs: "An application: its components, and what differs from environment to environment.",
    arguments: &[one("name", Form::Name)],
    children: &[&COMPONENT, &ENVIRONMENT],
    many: true,
};

/// A component; inside an environment or tenant, what differs there.
pub static COMPONENT: NodeType = NodeType {
    name: "component",
    docs: "A part of the application that is released on its own.",
    arguments: &[one("name", Form::Name)],
    children: &[
        &KIND,
        &RUNTIME,
        &IMAGE,
        &PORT,
        &RESOURCES,
        &ENV,
        &CONFIG,
        &READINESS,
        &DEPENDS_ON,
        &SCALE,
        &REPLICAS,
        &BURST,
        &RELEASE,
        &EXPOSE,
        &REMOVE,
    ],
    many: true,
};

static ENVIRONMENT: NodeType = NodeType {
    name: "environment",
    docs: "An environment the application runs in, with what differs there; without any, all of the platform's.",
    arguments: &[one("name", Form::Name)],
    children: &[&COMPONENT, &TENANT],
    many: true,
};

static TENANT: NodeType = NodeType {
    name: "tenant",
    docs: "A merchant with a size or variant of its own; holds only what differs for it.",
    arguments: &[one("name", Form::Name)],
    children: &[&COMPONENT],
    many: true,
};

static KIND: NodeType = field("kind", "How pods are told apart.", &[one("kind", Form::Word(&["stateless"]))]);

static RUNTIME: NodeType = field(
    "runtime",
    "The language it is written in.",
    &[one("language", Form::Word(&["php", "java", "dotnet", "node", "go", "python"]))],
);

static IMAGE: NodeType = field("image", "The container image.", &[one("reference", Form::Image)]);

static PORT: NodeType = NodeType {
    name: "port",
    docs: "A named port of the container.",
    arguments: &[one("name", Form::PortName), one("number", Form::Integer { min: 1, max: 65535 })],
    children: &[],
    many: true,
};

static RESOURCES: NodeType = NodeType {
    name: "resources",
    docs: "What one pod requests; the memory is its limit too.",
    arguments: &[],
    children: &[&CPU_QUANTITY, &MEMORY_QUANTITY],
    many: false,
};

pub(super) static CPU_QUANTITY: NodeType =
    field("cpu", "Cores, such as \"500m\" or 2.", &[one("cores", Form::Cpu)]);

pub(super) static MEMORY_QUANTITY: NodeType =
    field("memory", "Bytes, such as \"512Mi\".", &[one("bytes", Form::Memory)]);

static ENV: NodeType = NodeType {
    name: "env",
    docs: "An environment variable: a text, or (secret)\"name/key\" for a key of a Secret.",
    arguments: &[one("name", Form::Variable), one("value", Form::TextOrSecret)],
    children: &[],
    many: true,
};

static CONFIG: NodeType = NodeType {
    name: "config",
    docs: "A configuration file, mounted read-only from an immutable ConfigMap.",
    arguments: &[one("name", Form::FileName)],
    children: &[&MOUNT, &FROM],
    many: true,
};

static MOUNT: NodeType = field("mount", "The folder in the container.", &[one("path", Form::AbsolutePath)]);

static FROM: NodeType = field(
    "from",
    "The file that holds it, relative to the spec's folder.",
    &[one("file", Form::RelativePath)],
);

static READINESS: NodeType = NodeType {
    name: "readiness",
    docs: "When a pod may take traffic: its port takes a connection, or an HTTP path answers 2xx or 3xx.",
    arguments: &[],
    children: &[&HTTP, &READINESS_PORT],
    many: false,
};

static HTTP: NodeType = field("http", "The path to get.", &[one("path", Form::AbsolutePath)]);

static READINESS_PORT: NodeType =
    field("port", "The port to ask, by name; the first one unless told.", &[one("name", Form::PortName)]);

static DEPENDS_ON: NodeType = NodeType {
    name: "depends-on",
    docs: "Components that must be up before this one starts.",
    arguments: &[Argument { name: "components", form: Form::Reference, count: ArgumentCount::Several }],
    children: &[],
    many: true,
};

static SCALE: NodeType = NodeType {
    name: "scale",
    docs: "Between two counts, by mean CPU use in per cent of the request.",
    arguments: &[],
    children: &[&MIN, &MAX, &CPU_TARGET],
    many: false,
};

static MIN: NodeType =
    field("min", "The least number of pods.", &[one("replicas", Form::Integer { min: 1, max: 100_000 })]);

static MAX: NodeType =
    field("max", "The greatest number of pods.", &[one("replicas", Form::Integer { min: 1, max: 100_000 })]);

static CPU_TARGET: NodeType =
    field("cpu", "The mean CPU use to keep, such as \"60%\".", &[one("target", Form::Percent { max: 1000 })]);

static REPLICAS: NodeType = field(
    "replicas",
    "A fixed number of pods, instead of `scale`.",
    &[one("count", Form::Integer { min: 1, max: 100_000 })],
);

static BURST: NodeType = field(
    "burst",
    "Whether pods may run on ECI: never, when the nodes are full, or only there.",
    &[one("mode", Form::Word(&["never", "when-short", "only"]))],
);

static RELEASE: NodeType = NodeType {
    name: "release",
    docs: "How a new revision replaces the old one.",
    arguments: &[],
    children: &[&BATCH, &SURGE, &UNAVAILABLE, &DEADLINE],
    many: false,
};

static BATCH: NodeType = NodeType {
    name: "batch",
    docs: "How far the new revision goes before the next look: a count, or a share of all pods.",
    arguments: &[one("size", Form::CountOrPercent)],
    children: &[&PAUSE, &WAIT],
    many: true,
};

static PAUSE: NodeType =
    field("pause", "Stop after the batch until somebody resumes.", &[one("yes", Form::Boolean)]);

static WAIT: NodeType = field(
    "wait",
    "How long to look at the batch before the next, such as \"5m\".",
    &[one("duration", Form::Duration)],
);

static SURGE: NodeType = field(
    "surge",
    "Pods above the count while revisions swap; 25% unless told.",
    &[one("share", Form::Percent { max: 100 })],
);

static UNAVAILABLE: NodeType = field(
    "unavailable",
    "Pods below the count while revisions swap; 0% unless told.",
    &[one("share", Form::Percent { max: 99 })],
);

static DEADLINE: NodeType = field(
    "deadline",
    "How long a batch may take before the rollout stops; 10m unless told.",
    &[one("duration", Form::Duration)],
);

static EXPOSE: NodeType = NodeType {
    name: "expose",
    docs: "Who may reach the component, over a stable address.",
    arguments: &[one("scope", Form::Word(&["cluster", "intranet", "internet"]))],
    children: &[&EXPOSE_PORT, &TARGET, &DRAIN],
    many: false,
};

static EXPOSE_PORT: NodeType = field(
    "port",
    "The port of the address; the container's unless told.",
    &[one("number", Form::Integer { min: 1, max: 65535 })],
);

static TARGET: NodeType = field(
    "target",
    "The container port behind it, by name; the first one unless told.",
    &[one("name", Form::PortName)],
);

static DRAIN: NodeType = field(
    "drain",
    "How long a pod goes on serving while load balancers forget it; 15s unless told.",
    &[one("duration", Form::Duration)],
);

static REMOVE: NodeType = NodeType {
    name: "remove",
    docs: "In an environment or tenant: takes away what the component has, by kind and name.",
    arguments: &[
        one("kind", Form::Word(&["env", "config", "port", "expose", "readiness", "scale", "replicas"])),
        Argument { name: "name", form: Form::Text, count: ArgumentCount::Optional },
    ],
    children: &[],
    many: true,
};
