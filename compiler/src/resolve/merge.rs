//! Lays an environment's or tenant's overrides over a component: replaces single fields, adds, or removes.

use super::schema::{ArgumentCount, NodeType, REMOVE};
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::rules::{nothing_to_remove, removed_and_set};

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
        if child.name == REMOVE.name {
            if let Some(set) = over.children.iter().find(|other| is_meant(child, other, node_type)) {
                diagnostics.push(removed_and_set::found(child, set));
            }
            remove(&mut result, child, node_type, diagnostics);
            continue;
        }
        if let Some(other) = instead_of(&child.name) {
            result.children.retain(|known| known.name != other);
        }
        lay(&mut result, child, node_type, diagnostics);
    }
    result
}

/// A node that nothing is laid under: what it removes is not there.
pub fn alone(node: &Node, node_type: &NodeType, diagnostics: &mut Diagnostics) -> Node {
    let empty = Node { children: Vec::new(), ..node.clone() };
    merged(&empty, node, node_type, diagnostics)
}

/// What one node says instead of another: a component has a fixed count or an autoscaler, a metric one target, a
/// verification one bound.
fn instead_of(name: &str) -> Option<&'static str> {
    const PAIRS: [(&str, &str); 4] = [
        ("replicas", "scale"),
        ("value", "average"),
        ("max-unavailable", "min-available"),
        ("below", "above"),
    ];
    let pair = PAIRS.iter().find(|(one, other)| *one == name || *other == name)?;
    Some(if pair.0 == name { pair.1 } else { pair.0 })
}

fn lay(result: &mut Node, child: &Node, node_type: &NodeType, diagnostics: &mut Diagnostics) {
    let Some(child_type) = node_type.child(&child.name) else { return };
    match under(result, child, child_type) {
        Some(known) => *known = merged(known, child, child_type, diagnostics),
        None => result.children.push(alone(child, child_type, diagnostics)),
    }
}

/// What a child is laid over; `None` for one that is added.
fn under<'a>(result: &'a mut Node, child: &Node, child_type: &NodeType) -> Option<&'a mut Node> {
    let mut known = result.children.iter_mut().filter(|known| known.name == child.name);
    if child_type.told_apart_by().is_some() {
        let (apart, mut known) = (child_type.apart(child), known.collect::<Vec<_>>());
        let same = known.iter().position(|known| child_type.apart(known) == apart);
        let nameless = || known.iter().position(|known| child_type.apart(known).is_none());
        // What does not say which it means can only mean the one that is there.
        let only = || (known.len() == 1 && apart.is_none()).then_some(0);
        let place = same.or_else(nameless).or_else(only)?;
        return Some(known.swap_remove(place));
    }
    if child_type.many && !child_type.has_identity() {
        return None;
    }
    known.find(|known| !child_type.has_identity() || known.identity() == child.identity())
}

/// Whether `order` takes `child` away. Without a name it takes every child of the kind.
fn is_meant(order: &Node, child: &Node, node_type: &NodeType) -> bool {
    let name = order.values.get(1).map(|value| value.as_text().unwrap_or(&value.written));
    let first = child.values.first().map(|value| value.as_text().unwrap_or(&value.written));
    let apart = node_type.child(&child.name).and_then(|child_type| child_type.apart(child));
    let whole = name.is_none() || name == first && !lists(node_type, &child.name) || name == apart;
    order.identity() == Some(child.name.as_str()) && whole
}

/// Whether the children of that kind hold lists of values, such as `depends-on "a" "b"`.
fn lists(node_type: &NodeType, kind: &str) -> bool {
    let last = node_type.child(kind).and_then(|child| child.arguments.last());
    last.is_some_and(|last| last.count == ArgumentCount::Several)
}

fn remove(result: &mut Node, order: &Node, node_type: &NodeType, diagnostics: &mut Diagnostics) {
    let size = |node: &Node| node.children.iter().map(|child| 1 + child.values.len()).sum::<usize>();
    let before = size(result);
    let (kind, name) = (order.identity().unwrap_or_default(), order.values.get(1));
    if let (true, Some(name)) = (lists(node_type, kind), name.and_then(|name| name.as_text())) {
        for child in result.children.iter_mut().filter(|child| child.name == kind) {
            child.values.retain(|value| value.as_text() != Some(name));
        }
        result.children.retain(|child| child.name != kind || !child.values.is_empty());
    } else {
        result.children.retain(|child| !is_meant(order, child, node_type));
    }
    // What can never be there was reported with what can.
    let known = order.values.first().is_some_and(|value| !diagnostics.cover(value.span));
    if size(result) == before && known {
        diagnostics.push(nothing_to_remove::found(order, result));
    }
}
