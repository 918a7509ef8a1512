//! Everything that was written about one cell, with the layer that says it.

use crate::document::{Document, Node, Value};
use crate::resolve::form::Form;
use crate::resolve::schema::{NodeType, ROOT};

/// Who says something, in the order in which later ones replace earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The application itself: its name.
    App,
    /// A component.
    Component,
    /// An environment of the application.
    Environment,
    /// A tenant of an environment.
    Tenant,
    /// The operators.
    Platform,
}

impl Layer {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Layer::App => "app",
            Layer::Component => "component",
            Layer::Environment => "environment",
            Layer::Tenant => "tenant",
            Layer::Platform => "platform",
        }
    }
}

/// One node of the documents.
#[derive(Clone, Debug)]
pub struct Written<'a> {
    /// The node.
    pub node: &'a Node,
    /// What the schema says of it.
    pub node_type: &'static NodeType,
    /// The index of it among its siblings, below that of each node that holds it.
    pub place: Vec<usize>,
    /// Who says it.
    pub layer: Layer,
    /// Who that is by name: "environment `prod`".
    pub speaker: String,
    /// What it is about, the same in every layer: `component.api.scale.min`.
    pub path: String,
    /// How many nodes it is inside what a layer is made of; 0 for a component, a cluster or an environment.
    pub depth: usize,
}

impl Written<'_> {
    /// What may be written as one of its values.
    pub fn form(&self, index: usize) -> Option<Form> {
        let arguments = self.node_type.arguments;
        arguments.get(index).or(arguments.last()).map(|argument| argument.form)
    }

    /// Whether that value is what the node is called.
    pub fn is_identity(&self, index: usize) -> bool {
        index == 0 && self.node_type.has_identity()
    }

    /// The component it belongs to.
    pub fn component(&self) -> Option<&str> {
        self.path.strip_prefix("component.").map(|rest| rest.split('.').next().unwrap_or(rest))
    }

    /// Its values with their indices and forms.
    pub fn values(&self) -> impl Iterator<Item = (usize, &Value, Form)> {
        let values = self.node.values.iter().enumerate();
        values.filter_map(|(index, value)| Some((index, value, self.form(index)?)))
    }
}

/// Every node that the schema knows, parents first.
pub fn written(document: &Document) -> Vec<Written<'_>> {
    let mut found = Vec::new();
    for (index, node) in document.nodes.iter().enumerate() {
        let Some(node_type) = ROOT.child(&node.name) else { continue };
        let layer = if node.name == "platform" { Layer::Platform } else { Layer::App };
        let top = Written {
            node,
            node_type,
            place: vec![index],
            layer,
            speaker: speaker(node),
            path: node.name.clone(),
            depth: 0,
        };
        visit(top, &mut found);
    }
    unite(&mut found);
    found
}

/// A node that does not say which of several it means, means the only one that there is.
fn unite(found: &mut [Written]) {
    let apart = |item: &Written| Some(format!(".{}", item.node_type.apart(item.node)?));
    let names: Vec<(String, String)> = found
        .iter()
        .filter_map(|item| {
            let apart = apart(item)?;
            Some((item.path.strip_suffix(&apart)?.to_owned(), apart))
        })
        .collect();
    for (bare, apart) in &names {
        let only = names.iter().all(|(other, name)| other != bare || name == apart);
        for item in found.iter_mut().filter(|_| only) {
            let rest = item.path.strip_prefix(bare.as_str()).filter(|rest| rest.starts_with(apart.as_str()));
            if let Some(rest) = rest.and_then(|rest| rest.strip_prefix(apart.as_str())) {
                item.path = format!("{bare}{rest}");
            }
        }
    }
}

fn visit<'a>(parent: Written<'a>, found: &mut Vec<Written<'a>>) {
    let mut children = Vec::new();
    for (index, node) in parent.node.children.iter().enumerate() {
        let Some(node_type) = parent.node_type.child(&node.name) else { continue };
        let begins = begun(&parent, node);
        let nameless = || {
            let before = parent.node.children[..index].iter();
            before.filter(|known| known.name == node.name).count().to_string()
        };
        let name = match (node_type.many, node_type.has_identity()) {
            (true, true) => format!("{}.{}", node.name, node.identity().unwrap_or_default()),
            (true, false) => format!("{}.{}", node.name, nameless()),
            (false, _) => node_type
                .apart(node)
                .map_or_else(|| node.name.clone(), |apart| format!("{}.{apart}", node.name)),
        };
        let mut place = parent.place.clone();
        place.push(index);
        children.push(Written {
            node,
            node_type,
            place,
            layer: begins.unwrap_or(parent.layer),
            speaker: if begins.is_some() { speaker(node) } else { parent.speaker.clone() },
            // What an environment says of a component is about the component.
            path: if parent.layer == Layer::Platform || begins.is_none() && node.name != "component" {
                format!("{}.{name}", parent.path)
            } else {
                name
            },
            depth: if begins.is_some() || parent.path == "platform" || node.name == "component" {
                0
            } else {
                parent.depth + 1
            },
        });
    }
    found.push(parent);
    for child in children {
        visit(child, found);
    }
}

/// The layer that a node begins.
fn begun(parent: &Written, node: &Node) -> Option<Layer> {
    match (parent.layer, node.name.as_str()) {
        (Layer::App, "component") => Some(Layer::Component),
        (Layer::App, "environment") => Some(Layer::Environment),
        (Layer::Environment, "tenant") if parent.depth == 0 => Some(Layer::Tenant),
        _ => None,
    }
}

fn speaker(node: &Node) -> String {
    format!("{} `{}`", node.name, node.identity().unwrap_or_default())
}
