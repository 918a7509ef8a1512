//! One layer of overrides, an environment's or a tenant's, over the components below it.

use super::merge;
use super::schema::{COMPONENT, REMOVE};
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::rules::{
    empty_override, nothing_to_remove, override_of_removed, removed_and_set, unknown_component,
};

/// The `remove "component" "…"` of a layer.
pub fn removals(layer: &Node) -> impl Iterator<Item = &Node> {
    layer.children_named(REMOVE.name).filter(|order| order.identity() == Some(COMPONENT.name))
}

/// The component that such an order takes away.
pub fn removed_name(order: &Node) -> Option<&str> {
    order.values.get(1).and_then(|value| value.as_text())
}

/// Every component of `base` that the layer leaves, with its overrides, and those that only the layer has.
/// `removed` are the orders of the layers below.
pub fn overridden(
    base: &[&Node],
    layer: &Node,
    removed: &[&Node],
    diagnostics: &mut Diagnostics,
) -> Vec<Node> {
    check_removals(base, layer, diagnostics);
    let orders: Vec<&Node> = removals(layer).collect();
    let stays = |node: &&&Node| !orders.iter().any(|order| takes(order, node));
    let mut result = Vec::new();
    for node in base.iter().filter(stays) {
        let same = layer.children_named(COMPONENT.name).find(|over| over.identity() == node.identity());
        result.push(match same {
            Some(over) => merge::merged(node, over, &COMPONENT, diagnostics),
            None => (*node).clone(),
        });
    }
    for over in layer.children_named(COMPONENT.name) {
        if over.children.is_empty() {
            diagnostics.push(empty_override::found(over));
        }
        let Some(value) = over.values.first() else { continue };
        if base.iter().any(|node| node.identity() == over.identity()) {
            continue;
        }
        // A component that exists only here is told from a slip in the name by its kind.
        if over.child("kind").is_some() {
            result.push(merge::alone(over, &COMPONENT, diagnostics));
        } else if let Some(order) = removed.iter().find(|order| takes(order, over)) {
            diagnostics.push(override_of_removed::found(over, order));
        } else {
            let names: Vec<&str> = base.iter().filter_map(|node| node.identity()).collect();
            let name = value.as_text().unwrap_or_default();
            diagnostics.push(unknown_component::found(name, value.span, &names, None));
        }
    }
    result
}

/// Without a name an order takes every component.
fn takes(order: &Node, component: &Node) -> bool {
    removed_name(order).is_none_or(|name| component.identity() == Some(name))
}

fn check_removals(base: &[&Node], layer: &Node, diagnostics: &mut Diagnostics) {
    for order in removals(layer) {
        if !base.iter().any(|node| takes(order, node)) {
            let names: Vec<&str> = base.iter().filter_map(|node| node.identity()).collect();
            diagnostics.push(nothing_to_remove::component(order, layer, &names));
        }
        if let Some(set) = layer.children_named(COMPONENT.name).find(|over| takes(order, over)) {
            diagnostics.push(removed_and_set::found(order, set));
        }
    }
}
