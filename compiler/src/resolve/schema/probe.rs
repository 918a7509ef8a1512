//! The nodes of how the kubelet asks a container how it is.

use super::{Argument, ArgumentCount, NodeType, field, one};
use crate::resolve::form::Form;

pub(super) static READINESS: NodeType = probe(
    "readiness",
    "When a pod may take traffic: its port takes a connection, an HTTP path answers 2xx or 3xx, the gRPC health \
     service says so, or a command exits with 0. Every 5s, and 3 failures in a row end it, unless told.",
);

pub(super) static LIVENESS: NodeType = probe(
    "liveness",
    "When a container must be started again. Every 10s with 5s for an answer, and 6 failures in a row, unless told: \
     a restart under load makes the load worse. It begins once `startup` succeeds; without one, the same question is \
     asked every 2s for as long as a process of its runtime may take to start (`specc explain app.component.runtime`).",
);

pub(super) static STARTUP: NodeType = probe(
    "startup",
    "When a container has started, and the other probes begin. Every 2s for as long as a process of its runtime may \
     take to start, unless told.",
);

const fn probe(name: &'static str, docs: &'static str) -> NodeType {
    NodeType { name, docs, arguments: &[], children: FIELDS, many: false }
}

static FIELDS: &[&NodeType] = &[&HTTP, &GRPC, &COMMAND, &PORT, &PERIOD, &TIMEOUT, &FAILURES, &DELAY];

static HTTP: NodeType = field("http", "The path to get.", &[one("path", Form::AbsolutePath)]);

static GRPC: NodeType = field("grpc", "Ask the gRPC health service.", &[one("yes", Form::Boolean)]);

static COMMAND: NodeType = NodeType {
    name: "command",
    docs: "The command to run in the container, word by word.",
    arguments: &[Argument { name: "words", form: Form::Text, count: ArgumentCount::Several }],
    children: &[],
    many: false,
};

static PORT: NodeType =
    field("port", "The port to ask, by name; the first one unless told.", &[one("name", Form::PortName)]);

static PERIOD: NodeType =
    field("period", "The time between two, in whole seconds.", &[one("duration", Form::Duration)]);

static TIMEOUT: NodeType = field(
    "timeout",
    "How long an answer may take, in whole seconds; 1s unless told.",
    &[one("duration", Form::Duration)],
);

static FAILURES: NodeType = field(
    "failures",
    "How many in a row must fail before it counts.",
    &[one("count", Form::Integer { min: 1, max: 10_000 })],
);

static DELAY: NodeType = field(
    "delay",
    "The time before the first, in whole seconds; none unless told.",
    &[one("duration", Form::Duration)],
);
