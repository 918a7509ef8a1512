//! What a namespace holds once a rollout is over, without what differs from one release to the next.

use std::collections::BTreeMap;

use kube::Client;
use kube::api::{Api, DynamicObject, ListParams};
use serde_json::{Value, json};

use super::lane::{Lane, marked};
use crate::cluster::app::resource;

/// What is compared, beside pods and the record.
const OBJECTS: &[(&str, &str)] = &[
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("v1", "Service"),
    ("policy/v1", "PodDisruptionBudget"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("v1", "PersistentVolumeClaim"),
];

/// What a rollout has led to up to this moment.
pub async fn digest(client: &Client, lane: &Lane) -> String {
    let record = record(client, lane).await;
    let aborted = record["stage"] == "aborted";
    let mut lines: Vec<String> = ["stage", "paused", "failed", "previous"]
        .iter()
        .map(|field| format!("record.{field} = {}", record[field]))
        .collect();
    for (api_version, kind) in OBJECTS {
        for object in list(client, lane, api_version, kind).await {
            // How far a release that was taken back had come is no matter.
            let empty = *kind == "Deployment"
                && object["spec"]["replicas"] == 0
                && object["status"]["replicas"].is_null();
            if !(aborted && empty) {
                let object = plain(object);
                let name = object["metadata"]["name"].as_str().unwrap_or_default();
                flat(&object, &format!("{kind} {name}"), &mut lines);
            }
        }
    }
    let mut pods: BTreeMap<String, u32> = BTreeMap::new();
    for pod in list(client, lane, "v1", "Pod").await {
        let state = format!(
            "{} ready {} leaving {}",
            pod["metadata"]["labels"]["specc.io/revision"],
            is_ready(&pod),
            !pod["metadata"]["deletionTimestamp"].is_null()
        );
        *pods.entry(state).or_default() += 1;
    }
    lines.extend(pods.iter().map(|(state, count)| format!("{count} pods of {state}")));
    // By what they are and not by names that are hashes.
    let mut lines: Vec<String> = lines.into_iter().map(|line| named(line, lane, &record)).collect();
    lines.sort();
    lines.join("\n")
}

/// The record of the lane's component.
pub async fn record(client: &Client, lane: &Lane) -> Value {
    let api: Api<DynamicObject> =
        Api::namespaced_with(client.clone(), &lane.app.namespace, &resource("v1", "ConfigMap"));
    let name = format!("specc-release-{}", lane.kind.component());
    let object = api.get_opt(&name).await.expect("the cluster answers");
    let text =
        object.map(|object| object.data["data"]["record.json"].as_str().unwrap_or_default().to_owned());
    text.map_or(Value::Null, |text| serde_json::from_str(&text).expect("a record is JSON"))
}

/// Whether a pod says that it is ready.
pub fn is_ready(pod: &Value) -> bool {
    let ready = |condition: &Value| condition["type"] == "Ready" && condition["status"] == "True";
    pod["status"]["conditions"].as_array().is_some_and(|all| all.iter().any(ready))
}

/// The objects of a kind, with what the server and the controllers note.
pub async fn list(client: &Client, lane: &Lane, api_version: &str, kind: &str) -> Vec<Value> {
    let api: Api<DynamicObject> =
        Api::namespaced_with(client.clone(), &lane.app.namespace, &resource(api_version, kind));
    let list = api.list(&ListParams::default()).await.expect("the cluster lists");
    list.items.iter().map(|object| serde_json::to_value(object).expect("objects serialise")).collect()
}

/// An object without what the server notes, and with the counts that controllers do.
fn plain(mut object: Value) -> Value {
    let metadata = &mut object["metadata"];
    for field in ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "namespace"] {
        metadata.as_object_mut().map(|metadata| metadata.remove(field));
    }
    if let Some(annotations) = metadata["annotations"].as_object_mut() {
        // Stamps are the watcher's.
        annotations.retain(|name, _| name.starts_with("specc.io/") && name != "specc.io/epoch");
    }
    let given = ["clusterIP", "clusterIPs", "volumeName"];
    if let Some(spec) = object["spec"].as_object_mut() {
        spec.retain(|name, _| !given.contains(&&**name));
    }
    let status = object["status"].take();
    let counts = [
        "replicas",
        "readyReplicas",
        "availableReplicas",
        "updatedReplicas",
        "currentNumberScheduled",
        "numberAvailable",
        "updatedNumberScheduled",
        "numberMisscheduled",
        "phase",
    ];
    let counts: BTreeMap<&str, &Value> =
        counts.into_iter().filter_map(|name| Some((name, status.get(name)?))).collect();
    object["status"] = json!(counts);
    object
}

/// A line for each value in an object, so that a difference is short.
fn flat(value: &Value, path: &str, lines: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| flat(value, &format!("{path}.{name}"), lines));
        }
        Value::Array(values) => {
            let indexed = values.iter().enumerate();
            indexed.for_each(|(index, value)| flat(value, &format!("{path}[{index}]"), lines));
        }
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) => lines.push(format!("{path} = {value}")),
    }
}

/// Both revisions by what they are to each other, and the version that was tried last by a fixed one.
fn named(mut text: String, lane: &Lane, record: &Value) -> String {
    for (revision, name) in [(&record["plan"]["revision"], "NEW"), (&record["previous"], "OLD")] {
        if let Some(revision) = revision.as_str() {
            text = text.replace(revision, name);
        }
    }
    let latest = lane.version.get();
    text = text.replace(&marked(latest), "version-NEW-");
    // The one before may have been taken back.
    for older in 0..latest {
        text = text.replace(&marked(older), "version-OLD-");
    }
    text.replace(lane.app.namespace.trim_end_matches("-test"), "APP")
}
