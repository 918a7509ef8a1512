//! YAML → nodes: which key is a node, and which is one of a node's values, as the schema says.

use super::{Content, Item};
use crate::document::{Node, Scalar, Value};
use crate::parse::report::Report;
use crate::resolve::schema::{ArgumentCount, NodeType, ROOT};
use crate::rules;
use crate::source::Span;

/// The nodes of one document.
pub fn document(item: Item, report: &mut Report) -> Vec<Node> {
    match item.content {
        Content::Mapping(entries) => children(entries, Some(&ROOT), report),
        Content::Nothing => Vec::new(),
        Content::Scalar(value) if value.scalar == Scalar::Null => Vec::new(),
        Content::Scalar(value) => {
            report.push(rules::yaml_shape::document("a value", value.span));
            Vec::new()
        }
        Content::List(_) => {
            report.push(rules::yaml_shape::document("a list", item.span));
            Vec::new()
        }
    }
}

/// Fields first, as KDL has its properties first, then the others, each in the order they are written.
fn children(entries: Vec<(Value, Item)>, kind: Option<&'static NodeType>, report: &mut Report) -> Vec<Node> {
    let mut all = Vec::new();
    for (key, item) in entries {
        let name = key.as_text().unwrap_or_default();
        let kind = kind.and_then(|kind| kind.child_or_removal(name));
        nodes(&key, item, kind, report, &mut all);
    }
    all.sort_by_key(|node| !node.is_property);
    all
}

/// The nodes under one key: one, or one for each item of a list.
fn nodes(key: &Value, item: Item, kind: Option<&'static NodeType>, report: &mut Report, all: &mut Vec<Node>) {
    let Content::List(items) = item.content else {
        return all.push(node(key, item, kind, false, report));
    };
    let takes_several =
        kind.and_then(|kind| kind.arguments.last()).map(|last| last.count == ArgumentCount::Several);
    let repeats = kind.is_some_and(|kind| kind.many) && takes_several == Some(false);
    let only_values = items.iter().all(|item| matches!(item.content, Content::Scalar(_)));
    if only_values && !repeats && !items.is_empty() {
        let list = Item { content: Content::List(items), ..item };
        return all.push(node(key, list, kind, false, report));
    }
    all.extend(items.into_iter().map(|item| node(key, item, kind, true, report)));
}

/// One node; in a list it is shown at its own place, not at the key of the list.
fn node(key: &Value, item: Item, kind: Option<&'static NodeType>, listed: bool, report: &mut Report) -> Node {
    let name = key.as_text().unwrap_or_default().to_owned();
    let mut node = Node {
        name,
        name_span: key.span,
        values: Vec::new(),
        children: Vec::new(),
        span: key.span,
        is_property: false,
    };
    match item.content {
        Content::Nothing => {}
        Content::Scalar(value) => {
            node.is_property = kind.is_none_or(NodeType::is_field);
            node.span = if listed { value.span } else { join(key.span, value.span) };
            node.values.push(value);
        }
        Content::List(items) => {
            node.span = if listed { item.span } else { join(key.span, item.span) };
            let name = node.name.clone();
            values(&name, Item { content: Content::List(items), ..item }, report, &mut node.values);
        }
        Content::Mapping(entries) => mapping(&mut node, entries, item.span, kind, listed, report),
    }
    node
}

/// Keys that are called like arguments become values, the others children.
fn mapping(
    node: &mut Node,
    mut entries: Vec<(Value, Item)>,
    span: Span,
    kind: Option<&'static NodeType>,
    listed: bool,
    report: &mut Report,
) {
    if let (true, Some((first, _))) = (listed, entries.first()) {
        node.span = first.span;
    }
    let mut missing = 0;
    for (at, argument) in kind.map_or(&[][..], |kind| kind.arguments).iter().enumerate() {
        let Some(place) = entries.iter().position(|(key, _)| key.as_text() == Some(argument.name)) else {
            missing += 1;
            continue;
        };
        // A value before this one is missing; the form of that argument refuses the gap.
        let gap = Value {
            scalar: Scalar::Null,
            tag: None,
            written: String::new(),
            span: Span { end: span.start, ..span },
        };
        node.values.extend(std::iter::repeat_n(gap, std::mem::take(&mut missing)));
        let (key, item) = entries.remove(place);
        if at == 0 {
            node.span = if item.span.start < key.span.start { key.span } else { join(key.span, item.span) };
        }
        values(argument.name, item, report, &mut node.values);
    }
    node.children = children(entries, kind, report);
}

/// A scalar, or a list of scalars.
fn values(name: &str, item: Item, report: &mut Report, all: &mut Vec<Value>) {
    match item.content {
        Content::Nothing => {}
        Content::Scalar(value) => all.push(value),
        Content::List(items) => {
            for item in items {
                match item.content {
                    Content::Nothing => {}
                    Content::Scalar(value) => all.push(value),
                    Content::List(_) => report.push(rules::yaml_shape::new(name, "a list", item.span)),
                    Content::Mapping(_) => report.push(rules::yaml_shape::new(name, "a mapping", item.span)),
                }
            }
        }
        Content::Mapping(_) => report.push(rules::yaml_shape::new(name, "a mapping", item.span)),
    }
}

/// From a key to its value, unless an alias took the value from elsewhere.
fn join(key: Span, value: Span) -> Span {
    if value.start < key.start { key } else { Span { end: value.end.max(key.end), ..key } }
}
