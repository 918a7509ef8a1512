//! One component of one cell, from its node with every override laid over it.

mod container;
mod expose;
mod release;
mod scale;
mod spread;

use super::{Files, defaults, form, platform};
use crate::app::{Burst, Component, Port, Runtime, Scale};
use crate::diag::Diagnostics;
use crate::document::{Node, Value};
use crate::rules::missing_field;
use crate::source::Spanned;

/// The component; `None` only if it has no name. What it lacks is reported, and filled with something harmless,
/// so that the rules still find everything else that is wrong with it.
pub fn resolve(node: &Node, files: &Files, diagnostics: &mut Diagnostics) -> Option<Component> {
    for (key, example) in
        [("image", "\"registry.example.com/web:1\""), ("resources", "cpu=\"500m\" memory=\"512Mi\"")]
    {
        if node.child(key).is_none() {
            diagnostics.push(missing_field::found(node, key, example));
        }
    }
    let name = platform::name(node)?;
    let nothing = || Spanned::new(String::new(), name.span);
    let resources = node.child("resources").and_then(|node| container::resources(node, diagnostics));
    let scale =
        scale::scale(node, diagnostics).unwrap_or(Scale::Fixed(Spanned::new(defaults::REPLICAS, name.span)));
    let ports: Vec<Port> = node.children_named("port").filter_map(container::port).collect();
    let expose = node.child("expose").and_then(|node| expose::expose(node, &ports, diagnostics));
    let readiness = node.child("readiness").and_then(|node| container::readiness(node, &ports, diagnostics));
    let configs = node
        .children_named("config")
        .filter_map(|node| container::config(node, files, diagnostics))
        .collect();
    Some(Component {
        runtime: node.child("runtime").and_then(Node::identity).and_then(runtime),
        image: text_field(node, "image").unwrap_or_else(nothing),
        ports,
        resources: resources.unwrap_or_else(|| container::least(name.span)),
        env: node.children_named("env").filter_map(container::variable).collect(),
        configs,
        readiness,
        depends_on: dependencies(node),
        scale,
        burst: scale::burst(node).unwrap_or(Spanned::new(Burst::Never, name.span)),
        release: release::release(node.child("release"), name.span),
        expose,
        spreads: node.children_named("spread").filter_map(spread::spread).collect(),
        name,
    })
}

/// The value of a one-value child.
pub fn field<'a>(node: &'a Node, key: &str) -> Option<&'a Value> {
    node.child(key)?.values.first()
}

/// The text of a one-value child, with its place.
pub fn text_field(node: &Node, key: &str) -> Option<Spanned<String>> {
    let value = field(node, key)?;
    Some(Spanned::new(value.as_text()?.to_owned(), value.span))
}

/// The whole number of a one-value child, with its place.
pub fn whole_field(node: &Node, key: &str) -> Option<Spanned<u32>> {
    let value = field(node, key)?;
    Some(Spanned::new(u32::try_from(form::integer(value)?).ok()?, value.span))
}

fn runtime(word: &str) -> Option<Runtime> {
    let all = [Runtime::Php, Runtime::Java, Runtime::Dotnet, Runtime::Node, Runtime::Go, Runtime::Python];
    all.into_iter().find(|runtime| runtime.name() == word)
}

fn dependencies(node: &Node) -> Vec<Spanned<String>> {
    let values = node.children_named("depends-on").flat_map(|node| &node.values);
    values.filter_map(|value| Some(Spanned::new(value.as_text()?.to_owned(), value.span))).collect()
}
