//! Compares every node with the schema: what it is called, what it holds, how often it stands there.

use std::collections::HashMap;

use super::schema::{ArgumentCount, COMPONENT, ENVIRONMENT, NodeType, REMOVE, ROOT, SCENARIO};
use crate::diag::Diagnostics;
use crate::document::{Document, Node, Scalar};
use crate::rules::{
    ambiguous_image, duplicate_component, duplicate_name, missing_value, remove_outside_override,
    repeated_field, unexpected_value, unknown_key, unknown_removal, wrong_type,
};

/// Whether a `remove` has anything to take away where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Neither a component nor an override.
    Elsewhere,
    /// In a component's own declaration.
    Declared,
    /// In an environment or tenant of the application.
    Override,
}

impl Place {
    /// The place of what a node holds.
    fn inside(self, node_type: &'static NodeType) -> Self {
        if std::ptr::eq(node_type, &raw const ENVIRONMENT) {
            Place::Override
        } else if self == Place::Elsewhere && std::ptr::eq(node_type, &raw const COMPONENT) {
            Place::Declared
        } else {
            self
        }
    }
}

/// Reports every node that the schema does not know, and every value that does not fit. Scenarios are left to
/// [`check_scenario`]: what is wrong with a rehearsal must not keep an application from being built.
pub fn check_shape(document: &Document, diagnostics: &mut Diagnostics) {
    children(&document.nodes, &ROOT, Place::Elsewhere, diagnostics);
}

/// The same for one scenario.
pub fn check_scenario(node: &Node, diagnostics: &mut Diagnostics) {
    values(node, &SCENARIO, diagnostics);
    children(&node.children, &SCENARIO, Place::Elsewhere, diagnostics);
}

fn children(nodes: &[Node], parent: &'static NodeType, place: Place, diagnostics: &mut Diagnostics) {
    let mut seen: HashMap<(&str, Option<&str>), &Node> = HashMap::new();
    for node in nodes {
        if node.name == REMOVE.name && place != Place::Elsewhere {
            removal(node, parent, place, diagnostics);
            continue;
        }
        let Some(node_type) = parent.child(&node.name) else {
            diagnostics.push(unknown_key::found(node, parent));
            continue;
        };
        let apart = node_type.told_apart_by().is_some();
        let named = if apart { node_type.apart(node) } else { node.identity() };
        let identity = named.filter(|_| apart || node_type.has_identity());
        if identity.is_some() || !node_type.many {
            // A property that is written twice in one node was reported where it was read.
            let twice = seen.insert((&node.name, identity), node);
            match (twice, identity) {
                (None, _) => {}
                (Some(first), Some(name)) if node.name == "component" => {
                    diagnostics.push(duplicate_component::found(name, node, first));
                }
                (Some(first), None) if first.is_property && node.is_property => {}
                (Some(first), _) if apart => diagnostics.push(ambiguous_image::found(node, first)),
                (Some(first), Some(name)) => diagnostics.push(duplicate_name::found(name, node, first)),
                (Some(first), None) => diagnostics.push(repeated_field::found(node, first)),
            }
        }
        if !std::ptr::eq(node_type, &raw const SCENARIO) {
            values(node, node_type, diagnostics);
            children(&node.children, node_type, place.inside(node_type), diagnostics);
        }
    }
}

fn removal(node: &Node, parent: &'static NodeType, place: Place, diagnostics: &mut Diagnostics) {
    if place == Place::Declared {
        diagnostics.push(remove_outside_override::found(node));
        return;
    }
    values(node, &REMOVE, diagnostics);
    children(&node.children, &REMOVE, Place::Elsewhere, diagnostics);
    let kind = node.identity();
    if kind.is_some_and(|kind| !parent.removable().any(|known| known == kind)) {
        diagnostics.push(unknown_removal::found(node, parent));
    }
}

fn values(node: &Node, node_type: &'static NodeType, diagnostics: &mut Diagnostics) {
    let mut arguments = node_type.arguments.iter();
    let mut current = arguments.next();
    for value in &node.values {
        let Some(argument) = current else {
            diagnostics.push(unexpected_value::found(node, value, node_type));
            continue;
        };
        // In YAML a later value can be written without an earlier one.
        if value.scalar == Scalar::Null && value.written.is_empty() {
            diagnostics.push(missing_value::found(node, argument));
            current = arguments.next();
            continue;
        }
        // What the parser has complained about is not what its author will end up writing.
        if let Err(hint) = argument.form.check(value)
            && !diagnostics.cover(value.span)
        {
            diagnostics.push(wrong_type::found(node, argument, value, hint));
        }
        if argument.count != ArgumentCount::Several {
            current = arguments.next();
        }
    }
    let several_given = !node.values.is_empty();
    match current {
        Some(argument) if argument.count == ArgumentCount::One => {
            diagnostics.push(missing_value::found(node, argument));
        }
        Some(argument) if argument.count == ArgumentCount::Several && !several_given => {
            diagnostics.push(missing_value::found(node, argument));
        }
        Some(_) | None => {}
    }
}
