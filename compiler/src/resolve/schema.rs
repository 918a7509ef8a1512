//! Which nodes exist, what they are called, what they hold and where they may stand.
//!
//! One static table a node type. Parsing YAML, checking the shape of a document, merging overrides and the
//! generated reference all read it, so a new field is one entry here and one line where it is used.

use super::form::Form;
use crate::document::Node;

mod app;
mod calls;
mod container;
mod distribution;
mod dns;
mod expose;
mod isolation;
mod platform;
mod probe;
mod profile;
mod release;
mod scale;
mod scenario;
mod spread;
mod traffic;
mod volume;
mod watch;
mod workload;

pub use app::{APP, COMPONENT, ENVIRONMENT, REMOVE};
pub use platform::PLATFORM;
pub use profile::PROFILE;
pub use scenario::SCENARIO;

/// One kind of node.
#[derive(Debug)]
pub struct NodeType {
    /// What it is called.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub docs: &'static str,
    /// The values after the name, in order. In YAML they are keys of these names.
    pub arguments: &'static [Argument],
    /// The nodes (and properties) that it may hold.
    pub children: &'static [&'static NodeType],
    /// Whether it may stand several times beside itself; each with another identity if it has one.
    pub many: bool,
}

/// One value after a node's name.
#[derive(Debug)]
pub struct Argument {
    /// Its name in YAML and in messages; never the name of a child of the same node.
    pub name: &'static str,
    /// What may be written.
    pub form: Form,
    /// How often.
    pub count: ArgumentCount,
}

/// How often an argument is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentCount {
    /// Exactly once.
    One,
    /// Once or not at all.
    Optional,
    /// Once or more often; only the last argument.
    Several,
}

impl NodeType {
    /// The type of a child.
    pub fn child(&self, name: &str) -> Option<&'static NodeType> {
        self.children.iter().copied().find(|child| child.name == name)
    }

    /// The type of a child, or of a `remove` that stands among the children.
    pub fn child_or_removal(&self, name: &str) -> Option<&'static NodeType> {
        let removal = || (name == REMOVE.name && !self.children.is_empty()).then_some(&REMOVE);
        self.child(name).or_else(removal)
    }

    /// What a `remove` among its children may take away. Layers of overrides have nothing but components.
    pub fn removable(&self) -> impl Iterator<Item = &'static str> {
        let is_layer = self.child(REMOVE.name).is_some() && self.child(COMPONENT.name).is_some();
        let names = self.children.iter().map(|child| child.name).filter(|name| *name != REMOVE.name);
        names.filter(move |name| !is_layer || *name == COMPONENT.name)
    }

    /// Whether its first argument names it, so that two of one name are a mistake.
    pub fn has_identity(&self) -> bool {
        let form = self.arguments.first().map(|argument| argument.form);
        let names = matches!(
            form,
            Some(
                Form::Name
                    | Form::PortName
                    | Form::FileName
                    | Form::Variable
                    | Form::MetricName
                    | Form::LabelKey
            )
        );
        let word =
            matches!(self.arguments, [Argument { form: Form::Word(_), count: ArgumentCount::One, .. }]);
        self.many && (names || word && !REPEATED.contains(&self.name))
    }

    /// The field that tells apart those that stand beside each other, where not all of them could have one name.
    pub fn told_apart_by(&self) -> Option<&'static str> {
        let (_, field) = TOLD_APART.iter().find(|(name, _)| *name == self.name)?;
        self.child(field).map(|field| field.name)
    }

    /// What a node of this type has in that field.
    pub fn apart<'a>(&self, node: &'a Node) -> Option<&'a str> {
        node.child(self.told_apart_by()?)?.identity()
    }

    /// Whether it is one scalar and nothing else.
    pub fn is_field(&self) -> bool {
        self.children.is_empty() && self.may_be_property()
    }

    /// Whether it can be written as a property, where nothing stands inside it.
    pub fn may_be_property(&self) -> bool {
        matches!(self.arguments, [argument] if argument.count == ArgumentCount::One) && !self.many
    }

    /// How `fmt` writes a field of this node in KDL: as a property on the node's line, or, where it is not, as a
    /// child with one argument. Fields are properties, except in what is read from top to bottom, which keeps on
    /// its first line only what says which or what it is.
    pub fn has_property(&self, field: &NodeType) -> bool {
        !READ_DOWNWARDS.contains(&self.name) || ON_THE_FIRST_LINE.contains(&field.name)
    }
}

/// Nodes whose fields have a line each, since there are many, and a comment on one is common.
pub const READ_DOWNWARDS: &[&str] = &["component", "cluster", "scenario", "service"];

/// Fields of those that are properties all the same.
pub const ON_THE_FIRST_LINE: &[&str] =
    &["kind", "kubernetes", "provider", "context", "app", "environment", "tenant", "cluster"];

/// Nodes whose word says what they are and not which: the same can happen twice.
const REPEATED: &[&str] = &["fault"];

/// Nodes that stand alone, or several times with another value of a field each: a container has one image, or one for
/// each build of Windows.
const TOLD_APART: &[(&str, &str)] = &[("image", "base")];

/// The top of every document.
pub static ROOT: NodeType = NodeType {
    name: "document",
    docs: "The top level of every file.",
    arguments: &[],
    children: &[&APP, &PLATFORM, &SCENARIO],
    many: false,
};

const fn one(name: &'static str, form: Form) -> Argument {
    Argument { name, form, count: ArgumentCount::One }
}

const fn field(name: &'static str, docs: &'static str, value: &'static [Argument]) -> NodeType {
    NodeType { name, docs, arguments: value, children: &[], many: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(node: &'static NodeType, depth: usize, look: &mut dyn FnMut(&'static NodeType)) {
        assert!(depth < 12, "schemas nest finitely");
        look(node);
        for child in node.children {
            visit(child, depth + 1, look);
        }
    }

    #[test]
    fn no_argument_is_called_like_a_child() {
        visit(&ROOT, 0, &mut |node| {
            for argument in node.arguments {
                assert!(node.child(argument.name).is_none(), "{} in {}", argument.name, node.name);
            }
        });
    }

    #[test]
    fn what_is_said_of_names_is_said_of_names_that_exist() {
        let mut parents = Vec::new();
        let mut fields = Vec::new();
        visit(&ROOT, 0, &mut |node| {
            parents.push(node.name);
            if READ_DOWNWARDS.contains(&node.name) {
                fields.extend(node.children.iter().filter(|child| child.is_field()).map(|child| child.name));
            }
        });
        assert!(READ_DOWNWARDS.iter().all(|name| parents.contains(name)));
        assert!(REPEATED.iter().all(|name| parents.contains(name)));
        assert!(ON_THE_FIRST_LINE.iter().all(|name| fields.contains(name)));
    }

    #[test]
    fn only_the_last_argument_repeats_and_none_follows_an_optional_one() {
        visit(&ROOT, 0, &mut |node| {
            for argument in node.arguments.iter().rev().skip(1) {
                assert_eq!(argument.count, ArgumentCount::One, "{} in {}", argument.name, node.name);
            }
        });
    }
}
