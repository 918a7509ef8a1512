//! The nodes of who may reach a component.

use super::{NodeType, field, one};
use crate::resolve::form::Form;

pub(super) static EXPOSE: NodeType = NodeType {
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
