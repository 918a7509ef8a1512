//! What was released before, on a real API server: its record, and the way back to it.

use serde_json::json;

use super::app::{App, web};
use super::place::Place;
use super::pods;

pub fn rollback(place: &'static Place) {
    let with_config = |version| {
        web(version).replace("resources ", "config \"a.ini\" mount=\"/etc/a\" from=\"a.ini\"\n resources ")
    };
    let app = App::new(place, "history", &with_config(1));
    std::fs::write(app.folder.join("a.ini"), "one").expect("the folder is writable");
    let none = app.must("rollout history");
    assert_eq!(none.stdout, "web: never released\n");
    app.must("apply");
    std::fs::write(app.folder.join("a.ini"), "two").expect("the folder is writable");
    app.write(&with_config(2));
    app.must("apply");
    app.must("rollout resume");
    assert_eq!(app.pods(), pods(&[("1", 0), ("2", 4)]));
    let back = app.run("rollout rollback", &["--component", "web"]);
    assert_eq!(back.code, Some(0), "{}", back.stderr);
    assert!(back.stderr.contains("web: back to rollout 1, revision "), "{}", back.stderr);
    assert!(!back.stderr.contains("paused"), "in one batch: {}", back.stderr);
    app.until("the old revision serves alone", |app| app.pods() == pods(&[("1", 4), ("2", 0)]));
    let config = |app: &App| {
        let serving = app.list("apps/v1", "Deployment").into_iter().find(|set| set["spec"]["replicas"] == 4);
        let name =
            serving.map(|set| set["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"].clone());
        let map = app
            .list("v1", "ConfigMap")
            .into_iter()
            .find(|map| Some(&map["metadata"]["name"]) == name.as_ref());
        map.map(|map| map["data"]["a.ini"].clone())
    };
    assert_eq!(config(&app), Some(json!("one")), "with its configuration");
    let history = app.must("rollout history");
    let lines: Vec<&str> = history.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{}", history.stdout);
    for (line, number) in lines[1..].iter().zip([3, 2, 1]) {
        assert!(
            line.starts_with(&format!("  {number}: revision ")) && line.contains(", released after "),
            "{line}"
        );
    }
    // It is what the spec of the first apply says, so that apply has nothing to do.
    let again = app.run("rollout rollback", &["--component", "web", "--to", "1"]);
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    let unknown = app.run("rollout rollback", &["--component", "web", "--to", "9"]);
    assert_eq!(unknown.code, Some(3), "{}", unknown.stderr);
    assert!(
        unknown.stderr.contains("rollout 9 of component `web` is not in its history"),
        "{}",
        unknown.stderr
    );
    let watched = app.must("rollout watch");
    assert!(
        watched.stdout.starts_with("web: revision ") && watched.stdout.contains("released"),
        "{}",
        watched.stdout
    );
    drift(&app);
    tampered(&app);
}

/// Somebody changes one object and removes another by hand.
fn drift(app: &App) {
    let clean = app.run("rollout status", &["--drift"]);
    assert_eq!(clean.code, Some(0), "{}{}", clean.stdout, clean.stderr);
    let service = app.list("v1", "Service").remove(0);
    app.patch("Service", &service, false, &json!({ "spec": { "sessionAffinity": "ClientIP" }, "metadata": { "labels": { "specc.io/component": "web2" } } }));
    app.remove("policy/v1", "PodDisruptionBudget", "web");
    let drifted = app.run("rollout status", &["--drift"]);
    assert_eq!(drifted.code, Some(1), "{}{}", drifted.stdout, drifted.stderr);
    assert!(drifted.stdout.contains("  PodDisruptionBudget/web is gone\n"), "{}", drifted.stdout);
    let changed = "  Service/web differs in /metadata/labels/specc.io~1component\n";
    assert!(drifted.stdout.contains(changed), "what nobody set is not looked at: {}", drifted.stdout);
    let owned = app.run("apply", &[]);
    assert!(
        owned.stderr.contains("conflict with \"it\"") && owned.stderr.contains("--adopt"),
        "{}",
        owned.stderr
    );
    let adopted = app.run("apply", &["--adopt"]);
    assert_eq!(adopted.code, Some(0), "{}", adopted.stderr);
    assert_eq!(app.run("rollout status", &["--drift"]).code, Some(0), "an apply puts it back");
}

/// Somebody replaces a link of the chain, which cannot be changed in place.
fn tampered(app: &App) {
    let records = app.list("v1", "ConfigMap");
    let old = records.iter().find(|map| {
        map["metadata"]["name"].as_str().is_some_and(|name| name.starts_with("specc-history-web-1-"))
    });
    let mut old = old.expect("the first rollout is kept").clone();
    assert_eq!(old["immutable"], true);
    app.remove("v1", "ConfigMap", old["metadata"]["name"].as_str().unwrap_or_default());
    let text = old["data"]["record.json"].as_str().unwrap_or_default().to_owned();
    old["data"]["record.json"] = json!(text.replacen("\"epoch\":", "\"epoch\": ", 1));
    let metadata = old["metadata"].clone();
    (old["apiVersion"], old["kind"]) = (json!("v1"), json!("ConfigMap"));
    old["metadata"] = json!({ "name": metadata["name"], "labels": metadata["labels"] });
    app.create(&old);
    let broken = app.run("rollout history", &[]);
    assert_eq!(broken.code, Some(1), "{}", broken.stderr);
    assert!(
        broken.stderr.contains("the record before rollout 2 was changed or removed"),
        "{}",
        broken.stderr
    );
}
