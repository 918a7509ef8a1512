//! How pods are spread over zones and nodes.

use super::{field, whole_field};
use crate::app::{Spread, SpreadOver};
use crate::document::{Node, Value};
use crate::source::Spanned;

pub(super) fn spread(node: &Node) -> Option<Spread> {
    let value = node.values.first()?;
    let over = match value.as_text()? {
        "zone" => SpreadOver::Zone,
        "node" => SpreadOver::Node,
        _ => return None,
    };
    Some(Spread {
        over: Spanned::new(over, value.span),
        skew: whole_field(node, "skew").map_or(1, |skew| skew.value),
        required: field(node, "required").is_some_and(Value::is_true),
    })
}
