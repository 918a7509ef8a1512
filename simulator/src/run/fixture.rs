//! A small world without traffic, for tests that look inside a run.

use compiler::object::{Manifest, Object};
use serde_json::{Value, json};

use crate::engine::random::Duration;
use crate::scenario::{Detail, Scenario, Service, Traffic};
use crate::world::{ACK_DOCS, World};

pub(crate) use crate::engine::clock::SECOND_NS as SECOND;

/// Like nodes of 64 cores, and no virtual node.
pub(crate) fn world(nodes: u32) -> World {
    World { profile: "ack-docs".to_owned(), ..World::of_nodes(nodes, 64_000, 64 << 30, &ACK_DOCS) }
}

/// Ten minutes without a request.
pub(crate) fn scenario() -> Scenario {
    Scenario {
        name: "quiet".to_owned(),
        duration_ns: 600 * SECOND,
        seed: 1,
        detail: Detail::Requests,
        ..Scenario::default()
    }
}

/// A hundred requests a second to `web`, which waits as told, with a worker for each.
pub(crate) fn asked(wait: Duration) -> Scenario {
    let service = Service {
        component: "web".to_owned(),
        wait,
        concurrency: 1_000_000,
        start_ns: SECOND,
        ..Service::default()
    };
    let component = "web".to_owned();
    let traffic = Traffic { component, base_per_second: 100.0, ..Traffic::default() };
    Scenario { traffic: vec![traffic], services: vec![service], ..scenario() }
}

/// Deployment `web` behind its Service.
pub(crate) fn web(replicas: u32) -> [Object; 2] {
    let service = json!({"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}}});
    [
        object(Manifest::Service(serde_json::from_value(service).unwrap())),
        object(manifest("Deployment", "web:1", json!({"replicas": replicas}))),
    ]
}

/// A workload that specc did not write, with the fields of its spec besides selector and template.
pub(crate) fn manifest(kind: &str, image: &str, mut spec: Value) -> Manifest {
    let labels = json!({"app": "web"});
    spec["selector"] = json!({"matchLabels": labels});
    spec["template"] = json!({
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "web", "image": image}]},
    });
    let version = "apps/v1";
    let value = json!({"apiVersion": version, "kind": kind, "metadata": {"name": "web"}, "spec": spec});
    match kind {
        "Deployment" => Manifest::Deployment(serde_json::from_value(value).unwrap()),
        "StatefulSet" => Manifest::StatefulSet(serde_json::from_value(value).unwrap()),
        "DaemonSet" => Manifest::DaemonSet(serde_json::from_value(value).unwrap()),
        other => panic!("{other} has no pods"),
    }
}

/// An object that belongs to no component.
pub(crate) fn object(manifest: Manifest) -> Object {
    Object { manifest, logical_name: "web".to_owned(), component: None, after_release: false }
}
