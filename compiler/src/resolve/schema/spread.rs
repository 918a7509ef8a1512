//! The nodes of how a component's pods are spread.

use super::{NodeType, field, one};
use crate::resolve::form::Form;

pub(super) static SPREAD: NodeType = NodeType {
    name: "spread",
    docs: "Spreads the pods of each revision evenly over zones or over nodes, as far as that is possible. Without it \
           the scheduler's own soft spreading applies.",
    arguments: &[one("over", Form::Word(&["zone", "node"]))],
    children: &[&SKEW, &REQUIRED],
    many: true,
};

static SKEW: NodeType = field(
    "skew",
    "By how many pods two zones or nodes may differ; 1 unless told.",
    &[one("pods", Form::Integer { min: 1, max: 1000 })],
);

static REQUIRED: NodeType = field(
    "required",
    "A pod rather stays pending than make the difference larger.",
    &[one("yes", Form::Boolean)],
);
