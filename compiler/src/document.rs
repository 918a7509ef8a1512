//! What was written: a tree of nodes with values and places, the same for KDL and YAML.
//!
//! A property (`kind="stateless"`) and a child with one value (`kind "stateless"`) are one thing here,
//! since they mean the same; [`Node::is_property`] remembers the spelling.

use crate::source::Span;

/// One node with its values and children.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What the node is called, such as `component`.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The values after the name; identity is the first.
    pub values: Vec<Value>,
    /// Properties first, then children, each in the order they were written.
    pub children: Vec<Node>,
    /// The whole node without its children block, for labels.
    pub span: Span,
    /// Written as `name=value`.
    pub is_property: bool,
}

impl Node {
    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Every child of a name, in order.
    pub fn children_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first value as text, which is the node's identity where it has one.
    pub fn identity(&self) -> Option<&str> {
        self.values.first().and_then(Value::as_text)
    }
}

/// One scalar as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What the parser read.
    pub scalar: Scalar,
    /// The annotation before it: `(secret)"name/key"` in KDL, `!secret name/key` in YAML.
    pub tag: Option<String>,
    /// The text as it stands in the source: it decides, never the parsed number (`1.20` is not `1.2`).
    pub written: String,
    /// Where the scalar stands, with its tag and quotes.
    pub span: Span,
}

impl Value {
    /// Whether it says yes.
    pub fn is_true(&self) -> bool {
        self.scalar == Scalar::Boolean(true)
    }

    /// The text of a string.
    pub fn as_text(&self) -> Option<&str> {
        match &self.scalar {
            Scalar::Text(text) => Some(text),
            Scalar::Integer(_) | Scalar::Number(_) | Scalar::Boolean(_) | Scalar::Null => None,
        }
    }

    /// How an error names the type: "a text", "the number 80".
    pub fn describe(&self) -> String {
        match &self.scalar {
            Scalar::Text(text) => format!("the text `{text}`"),
            Scalar::Integer(_) | Scalar::Number(_) => format!("the number `{}`", self.written),
            Scalar::Boolean(value) => format!("the boolean `{value}`"),
            Scalar::Null => "null".to_owned(),
        }
    }
}

/// The types that both syntaxes share.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A string; in KDL quoted or a bare identifier.
    Text(String),
    /// A whole number.
    Integer(i128),
    /// A number with a fraction or an exponent.
    Number(f64),
    /// `#true` or `#false`.
    Boolean(bool),
    /// `#null`.
    Null,
}

/// Every top-level node of every file of one run, in the order of reading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// `app`, `platform` and `scenario` nodes, and whatever else was written.
    pub nodes: Vec<Node>,
}

impl Document {
    /// The top-level nodes of a name.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.nodes.iter().filter(move |node| node.name == name)
    }

    /// Adds the nodes of another file.
    pub fn append(&mut self, other: Document) {
        self.nodes.extend(other.nodes);
    }
}
