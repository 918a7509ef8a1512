//! The nodes of what kind of workload a component is, and of the pods around its containers.

use super::container::{ARGS, COMMAND, CONFIG, ENV, IMAGE, PORT, RESOURCES};
use super::probe::{LIVENESS, READINESS, STARTUP};
use super::volume::CONTAINER_MOUNT;
use super::{NodeType, field, one};
use crate::app::BUILD_NAMES;
use crate::resolve::form::Form;

pub(super) static KIND: NodeType = field(
    "kind",
    "How pods are told apart: not at all, by number with disks of their own, or one on each node; `stateless` unless told.",
    &[one("kind", Form::Word(&["stateless", "stateful", "daemon"]))],
);

pub(super) static START: NodeType = field(
    "start",
    "Of a stateful component: each member once the one before it is ready (`ordered`, unless told), or all at once \
     (`parallel`), for members that become ready only together. It cannot change afterwards.",
    &[one("order", Form::Word(&["ordered", "parallel"]))],
);

pub(super) static OS: NodeType = NodeType {
    name: "os",
    docs: "The operating system that it needs; Linux unless told. On Windows the build is that of the nodes and of the \
           image's base; without one it is what the nodes of the cluster have and the component has images for.",
    arguments: &[one("name", Form::Word(&["linux", "windows"]))],
    children: &[&BUILD],
    many: false,
};

pub(super) static BUILD: NodeType =
    field("build", "The build of Windows, such as \"ltsc2022\".", &[one("name", Form::Word(BUILD_NAMES))]);

pub(super) static CONTAINER: NodeType = NodeType {
    name: "container",
    docs: "A container that runs beside the component's own.",
    arguments: &[one("name", Form::Name)],
    children: &[
        &IMAGE,
        &COMMAND,
        &ARGS,
        &PORT,
        &RESOURCES,
        &ENV,
        &CONFIG,
        &CONTAINER_MOUNT,
        &READINESS,
        &LIVENESS,
        &STARTUP,
    ],
    many: true,
};

pub(super) static INIT: NodeType = NodeType {
    name: "init",
    docs: "A container that runs to its end before the others start, one after the other in the order written. It gets \
           the resources of the component's own container unless told.",
    arguments: &[one("name", Form::Name)],
    children: &[&IMAGE, &COMMAND, &ARGS, &RESOURCES, &ENV, &CONFIG, &CONTAINER_MOUNT],
    many: true,
};

pub(super) static LABEL: NodeType = NodeType {
    name: "label",
    docs: "A label of its pods, for monitoring and bills; no Service selects by it.",
    arguments: &[one("key", Form::LabelKey), one("value", Form::LabelValue)],
    children: &[],
    many: true,
};

pub(super) static ANNOTATION: NodeType = NodeType {
    name: "annotation",
    docs: "An annotation of its pods.",
    arguments: &[one("key", Form::LabelKey), one("value", Form::Text)],
    children: &[],
    many: true,
};

pub(super) static STOP: NodeType = field(
    "stop",
    "How long a process may take to end once its `drain` is over; what its runtime needs unless told.",
    &[one("duration", Form::Duration)],
);

pub(super) static USER: NodeType = field(
    "user",
    "The number of the user that processes run as. With one, its pods meet the level `restricted` of Pod Security: \
     not root, no more privileges, no capabilities, the runtime's seccomp profile, and volumes that the user may write. \
     Without one, the image decides, and nothing that it does is forbidden.",
    &[one("number", Form::Integer { min: 1, max: 2_147_483_647 })],
);

pub(super) static HOST_NETWORK: NodeType = field(
    "host-network",
    "Of a daemon: use the node's own network, with every port on the node.",
    &[one("yes", Form::Boolean)],
);
