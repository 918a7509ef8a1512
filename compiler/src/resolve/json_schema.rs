//! The tables as a JSON Schema of the YAML form, for editors and for checks without specc.
//!
//! It says what [`parse`](crate::parse) and the shape of a document say: a node is a mapping with its arguments and
//! children as keys, or the short form of it; a node that may stand several times is also a list. What it cannot say
//! are names that are declared elsewhere or twice, the tag `!secret`, and how a number is written.

mod form;

use serde_json::{Map, Value, json};

use super::schema::{ArgumentCount, NodeType, ROOT};

/// The schema of a whole file, in the dialect 2020-12.
pub fn json_schema() -> Value {
    let mut definitions = Definitions::default();
    let properties = definitions.children(&ROOT, "");
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
    all: Vec<(&'static NodeType, String, Value)>,
}

impl Definitions {
    fn children(&mut self, parent: &'static NodeType, path: &str) -> Map<String, Value> {
        let child = |child: &&'static NodeType| (child.name.to_owned(), self.under_key(child, path));
        parent.children.iter().map(child).collect()
    }

    /// What may stand under the key of a node.
    fn under_key(&mut self, node_type: &'static NodeType, parent: &str) -> Value {
        if let ([argument], true) = (node_type.arguments, node_type.is_field()) {
            return described(form::schema(argument.form), node_type.docs);
        }
        let one = json!({ "$ref": format!("#/$defs/{}", self.name(node_type, parent)) });
        let values = values(node_type);
        let last = node_type.arguments.last();
        let takes_several = last.is_some_and(|last| last.count == ArgumentCount::Several);
        let mut forms = vec![one.clone()];
        if !node_type.many || takes_several {
            forms.extend(values.clone());
        }
        if node_type.many {
            let items = any_of([one].into_iter().chain(values).collect());
            forms.push(json!({ "type": "array", "items": items }));
        }
        described(any_of(forms), node_type.docs)
    }

    /// The name of the definition of one node, which is made when it is asked for first.
    fn name(&mut self, node_type: &'static NodeType, parent: &str) -> String {
        let known = self.all.iter().find(|(known, ..)| std::ptr::eq(*known, node_type));
        if let Some((_, name, _)) = known {
            return name.clone();
        }
        let dot = if parent.is_empty() { "" } else { "." };
        let name = format!("{parent}{dot}{}", node_type.name);
        // A node may hold its own kind; the definition is known before it is complete.
        let place = self.all.len();
        self.all.push((node_type, name.clone(), Value::Null));
        self.all[place].2 = self.one(node_type, &name);
        name
    }

    /// One node: its first value alone, nothing at all, or a mapping.
    fn one(&mut self, node_type: &'static NodeType, path: &str) -> Value {
        let mut forms = Vec::new();
        if let Some((first, others)) = node_type.arguments.split_first()
            && others.iter().all(|argument| argument.count == ArgumentCount::Optional)
        {
            forms.push(form::schema(first.form));
        }
        if node_type.arguments.iter().all(|argument| argument.count == ArgumentCount::Optional) {
            forms.push(json!({ "type": "null" }));
        }
        let mut properties = self.children(node_type, path);
        let mut required = Vec::new();
        for argument in node_type.arguments {
            let one = form::schema(argument.form);
            let value = match argument.count {
                ArgumentCount::One | ArgumentCount::Optional => one,
                ArgumentCount::Several => {
                    any_of(vec![one.clone(), json!({ "type": "array", "items": one, "minItems": 1 })])
                }
            };
            let described =
                described(value, &format!("Its {}: {}.", argument.name, argument.form.describe()));
            properties.insert(argument.name.to_owned(), described);
            if argument.count != ArgumentCount::Optional {
                required.push(argument.name);
            }
        }
        forms.push(json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        }));
        described(any_of(forms), node_type.docs)
    }
}

/// The values of one node as a list; a node without values has no such form.
fn values(node_type: &NodeType) -> Option<Value> {
    let last = node_type.arguments.last()?;
    let first: Vec<Value> = node_type.arguments.iter().map(|argument| form::schema(argument.form)).collect();
    let needed = node_type.arguments.iter().filter(|argument| argument.count != ArgumentCount::Optional);
    let further = match last.count {
        ArgumentCount::One | ArgumentCount::Optional => Value::Bool(false),
        ArgumentCount::Several => form::schema(last.form),
    };
    Some(json!({
        "type": "array",
        "prefixItems": first,
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
