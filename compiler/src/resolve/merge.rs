//! Lays an environment's or tenant's overrides over a component: replaces single fields, adds, or removes.

use super::schema::NodeType;
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::rules::nothing_to_remove;

/// `base` with what `over` says differently. Both are nodes of one type.
pub fn merged(base: &Node, over: &Node, node_type: &NodeType, diagnostics: &mut Diagnostics) -> Node {
    let mut result = base.clone();
    if !over.values.is_empty() {
        result.values.clone_from(&over.values);
        result.span = over.span;
        result.name_span = over.name_span;
    }
    // Batches mean something only in their order, and policies only together, so they are replaced as a whole.
    for whole in ["batch", "policy"] {
        if over.child(whole).is_some() {
            result.children.retain(|child| child.name != whole);
        }
    }
    for child in &over.children {
        if child.name == "remove" {
            remove(&mut result, child, diagnostics);
            continue;
        }
        if let Some(other) = instead_of(&child.name) {
            result.children.retain(|known| known.name != other);
        }
        lay(&mut result, child, node_type, diagnostics);
    }
    result
}

/// What one node says instead of another: a component has a fixed count or an autoscaler, a metric one target.
fn instead_of(name: &str) -> Option<&'static str> {
    const PAIRS: [(&str, &str); 3] =
        [("replicas", "scale"), ("value", "average"), ("max-unavailable", "min-available")];
    let pair = PAIRS.iter().find(|(one, other)| *one == name || *other == name)?;
    Some(if pair.0 == name { pair.1 } else { pair.0 })
}

fn lay(result: &mut Node, child: &Node, node_type: &NodeType, diagnostics: &mut Diagnostics) {
    let Some(child_type) = node_type.child(&child.name) else { return };
    let same = |known: &Node| {
        known.name == child.name && (!child_type.has_identity() || known.identity() == child.identity())
    };
    let adds = child_type.many && !child_type.has_identity();
    match result.children.iter_mut().find(|known| same(known)).filter(|_| !adds) {
        Some(known) => *known = merged(known, child, child_type, diagnostics),
        None => result.children.push(child.clone()),
    }
}

fn remove(result: &mut Node, order: &Node, diagnostics: &mut Diagnostics) {
    let kind = order.identity();
    let name = order.values.get(1).and_then(|value| value.as_text());
    let before = result.children.len();
    result
        .children
        .retain(|child| Some(child.name.as_str()) != kind || name.is_some() && child.identity() != name);
    if result.children.len() == before {
        diagnostics.push(nothing_to_remove::found(order, result));
    }
}
