//! The nodes of what runs in a pod.

use super::{NodeType, field, one};
use crate::resolve::form::Form;

pub(super) static IMAGE: NodeType = field("image", "The container image.", &[one("reference", Form::Image)]);

pub(super) static PORT: NodeType = NodeType {
    name: "port",
    docs: "A named port of the container.",
    arguments: &[one("name", Form::PortName), one("number", Form::Integer { min: 1, max: 65535 })],
    children: &[],
    many: true,
};

pub(super) static RESOURCES: NodeType = NodeType {
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

pub(super) static ENV: NodeType = NodeType {
    name: "env",
    docs: "An environment variable: a text, or (secret)\"name/key\" for a key of a Secret.",
    arguments: &[one("name", Form::Variable), one("value", Form::TextOrSecret)],
    children: &[],
    many: true,
};

pub(super) static CONFIG: NodeType = NodeType {
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

pub(super) static READINESS: NodeType = NodeType {
    name: "readiness",
    docs: "When a pod may take traffic: its port takes a connection, or an HTTP path answers 2xx or 3xx.",
    arguments: &[],
    children: &[&HTTP, &READINESS_PORT],
    many: false,
};

static HTTP: NodeType = field("http", "The path to get.", &[one("path", Form::AbsolutePath)]);

static READINESS_PORT: NodeType =
    field("port", "The port to ask, by name; the first one unless told.", &[one("name", Form::PortName)]);
