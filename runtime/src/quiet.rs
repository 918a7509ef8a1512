//! Objects as people compare them: without what the server, controllers and autoscalers write, and without values that
//! are nobody's business.

use std::collections::BTreeMap;

use kube::api::DynamicObject;
use serde_json::Value;

use crate::observe::EPOCH;

/// Stands for a value that is not shown.
const MASKED: &str = "(masked)";
/// Stands for a value that is not shown and is not the one before it.
const DIFFERS: &str = "(differs)";

/// What the server and controllers note in an object's metadata.
const NOTED: &[&str] =
    &["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];

/// What controllers, specc's own fence and kubectl note in its annotations; the last holds the whole object again.
const NOTED_ANNOTATIONS: &[&str] =
    &["deployment.kubernetes.io/revision", EPOCH, "kubectl.kubernetes.io/last-applied-configuration"];

/// The object without status, notes, counts and bounds.
pub(crate) fn quiet(object: &DynamicObject) -> Value {
    let mut value = serde_json::to_value(object).expect("objects serialise");
    without(&mut value, &["status"]);
    without(&mut value["metadata"], NOTED);
    without(&mut value["metadata"]["annotations"], NOTED_ANNOTATIONS);
    if value["metadata"]["annotations"].as_object().is_none_or(serde_json::Map::is_empty) {
        without(&mut value["metadata"], &["annotations"]);
    }
    match value["kind"].as_str() {
        Some("Deployment" | "StatefulSet") => without(&mut value["spec"], &["replicas"]),
        Some("HorizontalPodAutoscaler") => without(&mut value["spec"], &["minReplicas", "maxReplicas"]),
        // Whatever else there is has neither a count nor bounds.
        _ => {}
    }
    value
}

/// Hides values of Secrets and of environment variables in both, so that one can still see which of them differ.
pub(crate) fn mask(old: Option<&mut Value>, new: Option<&mut Value>) {
    let mut values = BTreeMap::new();
    if let Some(old) = old {
        hide(old, "", &mut |path, value| {
            values.insert(path, value);
            MASKED
        });
    }
    if let Some(new) = new {
        hide(new, "", &mut |path, value| {
            let before = values.get(&path);
            if before.is_some_and(|before| *before != value) { DIFFERS } else { MASKED }
        });
    }
}

/// Puts a word into the place of each hidden value, which is handed over with its place.
fn hide(object: &mut Value, path: &str, word: &mut dyn FnMut(String, Value) -> &'static str) {
    if path.is_empty() && object["kind"] == "Secret" {
        for field in ["data", "stringData"] {
            for (name, value) in object.get_mut(field).and_then(Value::as_object_mut).into_iter().flatten() {
                *value = word(format!("{field}.{name}"), value.take()).into();
            }
        }
    }
    match object {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = format!("{path}.{name}");
                if name == "env" {
                    hide_variables(value, &path, word);
                }
                hide(value, &path, word);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                let name = element["name"].as_str().map_or_else(|| index.to_string(), str::to_owned);
                hide(element, &format!("{path}[{name}]"), word);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn hide_variables(list: &mut Value, path: &str, word: &mut dyn FnMut(String, Value) -> &'static str) {
    for variable in list.as_array_mut().into_iter().flatten() {
        let path = format!("{path}[{}]", variable["name"].as_str().unwrap_or_default());
        if let Some(value) = variable.get_mut("value") {
            *value = word(path, value.take()).into();
        }
    }
}

/// Takes fields away, if there are any.
fn without(value: &mut Value, names: &[&str]) {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|name, _| !names.contains(&name.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_server_and_controllers_write_is_quiet() {
        let object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {
                "name": "web", "uid": "u", "resourceVersion": "7", "generation": 3, "managedFields": [],
                "creationTimestamp": "2026-01-01T00:00:00Z",
                "annotations": {
                    "specc.io/epoch": "4", "deployment.kubernetes.io/revision": "1",
                    "kubectl.kubernetes.io/last-applied-configuration": "{\"env\":[{\"value\":\"hush\"}]}",
                },
            },
            "spec": { "replicas": 4, "minReadySeconds": 5 },
            "status": { "replicas": 4 },
        });
        let object: DynamicObject = serde_json::from_value(object).expect("an object");
        let expected = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" }, "spec": { "minReadySeconds": 5 },
        });
        assert_eq!(quiet(&object), expected);
    }

    #[test]
    fn bounds_are_quiet_and_other_fields_of_an_autoscaler_are_not() {
        let object = json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": { "name": "web" },
            "spec": { "minReplicas": 1, "maxReplicas": 3, "behavior": {} },
        });
        let object: DynamicObject = serde_json::from_value(object).expect("an object");
        assert_eq!(quiet(&object)["spec"], json!({ "behavior": {} }));
    }

    #[test]
    fn values_of_variables_and_secrets_are_never_shown() {
        let pod = |a: &str, b: &str, list: &str| {
            let variables = json!([{ "name": "A", "value": a }, { "name": "B", "value": b }, { "name": list, "value": "x" },
                                   { "name": "R", "valueFrom": { "secretKeyRef": { "name": "s", "key": "k" } } }]);
            json!({ "spec": { "containers": [{ "name": "web", "env": variables }] } })
        };
        let (mut old, mut new) = (pod("hush-1", "hush-2", "C"), pod("hush-1", "hush-3", "D"));
        mask(Some(&mut old), Some(&mut new));
        let variables = |pod: &Value| pod["spec"]["containers"][0]["env"].clone();
        assert_eq!(variables(&old)[1], json!({ "name": "B", "value": "(masked)" }));
        assert_eq!(variables(&new)[0], json!({ "name": "A", "value": "(masked)" }), "it is the same");
        assert_eq!(variables(&new)[1], json!({ "name": "B", "value": "(differs)" }));
        assert_eq!(variables(&new)[2], json!({ "name": "D", "value": "(masked)" }), "it is new");
        assert_eq!(variables(&new)[3]["valueFrom"]["secretKeyRef"]["key"], "k", "a reference is no value");
        let secret = |value: &str| json!({ "kind": "Secret", "data": { "k": value, "same": "hush" }, "stringData": { "t": value } });
        let (mut old, mut new) = (secret("hush-1"), secret("hush-2"));
        mask(Some(&mut old), Some(&mut new));
        assert_eq!(new["data"], json!({ "k": "(differs)", "same": "(masked)" }));
        let mut alone = secret("hush-1");
        mask(None, Some(&mut alone));
        assert!(![old, new, alone].iter().any(|secret| secret.to_string().contains("hush")));
    }
}
