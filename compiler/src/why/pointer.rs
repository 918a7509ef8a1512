//! Which field of an object: how people write it, and what they may have meant.

use serde_json::Value;

use crate::resolve::form::nearest;

/// The way from an object to one of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pointer(Vec<Step>);

/// One step of the way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into a map.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

/// A field that the object does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoField {
    /// What was written, as far as it leads nowhere.
    pub written: String,
    /// What to write instead.
    pub hint: String,
}

impl std::fmt::Display for Pointer {
    /// As people write it: `spec.template.spec.containers.0.image`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            match step {
                Step::Key(key) => write!(f, "{dot}{key}")?,
                Step::Index(number) => write!(f, "{dot}{number}")?,
            }
        }
        Ok(())
    }
}

impl Pointer {
    /// The field that a text names: `spec.replicas`, `/spec/replicas`, `containers.0`, `containers[0]`,
    /// `containers[name=api]` or `containers.api`. Keys may hold dots, as those of labels do.
    pub fn read(object: &Value, text: &str) -> Result<Pointer, NoField> {
        let mut far = Far::default();
        let found = match text.strip_prefix('/') {
            Some(rest) => {
                let parts: Vec<String> =
                    rest.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
                along(object, &parts)
            }
            None => lead(object, text.trim_matches('.'), &mut Vec::new(), &mut far)
                .or_else(|| lead(object, &plain(text), &mut Vec::new(), &mut far)),
        };
        found
            .map(Pointer)
            .ok_or_else(|| NoField { written: text.to_owned(), hint: advice(object, text, &far) })
    }

    /// The value there.
    pub fn value<'a>(&self, object: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(object, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Index(index) => value.get(index),
        })
    }

    /// Whether it is the other or inside it.
    pub fn is_in(&self, other: &Pointer) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Whether it names the whole object.
    pub fn is_whole(&self) -> bool {
        self.0.is_empty()
    }

    /// One step further.
    #[must_use]
    pub fn then(&self, step: Step) -> Pointer {
        let mut steps = self.0.clone();
        steps.push(step);
        Pointer(steps)
    }

    /// What both have in common from the object on.
    #[must_use]
    pub fn common(&self, other: &Pointer) -> Pointer {
        let same = self.0.iter().zip(&other.0).take_while(|(a, b)| a == b).count();
        Pointer(self.0[..same].to_vec())
    }

    /// As RFC 6901 writes it: `/spec/replicas`.
    pub fn json(&self) -> String {
        let part = |step: &Step| match step {
            Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => format!("/{index}"),
        };
        self.0.iter().map(part).collect()
    }
}

/// Every scalar, empty map and empty list below a value, in order.
pub fn fields(value: &Value) -> Vec<(Pointer, &Value)> {
    fn visit<'a>(value: &'a Value, at: &Pointer, fields: &mut Vec<(Pointer, &'a Value)>) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                map.iter().for_each(|(key, value)| visit(value, &at.then(Step::Key(key.clone())), fields));
            }
            Value::Array(list) if !list.is_empty() => {
                let numbered = list.iter().enumerate();
                numbered.for_each(|(index, value)| visit(value, &at.then(Step::Index(index)), fields));
            }
            Value::Object(_)
            | Value::Array(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_) => {
                fields.push((at.clone(), value));
            }
        }
    }
    let mut found = Vec::new();
    visit(value, &Pointer::default(), &mut found);
    found
}

/// How far a text led: the steps, and what is written after them.
#[derive(Default)]
struct Far {
    steps: Vec<Step>,
    rest: String,
}

/// Follows dotted text; the longest key that fits goes first, since keys may hold dots.
fn lead(value: &Value, rest: &str, steps: &mut Vec<Step>, far: &mut Far) -> Option<Vec<Step>> {
    if rest.is_empty() {
        return Some(steps.clone());
    }
    if far.rest.is_empty() || steps.len() > far.steps.len() {
        *far = Far { steps: steps.clone(), rest: rest.to_owned() };
    }
    let after = |key: &str| {
        let tail = rest.strip_prefix(key)?;
        if tail.is_empty() { Some(tail) } else { tail.strip_prefix('.') }
    };
    let mut ways: Vec<(usize, Step, &Value, &str)> = Vec::new();
    match value {
        Value::Object(map) => {
            let fitting = map.iter().filter_map(|(key, value)| Some((key, value, after(key)?)));
            ways.extend(fitting.map(|(key, value, tail)| (key.len(), Step::Key(key.clone()), value, tail)));
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                let name = value.get("name").and_then(Value::as_str);
                let number = index.to_string();
                let fits = [Some(number.as_str()), name].into_iter().flatten().find_map(after);
                ways.extend(fits.map(|tail| (rest.len() - tail.len(), Step::Index(index), value, tail)));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    ways.sort_by_key(|way| std::cmp::Reverse(way.0));
    for (_, step, value, tail) in ways {
        steps.push(step);
        if let Some(found) = lead(value, tail, steps, far) {
            return Some(found);
        }
        steps.pop();
    }
    None
}

/// Follows the parts of a JSON pointer.
fn along(object: &Value, parts: &[String]) -> Option<Vec<Step>> {
    let mut value = object;
    let mut steps = Vec::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let index = part.parse::<usize>().ok().filter(|_| value.is_array());
        value = index.map_or_else(|| value.get(part), |index| value.get(index))?;
        steps.push(index.map_or_else(|| Step::Key(part.clone()), Step::Index));
    }
    Some(steps)
}

/// `a[0]`, `a[name=b]` and `a['b']` with dots.
fn plain(text: &str) -> String {
    let dotted = text.replace("[name=", ".").replace('[', ".").replace(']', "");
    dotted.replace(['\'', '"'], "").trim_matches('.').to_owned()
}

/// A field of that name elsewhere, or the nearest name where the way ended, or all the names there.
fn advice(object: &Value, text: &str, far: &Far) -> String {
    let all = fields(object);
    let here = Pointer(far.steps.clone());
    let first = |rest: &str| rest.split(['.', '[', '/']).next().unwrap_or_default().to_owned();
    let (word, last) = (first(&far.rest), text.rsplit(['.', '/']).next().unwrap_or_default());
    let mut known: Vec<String> = Vec::new();
    for (pointer, _) in all.iter().filter(|(pointer, _)| pointer.is_in(&here)) {
        let step = pointer.0.get(far.steps.len()).map(|step| Pointer(vec![step.clone()]).to_string());
        known.extend(step.filter(|step| !known.contains(step)));
    }
    // Another number is no misspelling.
    let near = nearest(&word, known.iter().map(String::as_str))
        .filter(|near| *near != word && word.parse::<usize>().is_err());
    if let Some(near) = near {
        let dot = if here.is_whole() { "" } else { "." };
        return format!("did you mean `{here}{dot}{near}`?");
    }
    let key = |pointer: &Pointer| match pointer.0.last() {
        Some(Step::Key(key)) => Some(key.clone()),
        Some(Step::Index(_)) | None => None,
    };
    let keys: Vec<String> = all.iter().filter_map(|(pointer, _)| key(pointer)).collect();
    if let Some(near) = nearest(last, keys.iter().map(String::as_str))
        && let Some((elsewhere, _)) = all.iter().find(|(pointer, _)| key(pointer).as_deref() == Some(near))
    {
        return format!("did you mean `{elsewhere}`?");
    }
    let place = if here.is_whole() { "the object".to_owned() } else { format!("`{here}`") };
    let quoted: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() {
        return format!("{place} is a single value");
    }
    format!("{place} has {}", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object() -> Value {
        json!({
            "metadata": {"labels": {"specc.io/app": "shop", "specc.io": {"app": 1}}},
            "spec": {"containers": [{"name": "api", "image": "a:1"}, {"name": "log", "image": "b:1"}]},
        })
    }

    #[test]
    fn a_field_is_written_in_many_ways() {
        for text in [
            "spec.containers.1.image",
            "/spec/containers/1/image",
            "spec.containers[1].image",
            "spec.containers[name=log].image",
            "spec.containers.log.image",
            ".spec.containers.1.image",
        ] {
            let found = Pointer::read(&object(), text).map(|pointer| pointer.to_string());
            assert_eq!(found.as_deref(), Ok("spec.containers.1.image"), "{text}");
        }
        let label = Pointer::read(&object(), "metadata.labels.specc.io/app").expect("keys may hold dots");
        assert_eq!(label.json(), "/metadata/labels/specc.io~1app");
        assert_eq!(label.value(&object()), Some(&json!("shop")));
        assert_eq!(Pointer::read(&object(), ""), Ok(Pointer::default()));
    }

    #[test]
    fn a_field_that_is_not_there_gets_advice() {
        let hint = |text| Pointer::read(&object(), text).map_err(|missing| missing.hint).unwrap_err();
        assert_eq!(hint("spec.contaners.0.image"), "did you mean `spec.containers`?");
        assert_eq!(hint("imgae"), "did you mean `spec.containers.0.image`?");
        assert_eq!(hint("spec.containers.2"), "`spec.containers` has `0`, `1`");
        assert_eq!(hint("spec.containers.0.image.tag"), "`spec.containers.0.image` is a single value");
    }
}
