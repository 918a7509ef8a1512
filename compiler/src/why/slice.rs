//! The part of the documents that one cell, or some components of it, is made of.

use std::collections::BTreeSet;

use crate::app::Cell;
use crate::check::Checked;
use crate::document::{Document, Node, Value};

/// Which cell, by the names that the documents use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellName {
    /// The environment.
    pub environment: String,
    /// The tenant, where the environment has tenants.
    pub tenant: Option<String>,
    /// The cluster.
    pub cluster: String,
}

impl CellName {
    /// What one of the application's cells is called.
    pub fn of(checked: &Checked, cell: &Cell) -> Self {
        Self {
            environment: cell.environment.clone(),
            tenant: cell.tenant.clone(),
            cluster: checked.cluster(cell).name.value.clone(),
        }
    }
}

/// The documents without what is about other cells than `cell`, and about components that are not among `kept`.
pub fn slice(document: &Document, cell: Option<&CellName>, kept: Option<&BTreeSet<String>>) -> Document {
    let mut nodes = Vec::new();
    for node in &document.nodes {
        match node.name.as_str() {
            "app" => nodes.push(app(node, cell, kept)),
            "platform" => nodes.push(cell.map_or_else(|| node.clone(), |cell| platform(node, cell))),
            _ => {}
        }
    }
    Document { nodes }
}

/// The components that one names in `depends-on`, in any layer, and those that name it.
pub fn neighbours(document: &Document, component: &str) -> BTreeSet<String> {
    fn visit(node: &Node, component: &str, found: &mut BTreeSet<String>) {
        if node.name == "component" {
            let names = node.children_named("depends-on").flat_map(|order| &order.values);
            let names: Vec<&str> = names.filter_map(Value::as_text).collect();
            let own = node.identity().unwrap_or_default();
            if own == component {
                found.extend(names.iter().map(|name| (*name).to_owned()));
            } else if names.contains(&component) {
                found.insert(own.to_owned());
            }
        }
        node.children.iter().for_each(|child| visit(child, component, found));
    }
    let mut found = BTreeSet::from([component.to_owned()]);
    document.named("app").for_each(|app| visit(app, component, &mut found));
    found
}

/// The first component, which stands for "some" where an object is of no component.
pub fn first(document: &Document) -> BTreeSet<String> {
    let components = document.named("app").flat_map(|app| app.children_named("component"));
    components.filter_map(Node::identity).take(1).map(str::to_owned).collect()
}

fn app(node: &Node, cell: Option<&CellName>, kept: Option<&BTreeSet<String>>) -> Node {
    let mut node = node.clone();
    if let Some(cell) = cell {
        node.children.retain(|child| child.name != "environment" || named(child, &cell.environment));
        for environment in node.children.iter_mut().filter(|child| child.name == "environment") {
            if let Some(tenant) = &cell.tenant {
                environment.children.retain(|child| child.name != "tenant" || named(child, tenant));
            }
        }
    }
    if let Some(kept) = kept {
        only(&mut node, kept);
    }
    node
}

/// Drops the other components, and what is said of them.
fn only(node: &mut Node, kept: &BTreeSet<String>) {
    let is_kept = |name: Option<&str>| name.is_some_and(|name| kept.contains(name));
    node.children.retain(|child| child.name != "component" || is_kept(child.identity()));
    for child in &mut node.children {
        if child.name == "depends-on" {
            child.values.retain(|value| is_kept(value.as_text()));
        }
        only(child, kept);
    }
    node.children.retain(|child| child.name != "depends-on" || !child.values.is_empty());
}

fn platform(node: &Node, cell: &CellName) -> Node {
    let mut node = node.clone();
    node.children.retain(|child| match child.name.as_str() {
        "cluster" => named(child, &cell.cluster),
        "environment" => named(child, &cell.environment),
        _ => true,
    });
    for environment in node.children.iter_mut().filter(|child| child.name == "environment") {
        for list in environment.children.iter_mut().filter(|child| child.name == "cluster") {
            list.values.retain(|value| value.as_text() == Some(cell.cluster.as_str()));
        }
    }
    node
}

fn named(node: &Node, name: &str) -> bool {
    node.identity() == Some(name)
}
