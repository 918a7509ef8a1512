//! Node selector and node affinity (`NodeAffinity`).

use super::node::Node;
use super::shape::Shape;

/// Whether a node has the labels that a pod's selector names, and meets one of its required terms.
pub fn allows(shape: &Shape, node: &Node) -> bool {
    let selected = shape.node_selector.iter().all(|(key, value)| node.labels.get(key) == Some(value));
    let required = shape.required.as_ref();
    selected && required.is_none_or(|terms| terms.iter().any(|term| term.matches(&node.labels, &node.name)))
}

/// The weights of the preferred terms that a node meets.
pub fn liking(shape: &Shape, node: &Node) -> i64 {
    let terms = shape.preferred.iter().flatten();
    terms.filter(|(_, term)| term.matches(&node.labels, &node.name)).map(|(weight, _)| weight).sum()
}
