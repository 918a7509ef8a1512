//! What is refused, with its reason and before anything is half done.

use std::fs;

use serde_json::{Value, json};

use super::app::{App, component, web};
use super::place::Place;
use super::pods;

pub fn wrong_kubeconfig(place: &'static Place) {
    let app = App::new(place, "kubeconfig", &web(1));
    let missing = app.run("apply", &["--kubeconfig", "no/such/file"]);
    assert_eq!(missing.code, Some(3), "{}", missing.stderr);
    assert!(missing.stderr.contains("error: cannot use the kubeconfig `no/such/file`"), "{}", missing.stderr);
    let context = app.run("apply", &["--context", "nowhere"]);
    assert_eq!(context.code, Some(3), "{}", context.stderr);
    assert!(
        context.stderr.contains("no context `nowhere`") && context.stderr.contains("hint: it has"),
        "{}",
        context.stderr
    );
    let garbled = app.folder.join("kubeconfig");
    fs::write(&garbled, "users: [{name: me, user: {token: hush-hush}").expect("writable");
    let run = app.run("apply", &["--kubeconfig", &garbled.display().to_string()]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(!run.stderr.contains("hush-hush"), "a token is never shown: {}", run.stderr);
    assert!(!app.exists() && !app.folder.join(".specc").exists(), "nothing was made or pinned");
}

pub fn refused_connection(place: &'static Place) {
    let app = App::new(place, "refused", &web(1));
    let kubeconfig = app.folder.join("kubeconfig");
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: x\nclusters: [{{name: x, cluster: {{server: \"http://127.0.0.1:{port}\"}}}}]\n\
         contexts: [{{name: x, context: {{cluster: x, user: x}}}}]\nusers: [{{name: x, user: {{}}}}]\n"
    );
    fs::write(&kubeconfig, text).expect("writable");
    let run = app.run("apply", &["--kubeconfig", &kubeconfig.display().to_string()]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("error: cannot reach the API server"), "{}", run.stderr);
    assert!(run.stderr.contains("caused by: Connection refused"), "{}", run.stderr);
    assert!(run.stderr.contains("hint: ") && !app.folder.join(".specc").exists(), "{}", run.stderr);
}

/// A user who may do everything but create Deployments.
pub fn forbidden(place: &'static Place) {
    let app = App::new(place, "forbidden", &web(1));
    let own = place.own.as_ref().expect("a control plane of the tests' own");
    let nobody = app.run("apply", &["--kubeconfig", &own.join("nobody.kubeconfig").display().to_string()]);
    assert_eq!(nobody.code, Some(3), "{}", nobody.stderr);
    assert!(nobody.stderr.contains("cannot get Namespace/kube-system"), "{}", nobody.stderr);
    assert!(!app.exists() && !app.folder.join(".specc").exists(), "nothing was made or pinned");
    let rules = json!([
        { "apiGroups": [""], "resources": ["namespaces", "services", "configmaps", "pods"], "verbs": ["*"] },
        { "apiGroups": ["policy", "autoscaling"], "resources": ["*"], "verbs": ["*"] },
        { "apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list"] },
    ]);
    let rbac = "rbac.authorization.k8s.io/v1";
    let named = json!({ "name": "it-limited" });
    app.create_wide(&json!({ "apiVersion": rbac, "kind": "ClusterRole", "metadata": named, "rules": rules }));
    app.create_wide(&json!({
        "apiVersion": rbac, "kind": "ClusterRoleBinding", "metadata": named,
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "it-limited" },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "limited" }],
    }));
    let limited = app.folder.join("kubeconfig");
    let text = fs::read_to_string(&place.kubeconfig).expect("readable");
    fs::write(&limited, text.replace("\n  user:\n", "\n  user:\n    as: limited\n")).expect("writable");
    let run = app.run("apply", &["--kubeconfig", &limited.display().to_string()]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("error: cannot create Deployment/web-"), "{}", run.stderr);
    assert!(run.stderr.contains("User \"limited\" cannot"), "{}", run.stderr);
    app.must("apply");
    assert_eq!(app.pods(), pods(&[("1", 4)]), "what was recorded can be gone on with");
}

pub fn missing_kind(place: &'static Place) {
    let app = App::new(place, "kind", &component("web", 1, "replicas 1; burst \"when-short\"", "10m"));
    let platform = fs::read_to_string(app.folder.join("platform.kdl")).expect("readable");
    let platform = platform
        .replace("provider=\"kubernetes\" {", "provider=\"ack\" {\n        virtual-node \"eci\" quota=10");
    let platform = platform.replace("cluster=\"one\"", "cluster=\"one\" eci=\"allow\"");
    fs::write(app.folder.join("platform.kdl"), platform).expect("writable");
    let definition = app.take_wide(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "resourcepolicies.scheduling.alibabacloud.com",
    );
    let run = app.run("apply", &[]);
    app.create_wide(&definition);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(
        run.stderr.contains("the cluster has no kind `ResourcePolicy` in scheduling.alibabacloud.com"),
        "{}",
        run.stderr
    );
    assert!(!app.exists() && !app.folder.join(".specc").exists(), "nothing was made or pinned");
    app.until("the kind is back", |app| app.run("apply", &[]).code == Some(0));
}

pub fn adoption(place: &'static Place) {
    let app = App::new(place, "adopt", &web(1));
    let service = |port: u32| {
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web" },
                "spec": { "selector": { "app": "old" }, "ports": [{ "name": "old", "port": port }] } })
    };
    app.create(&service(99));
    let refused = app.run("apply", &[]);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    let all = format!("did not make: Namespace/{}, Service/web\n", app.namespace);
    assert!(
        refused.stderr.contains(&all) && refused.stderr.contains("--adopt"),
        "all at once: {}",
        refused.stderr
    );
    assert!(app.list("apps/v1", "Deployment").is_empty(), "nothing was written");
    assert_eq!(app.record("web"), Value::Null);
    let adopted = app.run("apply", &["--adopt"]);
    assert_eq!(adopted.code, Some(0), "{}", adopted.stderr);
    assert_eq!(app.pods(), pods(&[("1", 4)]));
    app.must("apply");
    let services = app.list("v1", "Service");
    app.patch(
        "Service",
        &services[0],
        false,
        &json!({ "spec": { "selector": { "specc.io/component": "theirs" } } }),
    );
    let owned = app.run("apply", &[]);
    assert_eq!(owned.code, Some(3), "{}", owned.stderr);
    assert!(
        owned.stderr.contains("error: Service/web has fields") && owned.stderr.contains("\"it\""),
        "{}",
        owned.stderr
    );
    assert_eq!(app.run("apply", &["--adopt"]).code, Some(0));
    let deleted = app.run("delete", &["--yes"]);
    assert_eq!(deleted.code, Some(0), "{}", deleted.stderr);
    assert!(
        deleted.stderr.contains("it was there before") && app.exists(),
        "the namespace is not specc's: {}",
        deleted.stderr
    );
    let again = app.run("apply", &[]);
    let whose = format!("did not make: Namespace/{}\n", app.namespace);
    assert!(again.stderr.contains(&whose), "it is given back: {}", again.stderr);
}

pub fn identity(place: &'static Place) {
    let app = App::new(place, "identity", &web(1));
    app.must("apply");
    let pins = app.folder.join(".specc/clusters.json");
    let pinned = fs::read_to_string(&pins).expect("the first apply wrote it");
    fs::write(&pins, "{ \"one\": \"00000000-0000-0000-0000-000000000000\" }").expect("writable");
    for words in ["apply", "rollout status", "rollout abort", "delete"] {
        let refused = app.run(words, &[]);
        assert_eq!(refused.code, Some(3), "{words}: {}", refused.stderr);
        assert!(refused.stderr.contains("is not the one that was applied to before"), "{}", refused.stderr);
    }
    // The namespace as a backup of another cluster restores it.
    fs::write(&pins, pinned).expect("writable");
    let records = app.list("v1", "ConfigMap");
    let cell = records
        .iter()
        .find(|object| object["metadata"]["name"] == "specc-cell")
        .expect("the cell is recorded");
    let text = cell["data"]["record.json"].as_str().unwrap_or_default();
    let mut record: Value = serde_json::from_str(text).expect("JSON");
    record["identity"] = json!("00000000-0000-0000-0000-000000000000");
    app.patch("ConfigMap", cell, false, &json!({ "data": { "record.json": record.to_string() } }));
    assert_eq!(app.run("apply", &[]).code, Some(3));
}
