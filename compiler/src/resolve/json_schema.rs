//! The tables as a JSON Schema of the YAML form, for editors and for checks without specc.
//!
//! It says what [`parse`](crate::parse) and the shape of a document say: a node is a mapping with its arguments and
//! children as keys, or the short form of it; a node that may stand several times is also a list. What it cannot say
//! are names that are declared elsewhere or twice, the tag `!secret`, and how a number is written.

mod form;

use serde_json::{Map, Value, json};

use super::schema::{Argument, ArgumentCount, ENVIRONMENT, NodeType, REMOVE, ROOT};

/// The schema of a whole file, in the dialect 2020-12.
pub fn json_schema() -> Value {
    let mut definitions = Definitions::default();
    let properties =
        definitions.children(Meaning { node_type: &ROOT, in_override: false, removes_from: None }, "");
    let all: Map<String, Value> =
        definitions.all.into_iter().map(|(_, name, schema)| (name, schema)).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A document of specc in YAML",
        "description": ROOT.docs,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "$defs": all,
    })
}

/// Every node type that is no field, by the path where it is met first.
#[derive(Default)]
struct Definitions {
    all: Vec<(Meaning, String, Value)>,
}

/// What a definition is of: in an override a node also takes a `remove`, whose kinds are those of the node around it.
#[derive(Clone, Copy)]
struct Meaning {
    node_type: &'static NodeType,
    in_override: bool,
    removes_from: Option<&'static NodeType>,
}

impl Meaning {
    /// What it means among the children of `self`.
    fn of_child(self, node_type: &'static NodeType) -> Self {
        let in_override = self.in_override || std::ptr::eq(self.node_type, &raw const ENVIRONMENT);
        let removes_from = std::ptr::eq(node_type, &raw const REMOVE).then_some(self.node_type);
        Meaning { node_type, in_override: in_override && !node_type.children.is_empty(), removes_from }
    }

    fn is(self, other: Self) -> bool {
        let pointer = |meaning: Self| meaning.removes_from.map(std::ptr::from_ref);
        std::ptr::eq(self.node_type, other.node_type)
            && self.in_override == other.in_override
            && pointer(self) == pointer(other)
    }

    fn takes_removals(self) -> bool {
        self.in_override || std::ptr::eq(self.node_type, &raw const ENVIRONMENT)
    }

    /// The schemas of its arguments, in order.
    fn arguments(self) -> Vec<Value> {
        let mut schemas: Vec<Value> =
            self.node_type.arguments.iter().map(|argument| form::schema(argument.form)).collect();
        if let Some(parent) = self.removes_from {
            schemas[0] = json!({ "enum": parent.removable().collect::<Vec<_>>() });
        }
        schemas
    }
}

impl Definitions {
    fn children(&mut self, parent: Meaning, path: &str) -> Map<String, Value> {
        let removal = parent.takes_removals().then_some(&REMOVE);
        let others = parent.node_type.children.iter().copied();
        let others = others.filter(|child| !std::ptr::eq(*child, &raw const REMOVE));
        let child =
            |child: &'static NodeType| (child.name.to_owned(), self.under_key(parent.of_child(child), path));
        others.chain(removal).map(child).collect()
    }

    /// What may stand under the key of a node.
    fn under_key(&mut self, meaning: Meaning, parent: &str) -> Value {
        let node_type = meaning.node_type;
        if let ([argument], true) = (node_type.arguments, node_type.is_field()) {
            return described(form::schema(argument.form), node_type.docs);
        }
        let one = json!({ "$ref": format!("#/$defs/{}", self.name(meaning, parent)) });
        let values = values(meaning);
        let last = node_type.arguments.last();
        let takes_several = last.is_some_and(|last| last.count == ArgumentCount::Several);
        let mut forms = vec![one.clone()];
        if !node_type.many || takes_several {
            forms.extend(values.clone());
        }
        if node_type.told_apart_by().is_some() {
            // A list of nothing but values is one node.
            let items = any_of([one.clone()].into_iter().chain(values.clone()).collect());
            forms.push(json!({ "type": "array", "items": items, "contains": { "type": "object" } }));
        }
        if node_type.many {
            let items = any_of([one].into_iter().chain(values).collect());
            forms.push(json!({ "type": "array", "items": items }));
        }
        described(any_of(forms), node_type.docs)
    }

    /// The name of the definition of one node, which is made when it is asked for first.
    fn name(&mut self, meaning: Meaning, parent: &str) -> String {
        let known = self.all.iter().find(|(known, ..)| known.is(meaning));
        if let Some((_, name, _)) = known {
            return name.clone();
        }
        let dot = if parent.is_empty() { "" } else { "." };
        let name = format!("{parent}{dot}{}", meaning.node_type.name);
        // A node may hold its own kind; the definition is known before it is complete.
        let place = self.all.len();
        self.all.push((meaning, name.clone(), Value::Null));
        self.all[place].2 = self.one(meaning, &name);
        name
    }

    /// One node: its first value alone, nothing at all, or a mapping.
    fn one(&mut self, meaning: Meaning, path: &str) -> Value {
        let (mut forms, schemas, arguments) = (Vec::new(), meaning.arguments(), meaning.node_type.arguments);
        let optional = |argument: &Argument| argument.count == ArgumentCount::Optional;
        if let (Some(first), true) = (schemas.first(), arguments.iter().skip(1).all(optional)) {
            forms.push(first.clone());
        }
        if arguments.iter().all(optional) {
            forms.push(json!({ "type": "null" }));
        }
        let mut properties = self.children(meaning, path);
        for (argument, one) in arguments.iter().zip(schemas) {
            let value = match argument.count {
                ArgumentCount::One | ArgumentCount::Optional => one,
                ArgumentCount::Several => {
                    any_of(vec![one.clone(), json!({ "type": "array", "items": one, "minItems": 1 })])
                }
            };
            let described =
                described(value, &format!("Its {}: {}.", argument.name, argument.form.describe()));
            properties.insert(argument.name.to_owned(), described);
        }
        let required: Vec<&str> =
            arguments.iter().filter(|argument| !optional(argument)).map(|argument| argument.name).collect();
        forms.push(json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        }));
        described(any_of(forms), meaning.node_type.docs)
    }
}

/// The values of one node as a list; a node without values has no such form.
fn values(meaning: Meaning) -> Option<Value> {
    let arguments = meaning.node_type.arguments;
    let last = arguments.last()?;
    let needed = arguments.iter().filter(|argument| argument.count != ArgumentCount::Optional);
    let further = match last.count {
        ArgumentCount::One | ArgumentCount::Optional => Value::Bool(false),
        ArgumentCount::Several => form::schema(last.form),
    };
    Some(json!({
        "type": "array",
        "prefixItems": meaning.arguments(),
        "items": further,
        "minItems": needed.count().max(1),
    }))
}

fn any_of(mut forms: Vec<Value>) -> Value {
    if forms.len() == 1 { forms.remove(0) } else { json!({ "anyOf": forms }) }
}

fn described(mut schema: Value, docs: &str) -> Value {
    schema["description"] = docs.into();
    schema
}
