//! The nodes of what pods keep their files on.

use super::{NodeType, field, one};
use crate::resolve::form::Form;

pub(super) static VOLUME: NodeType = NodeType {
    name: "volume",
    docs: "Where pods keep files, mounted into the component's own container. `disk`: each member of a stateful \
           component has its own, which outlives its pod and the component. `nas`: one share for all pods, which the \
           cluster makes, or with `server` a folder of one that is there. `scratch`: \
           empty at a pod's start, gone with it. `host`: a folder of the node, for daemons. `secret`: the keys of a \
           Secret as files, which is never made by specc.",
    arguments: &[one("name", Form::Name)],
    children: &[&KIND, &MOUNT, &SIZE, &CLASS, &MEDIUM, &SERVER, &PATH, &SHARED, &SECRET, &READ_ONLY],
    many: true,
};

static KIND: NodeType = field(
    "kind",
    "What is behind it; `disk` unless told.",
    &[one("kind", Form::Word(&["disk", "nas", "scratch", "host", "secret"]))],
);

static MOUNT: NodeType = field("mount", "The folder in the container.", &[one("path", Form::AbsolutePath)]);

static SIZE: NodeType = field(
    "size",
    "How much it holds; for `scratch` the most that it may hold before its pod is evicted.",
    &[one("bytes", Form::Memory)],
);

static CLASS: NodeType = field(
    "class",
    "The storage class of a `disk`, the cluster's default unless told, or of a `nas`.",
    &[one("name", Form::Name)],
);

static MEDIUM: NodeType = field(
    "medium",
    "Where a `scratch` volume is: on the node's disk unless told, or in memory, which counts against the limit.",
    &[one("medium", Form::Word(&["disk", "memory"]))],
);

static PATH: NodeType = field(
    "path",
    "The folder on the node, for `host`, or on the `server`.",
    &[one("path", Form::AbsolutePath)],
);

static SERVER: NodeType = field(
    "server",
    "The server of a `nas` that is there, such as the mount target of a file system.",
    &[one("host", Form::Domain)],
);

static SHARED: NodeType = field(
    "shared",
    "Whether other cells may have the folder on the `server` too; all of them must say so.",
    &[one("yes", Form::Boolean)],
);

static SECRET: NodeType =
    field("secret", "The name of the Secret, for `secret`.", &[one("name", Form::Name)]);

pub(super) static READ_ONLY: NodeType = field(
    "read-only",
    "Whether it may only be read; a folder of the node may only be read unless told.",
    &[one("yes", Form::Boolean)],
);

pub(super) static CONTAINER_MOUNT: NodeType = NodeType {
    name: "mount",
    docs: "A volume of the component, by name.",
    arguments: &[one("volume", Form::Name)],
    children: &[&CONTAINER_PATH, &READ_ONLY],
    many: true,
};

static CONTAINER_PATH: NodeType = field(
    "path",
    "The folder in the container; the one in the component's own container unless told.",
    &[one("path", Form::AbsolutePath)],
);
