//! The nodes of what runs in a pod.

use super::{Argument, ArgumentCount, NodeType, field, one};
use crate::app::BUILD_NAMES;
use crate::resolve::form::Form;

pub(super) static IMAGE: NodeType = NodeType {
    name: "image",
    docs: "The container image; on Windows there may be one for each build of the nodes, with its base.",
    arguments: &[one("reference", Form::Image)],
    children: &[&BASE],
    many: false,
};

static BASE: NodeType = field(
    "base",
    "The build of Windows that the image is made for, such as \"ltsc2022\".",
    &[one("build", Form::Word(BUILD_NAMES))],
);

pub(super) static COMMAND: NodeType =
    words("command", "What runs instead of the image's entry point, word by word.");

pub(super) static ARGS: NodeType =
    words("args", "What it is given instead of the image's arguments, word by word.");

const fn words(name: &'static str, docs: &'static str) -> NodeType {
    NodeType {
        name,
        docs,
        arguments: &[Argument { name: "words", form: Form::Text, count: ArgumentCount::Several }],
        children: &[],
        many: false,
    }
}

pub(super) static PORT: NodeType = NodeType {
    name: "port",
    docs: "A named port of the container.",
    arguments: &[one("name", Form::PortName), one("number", PORT_NUMBER)],
    children: &[&PROTOCOL, &HOST_PORT],
    many: true,
};

const PORT_NUMBER: Form = Form::Integer { min: 1, max: 65535 };

static PROTOCOL: NodeType =
    field("protocol", "What it speaks; `tcp` unless told.", &[one("name", Form::Word(&["tcp", "udp"]))]);

static HOST_PORT: NodeType =
    field("host-port", "Of a daemon: the port of the node that leads to it.", &[one("number", PORT_NUMBER)]);

pub(super) static RESOURCES: NodeType = NodeType {
    name: "resources",
    docs: "What the container requests. Its memory ends at the request unless told, or a leak would take its neighbours \
           along; its CPU has no limit unless told, since a limit throttles a pod while its node is idle.",
    arguments: &[],
    children: &[&CPU_QUANTITY, &MEMORY_QUANTITY, &CPU_LIMIT, &MEMORY_LIMIT],
    many: false,
};

static CPU_LIMIT: NodeType =
    field("cpu-limit", "The most cores that it may use.", &[one("cores", Form::Cpu)]);

static MEMORY_LIMIT: NodeType =
    field("memory-limit", "The most bytes that it may use.", &[one("bytes", Form::Memory)]);

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
