//! What stands in a cluster against an apply: quotas, admission that refuses or does not answer, expired credentials, a
//! namespace on its way out, a renamed component.

use std::fs;
use std::net::TcpListener;

use serde_json::{Value, json};

use super::app::{App, component, web};
use super::place::Place;

pub fn quota(place: &'static Place) {
    let app = App::new(place, "quota", &web(1));
    app.must("apply");
    app.create(&json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": "theirs" },
        "spec": { "hard": { "pods": "4" } },
    }));
    app.until("the quota is counted", |app| {
        app.list("v1", "ResourceQuota")[0]["status"]["used"]["pods"] == "4"
    });
    app.write(&web(2));
    let run = app.run("apply", &[]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("web: failed: batch 1: pods are refused: "), "{}", run.stderr);
    assert!(run.stderr.contains("exceeded quota: theirs"), "{}", run.stderr);
    app.must("rollout abort");
    assert!(app.pods().contains(&("1".to_owned(), 4, 4)), "what served goes on: {:?}", app.pods());
}

/// A policy in the API server that refuses what has the name of the application's Service.
fn policy(app: &App, name: &str) -> [Value; 2] {
    let admission = "admissionregistration.k8s.io/v1";
    let rules = json!([{
        "apiGroups": [""], "apiVersions": ["v1"], "resources": ["services"], "operations": ["CREATE"],
    }]);
    let inside = json!({ "matchLabels": { "kubernetes.io/metadata.name": app.namespace } });
    [
        json!({
            "apiVersion": admission, "kind": "ValidatingAdmissionPolicy", "metadata": { "name": name },
            "spec": {
                "failurePolicy": "Fail",
                "matchConstraints": { "resourceRules": rules },
                "validations": [{ "expression": "false", "message": "no Services on Sundays" }],
            },
        }),
        json!({
            "apiVersion": admission, "kind": "ValidatingAdmissionPolicyBinding", "metadata": { "name": name },
            "spec": {
                "policyName": name, "validationActions": ["Deny"],
                "matchResources": { "namespaceSelector": inside },
            },
        }),
    ]
}

pub fn refused_by_admission(place: &'static Place) {
    let app = App::new(place, "policy", &web(1));
    for object in policy(&app, "it-policy") {
        app.create_wide(&object);
    }
    // The API server hears of policies a moment later.
    app.create_namespace();
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": "probe", "namespace": app.namespace },
        "spec": { "ports": [{ "port": 80 }] },
    });
    app.until("the policy holds", |app| app.dry_run(service.clone()).is_err());
    let run = app.run("apply", &["--adopt"]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("error: cannot create Service/web in namespace"), "{}", run.stderr);
    assert!(run.stderr.contains("no Services on Sundays"), "the refusal's own words: {}", run.stderr);
    assert_eq!(app.record("web")["stage"], "prepare", "it can be gone on with");
    let binding =
        app.take_wide("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "it-policy");
    assert_ne!(binding, Value::Null);
    app.until("it is gone on with", |app| app.run("apply", &["--adopt"]).code == Some(0));
}

pub fn silent_admission(place: &'static Place) {
    let app = App::new(place, "silent", &component("web", 1, "replicas 1", "10m"));
    // It takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = silent.local_addr().expect("an address").port();
    app.create_wide(&json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": { "name": "it-silent" },
        "webhooks": [{
            "name": "silent.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "clientConfig": { "url": format!("https://127.0.0.1:{port}/") },
            "timeoutSeconds": 1, "failurePolicy": "Fail",
            "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": app.namespace } },
            "rules": [{ "apiGroups": [""], "apiVersions": ["v1"], "resources": ["services"], "operations": ["*"] }],
        }],
    }));
    let child = app.start("apply", &[]);
    app.until("it is on its way", |app| app.exists() && app.record("web")["stage"] == "prepare");
    std::thread::sleep(std::time::Duration::from_secs(5));
    app.take_wide("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "it-silent");
    let run = super::app::ended(child);
    assert_eq!(run.code, Some(0), "it is tried again: {}", run.stderr);
    assert!(run.stderr.contains("trying again"), "and it says so: {}", run.stderr);
}

pub fn expired_token(place: &'static Place) {
    let app = App::new(place, "expired", &web(1));
    let text = fs::read_to_string(&place.kubeconfig).expect("readable");
    let user = text.find("\n  user:\n").expect("a kubeconfig has a user");
    let kubeconfig = app.folder.join("kubeconfig");
    let expired = format!("{}\n  user:\n    token: not-valid-any-more\n", &text[..user]);
    fs::write(&kubeconfig, expired).expect("writable");
    let run = app.run("apply", &["--kubeconfig", &kubeconfig.display().to_string()]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("cannot get Namespace/kube-system"), "the call: {}", run.stderr);
    assert!(run.stderr.contains("hint: log in again"), "{}", run.stderr);
    assert!(!run.stderr.contains("not-valid-any-more"), "never the token: {}", run.stderr);
    assert!(!app.exists(), "nothing was made");
}

pub fn terminating(place: &'static Place) {
    let app = App::new(place, "leaving", &web(1));
    app.must("apply");
    app.create(&json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "name": "theirs", "finalizers": ["example.com/hold"] },
    }));
    app.leave();
    app.write(&web(2));
    let run = app.run("apply", &[]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    let said = format!("namespace `{}` is being deleted", app.namespace);
    assert!(
        run.stderr.contains(&said) && run.stderr.contains("hint: wait until it is gone"),
        "{}",
        run.stderr
    );
    let theirs = app.list("v1", "ConfigMap").into_iter().find(|map| map["metadata"]["name"] == "theirs");
    app.patch("ConfigMap", &theirs.expect("it holds"), false, &json!({ "metadata": { "finalizers": null } }));
}

pub fn renamed(place: &'static Place) {
    let app = App::new(place, "renamed", &component("old-name", 1, "replicas 1", "10m"));
    app.must("apply");
    app.write(&component("new-name", 1, "replicas 1", "10m"));
    app.must("apply");
    let left = app.run("diff", &[]);
    assert_eq!(left.code, Some(1), "what is left is a difference: {}", left.stdout);
    assert!(left.stdout.contains("Service/old-name"), "{}", left.stdout);
}
