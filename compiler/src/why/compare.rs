//! What differs between two versions of one object, field by field of the first.

use serde_json::{Map, Value};

use super::pointer::{Pointer, Step};
use crate::lower::REVISION;
use crate::object::{Bundle, Object};

/// What became of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// It holds another value.
    Becomes(Value),
    /// It is not there.
    Vanishes,
    /// It is there and was not, with this value.
    Appears(Value),
}

/// The hash in the names of some objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash {
    /// The hash as it stands in names and labels.
    pub text: String,
    /// The object that it is the hash of: `Deployment/api`.
    pub object: String,
    /// The part of the object that is hashed: `spec.template`.
    pub part: String,
}

/// What stands for every hash when objects are compared, since a hash changes with everything.
const MASK: &str = "<hash>";

/// The hashes of a bundle: of pod templates, which are revisions, and of the contents of immutable objects.
pub fn hashes(bundle: &Bundle) -> Vec<Hash> {
    let mut hashes: Vec<Hash> = Vec::new();
    for object in &bundle.objects {
        let value = object.value();
        let Some(suffix) = suffix(object, &value) else { continue };
        let revision = value["metadata"]["labels"][REVISION].as_str() == Some(suffix);
        let template = value.pointer("/spec/template").is_some();
        let immutable = value["immutable"] == Value::Bool(true);
        let part = match (revision, immutable) {
            (true, _) if template => "spec.template",
            // What only carries a revision has no content of its own to name.
            (true, _) | (false, false) => continue,
            (false, true) => "data",
        };
        if hashes.iter().all(|known| known.text != suffix) {
            let object = format!("{}/{}", object.kind(), object.logical_name);
            hashes.push(Hash { text: suffix.to_owned(), object, part: part.to_owned() });
        }
    }
    hashes
}

/// What an object's name has after its logical name.
fn suffix<'a>(object: &Object, value: &'a Value) -> Option<&'a str> {
    value["metadata"]["name"].as_str()?.strip_prefix(&object.logical_name)?.strip_prefix('-')
}

/// The value with every hash replaced by one and the same word.
pub fn masked(value: &Value, hashes: &[Hash]) -> Value {
    match value {
        Value::String(text) => {
            let found = hashes.iter().find(|hash| text.contains(&hash.text));
            Value::String(found.map_or_else(|| text.clone(), |hash| text.replace(&hash.text, MASK)))
        }
        Value::Array(list) => list.iter().map(|value| masked(value, hashes)).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), masked(value, hashes))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Every field of `old` that is another one in `new`. After a renaming, what has no partner is paired in order.
pub fn compare(old: &Value, new: &Value, renamed: bool) -> Vec<(Pointer, Effect)> {
    let mut comparison = Comparison { renamed, found: Vec::new() };
    comparison.look(old, Some(new), &Pointer::default());
    comparison.found
}

struct Comparison {
    renamed: bool,
    found: Vec<(Pointer, Effect)>,
}

impl Comparison {
    fn look(&mut self, old: &Value, new: Option<&Value>, at: &Pointer) {
        match old {
            Value::Object(map) if !map.is_empty() => {
                let empty = Map::new();
                let other = new.and_then(Value::as_object).unwrap_or(&empty);
                for (key, value, partner) in self.pair_keys(map, other) {
                    self.look(value, partner, &at.then(Step::Key(key.clone())));
                }
            }
            Value::Array(list) if !list.is_empty() => {
                let other = new.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let partners = self.pair_entries(list, other);
                for (index, (value, partner)) in list.iter().zip(partners).enumerate() {
                    self.look(value, partner, &at.then(Step::Index(index)));
                }
            }
            Value::Object(_)
            | Value::Array(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_) => match new {
                None => self.found.push((at.clone(), Effect::Vanishes)),
                Some(new) if new != old => self.found.push((at.clone(), Effect::Becomes(new.clone()))),
                Some(_) => {}
            },
        }
    }

    fn pair_keys<'a>(
        &self,
        old: &'a Map<String, Value>,
        new: &'a Map<String, Value>,
    ) -> Vec<(&'a String, &'a Value, Option<&'a Value>)> {
        let lost: Vec<&String> = old.keys().filter(|key| !new.contains_key(*key)).collect();
        let came: Vec<&String> = new.keys().filter(|key| !old.contains_key(*key)).collect();
        let pairs = self.renamed && lost.len() == came.len();
        let partner = |key: &String| {
            let stranger = || lost.iter().position(|known| *known == key).filter(|_| pairs);
            new.get(key).or_else(|| stranger().and_then(|index| new.get(came[index])))
        };
        old.iter().map(|(key, value)| (key, value, partner(key))).collect()
    }

    /// Entries with names are found by name, others by where they stand.
    fn pair_entries<'a>(&self, old: &[Value], new: &'a [Value]) -> Vec<Option<&'a Value>> {
        if let (Some(old_names), Some(new_names)) = (names(old), names(new)) {
            let lost: Vec<&(&str, usize)> =
                old_names.iter().filter(|name| !new_names.contains(name)).collect();
            let came: Vec<usize> =
                (0..new.len()).filter(|index| !old_names.contains(&new_names[*index])).collect();
            let pairs = self.renamed && lost.len() == came.len();
            let partner = |name: &(&str, usize)| {
                let stranger = || {
                    lost.iter().position(|known| *known == name).filter(|_| pairs).map(|index| came[index])
                };
                new_names.iter().position(|known| known == name).or_else(stranger)
            };
            return old_names.iter().map(|name| partner(name).map(|index| &new[index])).collect();
        }
        if old.len() == new.len() {
            return new.iter().map(Some).collect();
        }
        // Something was taken out or put in: what is alike before and after it stays.
        let same = |(a, b): &(&Value, &Value)| a == b;
        let shorter = old.len().min(new.len());
        let before = old.iter().zip(new).take_while(same).count();
        let after = old.iter().rev().zip(new.iter().rev()).take_while(same).count().min(shorter - before);
        let partner = |index: usize| match index {
            _ if index < before => new.get(index),
            _ if index >= old.len() - after => new.get(index + new.len() - old.len()),
            _ => None,
        };
        (0..old.len()).map(partner).collect()
    }
}

/// The name of each entry, and how many of that name stand before it; `None` unless all have one.
fn names(list: &[Value]) -> Option<Vec<(&str, usize)>> {
    let mut names: Vec<(&str, usize)> = Vec::new();
    for entry in list {
        let name = entry.get("name")?.as_str()?;
        let before = names.iter().filter(|(known, _)| *known == name).count();
        names.push((name, before));
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differences(old: &Value, new: &Value, renamed: bool) -> String {
        let line = |(pointer, effect): &(Pointer, Effect)| format!("{pointer} {effect:?}");
        compare(old, new, renamed).iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn entries_with_names_are_found_by_name() {
        let old = json!([{"name": "a", "v": 1}, {"name": "b", "v": 2}]);
        let new = json!([{"name": "b", "v": 3}]);
        insta::assert_snapshot!(differences(&old, &new, false), @r"
        0.name Vanishes
        0.v Vanishes
        1.v Becomes(Number(3))
        ");
    }

    #[test]
    fn a_renaming_pairs_what_is_left() {
        let old = json!({"env": [{"name": "a", "v": 1}, {"name": "b"}], "data": {"x": 1}});
        let new = json!({"env": [{"name": "c", "v": 1}, {"name": "b"}], "data": {"y": 1}});
        assert_eq!(differences(&old, &new, true), "env.0.name Becomes(String(\"c\"))");
    }

    #[test]
    fn entries_without_names_stay_where_their_neighbours_do() {
        assert_eq!(differences(&json!([1, 2, 3]), &json!([1, 3]), false), "1 Vanishes");
        assert_eq!(differences(&json!([1, 2]), &json!([1, 5, 2]), false), "");
        assert_eq!(differences(&json!([1, 1]), &json!([1]), false), "1 Vanishes");
        assert_eq!(differences(&json!({"a": {"b": [{}]}}), &json!({}), false), "a.b.0 Vanishes");
    }
}
