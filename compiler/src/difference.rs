//! What differs between the cells of an application, found in the objects that they lower to.
//!
//! Objects are matched by kind and logical name, list elements by what names them in Kubernetes (their order is not
//! compared), and whatever differs between any two cells by nature is masked: the namespace, names with hashes, the
//! labels that name cell and revision. So a new field or a new kind of object needs no word here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::lower::{ENVIRONMENT, REVISION, TENANT};
use crate::object::{Bundle, Object};

/// One field that is not the same in every cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The component that the object belongs to; `None` for a cell's own objects.
    pub component: Option<String>,
    /// The kind of the object.
    pub kind: String,
    /// The name of the object without hashes.
    pub name: String,
    /// Such as `spec.template.spec.containers[api].image`; empty where the object itself is not in every cell.
    pub field: String,
    /// Each value with the indices of the cells that have it, the value of most cells first; `None` where the field,
    /// or the object, is absent. An object that is there is `true`.
    pub values: Vec<(Option<Value>, Vec<usize>)>,
}

/// What the keys of list elements are called in Kubernetes, the most telling first.
const ELEMENT_KEYS: [&str; 7] = ["name", "mountPath", "containerPort", "port", "key", "topologyKey", "type"];

/// Compares the objects of several cells; fields in the order of components, objects and paths.
pub fn differences(bundles: &[Bundle]) -> Vec<Difference> {
    let masks: Vec<Mask> = bundles.iter().map(Mask::new).collect();
    let mut order: Vec<(&str, &str)> = Vec::new();
    let mut cells: BTreeMap<(&str, &str), BTreeMap<usize, &Object>> = BTreeMap::new();
    for (index, bundle) in bundles.iter().enumerate() {
        for object in &bundle.objects {
            let key = (object.kind(), object.logical_name.as_str());
            let cells = cells.entry(key).or_default();
            if cells.is_empty() {
                order.push(key);
            }
            cells.insert(index, object);
        }
    }
    let mut found = Vec::new();
    for (kind, name) in order {
        let objects = &cells[&(kind, name)];
        let component = objects.values().next().and_then(|object| object.component.clone());
        let object = Difference {
            component,
            kind: kind.to_owned(),
            name: name.to_owned(),
            field: String::new(),
            values: Vec::new(),
        };
        if objects.len() < bundles.len() {
            let there = |index| objects.contains_key(&index).then_some(Value::Bool(true));
            let values = grouped((0..bundles.len()).map(|index| (index, there(index))));
            found.push(Difference { values, ..object.clone() });
        }
        let whole = |(index, object): (&usize, &&Object)| {
            let plain = object.value();
            (*index, tree(&masks[*index].masked(plain.clone()), &plain))
        };
        let trees: Vec<(usize, Tree)> = objects.iter().map(whole).collect();
        let trees: Vec<(usize, Option<&Tree>)> =
            trees.iter().map(|(index, tree)| (*index, Some(tree))).collect();
        compare(&object, "", &trees, &mut found);
    }
    // Components stay in the order in which they first come.
    let mut components: Vec<Option<String>> = Vec::new();
    for difference in &found {
        if !components.contains(&difference.component) {
            components.push(difference.component.clone());
        }
    }
    found.sort_by_key(|difference| components.iter().position(|known| *known == difference.component));
    found
}

/// A value, masked and as it is, and what it consists of if it is no single one.
struct Tree {
    value: Value,
    plain: Value,
    parts: Option<BTreeMap<String, Tree>>,
}

impl Tree {
    fn same(&self, other: &Tree) -> bool {
        match (&self.parts, &other.parts) {
            (Some(here), Some(there)) => {
                here.len() == there.len()
                    && here.iter().all(|(key, part)| there.get(key).is_some_and(|other| part.same(other)))
            }
            // A text that is the same everywhere may name one of the cells.
            _ => self.value == other.value || self.plain == other.plain,
        }
    }
}

/// Goes down as long as every cell has the field.
fn compare(object: &Difference, field: &str, cells: &[(usize, Option<&Tree>)], found: &mut Vec<Difference>) {
    let first = cells.first().and_then(|(_, tree)| *tree);
    let alike = |tree: Option<&Tree>| match (first, tree) {
        (Some(first), Some(tree)) => first.same(tree),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if cells.iter().all(|(_, tree)| alike(*tree)) {
        return;
    }
    let parts: Option<Vec<(usize, &BTreeMap<String, Tree>)>> =
        cells.iter().map(|(index, tree)| Some((*index, tree.as_ref()?.parts.as_ref()?))).collect();
    let Some(parts) = parts else {
        let values = grouped(cells.iter().map(|(index, tree)| (*index, tree.map(|tree| tree.value.clone()))));
        found.push(Difference { field: field.trim_start_matches('.').to_owned(), values, ..object.clone() });
        return;
    };
    let keys: BTreeSet<&String> = parts.iter().flat_map(|(_, parts)| parts.keys()).collect();
    for key in keys {
        let below: Vec<(usize, Option<&Tree>)> =
            parts.iter().map(|(index, parts)| (*index, parts.get(key))).collect();
        compare(object, &format!("{field}{key}"), &below, found);
    }
}

/// Each value once, with its cells; the value of most cells first.
fn grouped(cells: impl Iterator<Item = (usize, Option<Value>)>) -> Vec<(Option<Value>, Vec<usize>)> {
    let mut groups: Vec<(Option<Value>, Vec<usize>)> = Vec::new();
    for (index, value) in cells {
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, cells)) => cells.push(index),
            None => groups.push((value, vec![index])),
        }
    }
    groups.sort_by_key(|(_, cells)| std::cmp::Reverse(cells.len()));
    groups
}

/// `plain` has what `value` has, unmasked.
fn tree(value: &Value, plain: &Value) -> Tree {
    let parts = match value {
        Value::Object(fields) => {
            let part = |(key, value): (&String, &Value)| (segment(key), tree(value, &plain[key.as_str()]));
            Some(fields.iter().map(part).collect())
        }
        Value::Array(elements) if elements.iter().any(Value::is_object) => Some(named(elements, plain)),
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    Tree { value: value.clone(), plain: plain.clone(), parts }
}

/// The elements of a list by what names them, or else by their place.
fn named(elements: &[Value], plain: &Value) -> BTreeMap<String, Tree> {
    let by_place = (0..elements.len()).map(|at| at.to_string()).collect();
    let by_name = ELEMENT_KEYS.iter().find_map(|key| names(elements, key));
    let names: Vec<String> = by_name.unwrap_or(by_place);
    let part = |(at, name)| (format!("[{name}]"), tree(&elements[at], &plain[at]));
    names.into_iter().enumerate().map(part).collect()
}

/// What a field says of each element, if it tells them apart.
fn names(elements: &[Value], key: &str) -> Option<Vec<String>> {
    let name = |element: &Value| match element.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let names: Vec<String> = elements.iter().map(name).collect::<Option<_>>()?;
    let distinct: BTreeSet<&String> = names.iter().collect();
    (distinct.len() == names.len()).then_some(names)
}

/// `.spec`, and `[php.ini]` for keys that a path would break at.
fn segment(key: &str) -> String {
    let plain = key.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    if plain { format!(".{key}") } else { format!("[{key}]") }
}

/// What differs between cells by nature, and what stands for it.
struct Mask {
    words: Vec<(String, String)>,
}

impl Mask {
    fn new(bundle: &Bundle) -> Self {
        let mut words = vec![(bundle.namespace.clone(), "<namespace>".to_owned())];
        for object in &bundle.objects {
            let name = object.key().name;
            let hashed = name.strip_prefix(&object.logical_name).is_some_and(|rest| rest.starts_with('-'));
            if hashed && name != bundle.namespace {
                words.push((name, object.logical_name.clone()));
            }
        }
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        words.dedup();
        Self { words }
    }

    fn masked(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(elements) => elements.into_iter().map(|element| self.masked(element)).collect(),
            Value::Object(fields) => {
                let of_cell = |key: &str| [ENVIRONMENT, TENANT, REVISION].contains(&key);
                let fields = fields.into_iter().filter(|(key, _)| !of_cell(key));
                Value::Object(fields.map(|(key, value)| (key, self.masked(value))).collect::<Map<_, _>>())
            }
            other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
        }
    }

    fn text(&self, mut text: String) -> String {
        for (word, stand_in) in &self.words {
            if text.contains(word.as_str()) {
                text = replaced(&text, word, stand_in);
            }
        }
        text
    }
}

/// Replaces a word where it is not a part of a longer name.
fn replaced(text: &str, word: &str, stand_in: &str) -> String {
    let of_name = |c: char| c.is_alphanumeric() || c == '-';
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let inside = before.chars().next_back().is_some_and(of_name)
            || (before.is_empty() && made.chars().next_back().is_some_and(of_name))
            || after.chars().next().is_some_and(of_name);
        made.push_str(before);
        made.push_str(if inside { word } else { stand_in });
        rest = after;
    }
    made + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Diagnostics;
    use crate::resolve::Files;
    use crate::source::Sources;
    use crate::{compile, lower, parse};

    /// One line a difference, for an application with the environments that `overrides` declares.
    fn found(overrides: &str) -> String {
        let text = format!(
            r#"platform "p" {{
                cluster "c" kubernetes="1.34" {{ pool "general" cpu=16 memory="64Gi" nodes=10; }}
                environment "test" "prod" cluster="c"
            }}
            app "shop" {{
                component "web" {{
                    image "registry.example.com/web:1"
                    resources cpu="500m" memory="512Mi"
                    port "http" 8080
                    env "MODE" "a"
                    env "SELF" "http://web.shop-test.svc/shop-test-2"
                    config "app.ini" mount="/etc/app" from="a.ini"
                }}
                {overrides}
            }}"#
        )
        .replace(
            "environment \"test\" \"prod\" cluster",
            "environment \"test\" cluster=\"c\"; environment \"prod\" cluster",
        );
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let document = parse::parse(&sources.add("a.kdl", text), &mut diagnostics);
        let files = Files::from([("a.ini".into(), "x = 1\n".into()), ("b.ini".into(), "x = 2\n".into())]);
        let checked = compile(&document, &files, &mut diagnostics);
        let checked = checked.unwrap_or_else(|| panic!("{diagnostics:?}"));
        let bundles: Vec<Bundle> = checked.cells().iter().map(|cell| lower::lower(&checked, cell)).collect();
        let value = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
        let line = |difference: Difference| {
            let values = difference.values.iter().map(|(one, cells)| format!(" {} in {cells:?}", value(one)));
            let values: String = values.collect();
            format!("{}/{} {}:{values}", difference.kind, difference.name, difference.field)
        };
        differences(&bundles).into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_cells_differ_in_by_nature_is_no_difference() {
        let same = r#"environment "test" { tenant "a"; tenant "b"; }; environment "prod""#;
        assert_eq!(found(same), "");
    }

    #[test]
    fn every_field_that_differs_is_found_at_its_deepest_place() {
        let overrides = r#"
            environment "test" { component "web" { env "MODE" "b"; env "MORE" "1"; replicas 2; }; }
            environment "prod" {
                tenant "a" { component "web" { image "registry.example.com/web:2"; scale min=2 max=4 { cpu "60%"; }; }; }
                tenant "b" { component "web" { config "app.ini" mount="/etc/app" from="b.ini"; replicas 2; }; }
            }"#;
        insta::assert_snapshot!(found(overrides), @r#"
        ConfigMap/web-app-ini data[app.ini]: "x = 1\n" in [0, 1] "x = 2\n" in [2]
        Deployment/web spec.replicas: 2 in [0, 2] - in [1]
        Deployment/web spec.template.spec.containers[web].env[MODE].value: "a" in [1, 2] "b" in [0]
        Deployment/web spec.template.spec.containers[web].env[MORE]: - in [1, 2] {"name":"MORE","value":"1"} in [0]
        Deployment/web spec.template.spec.containers[web].image: "registry.example.com/web:1" in [0, 2] "registry.example.com/web:2" in [1]
        HorizontalPodAutoscaler/web : - in [0, 2] true in [1]
        "#);
    }

    #[test]
    fn a_word_in_a_longer_name_stays() {
        assert_eq!(replaced("shop-a shop-a-2 x.shop-a.svc", "shop-a", "<n>"), "<n> shop-a-2 x.<n>.svc");
    }
}
