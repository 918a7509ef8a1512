//! What is found in a text, as one line a finding.

use super::parse;
use crate::diag::{Diagnostic, Diagnostics};
use crate::document::{Document, Node, Value};
use crate::source::{Source, Sources};

/// The findings in KDL.
pub fn kdl(text: &str) -> String {
    found("a.kdl", text)
}

/// The findings in YAML.
pub fn yaml(text: &str) -> String {
    found("a.yaml", text)
}

fn found(path: &str, text: &str) -> String {
    let mut diagnostics = Diagnostics::default();
    let source = Sources::default().add(path, text);
    parse(&source, &mut diagnostics);
    describe(&source, &diagnostics)
}

/// Code, line and column in characters, the first line under the caret, message, hint, further places.
pub fn describe(source: &Source, diagnostics: &Diagnostics) -> String {
    let line = |diagnostic: &&Diagnostic| {
        let mut places = diagnostic.labels.iter().map(|label| {
            let before = &source.text[..label.span.start as usize];
            let line = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            let first = source.slice(label.span).lines().next().unwrap_or("");
            format!("{}:{line} `{first}`", before.matches('\n').count() + 1)
        });
        let (first, others) =
            (places.next().unwrap_or_default(), places.map(|place| format!(" also {place}")));
        let hint = diagnostic.hint.as_deref().unwrap_or("");
        let others: String = others.collect();
        format!("{} {first} {} | {hint}{others}", diagnostic.rule.code, diagnostic.message)
    };
    diagnostics.sorted().iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A document in which nothing is found.
pub fn document(path: &str, text: &str) -> Document {
    let mut diagnostics = Diagnostics::default();
    let source = Sources::default().add(path, text);
    let document = parse(&source, &mut diagnostics);
    assert_eq!(describe(&source, &diagnostics), "");
    document
}

/// What nodes mean: names, tags and values; the order of children of different names means nothing.
pub fn outline(nodes: &[Node]) -> String {
    let mut nodes: Vec<&Node> = nodes.iter().collect();
    nodes.sort_by_key(|node| &node.name);
    let node = |node: &Node| {
        let value = |value: &Value| {
            let tag = value.tag.as_ref().map_or(String::new(), |tag| format!("({tag})"));
            format!(" {tag}{:?}", value.scalar)
        };
        let values: String = node.values.iter().map(value).collect();
        let children = outline(&node.children);
        let children: Vec<String> = children.lines().map(|line| format!("\n    {line}")).collect();
        format!("{}{values}{}\n", node.name, children.concat())
    };
    nodes.into_iter().map(node).collect()
}

/// What stands under each span: the node, its name, its values as written and with their tags.
pub fn places(path: &str, text: &str) -> String {
    fn visit(node: &Node, source: &Source, lines: &mut Vec<String>) {
        let values: Vec<_> =
            node.values.iter().map(|value| (source.slice(value.span), &value.written)).collect();
        lines.push(format!("{:?} {:?} {values:?}", source.slice(node.span), source.slice(node.name_span)));
        node.children.iter().for_each(|child| visit(child, source, lines));
    }
    let source = Sources::default().add(path, text);
    let mut lines = Vec::new();
    document(path, text).nodes.iter().for_each(|node| visit(node, &source, &mut lines));
    lines.join("\n")
}
