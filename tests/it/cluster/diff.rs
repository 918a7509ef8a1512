//! What `specc diff` shows of a real cluster, and what it keeps to itself.

use std::fs;

use serde_json::json;

use super::app::{App, component, web};
use super::mutations;
use super::place::Place;

/// `component` with a configuration file and a variable whose value is nobody's business.
fn secretive(version: u32, setting: &str, hush: &str) -> String {
    let more =
        format!("config \"app.ini\" mount=\"/etc/app\" from=\"{setting}.ini\"; env \"HUSH\" \"{hush}\"");
    component("web", version, &format!("replicas 2; {more}"), "10m")
}

pub fn shown(place: &'static Place) {
    let app = App::new(place, "diff", "");
    for name in ["a", "b"] {
        fs::write(app.folder.join(format!("{name}.ini")), format!("mode = {name}\n")).expect("writable");
    }
    app.write(&secretive(1, "a", "hush-1"));
    let first = app.run("diff", &[]);
    assert_eq!(first.code, Some(1), "{}", first.stderr);
    assert!(first.stdout.contains("--- /dev/null\n+++ Service/web\n"), "{}", first.stdout);
    assert!(first.stdout.contains(" value: (masked)\n"), "{}", first.stdout);
    assert!(!app.exists() && !app.folder.join(".specc").exists(), "nothing was made or pinned");
    app.must("apply");
    let seen = mutations(&app);
    let same = app.must("diff");
    assert_eq!(
        (same.stdout.as_str(), same.stderr.contains("no difference\n")),
        ("", true),
        "{}",
        same.stderr
    );

    app.write(&secretive(2, "b", "hush-2"));
    let run = app.run("diff", &[]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let lines: Vec<&str> = run.stdout.lines().collect();
    let changed: Vec<&&str> = lines.iter().filter(|line| line.starts_with(['-', '+'])).collect();
    let holds = |text: &str| changed.iter().any(|line| line.contains(text));
    assert!(
        holds("--- Deployment/web-") && holds("+++ Deployment/web-"),
        "beside what serves:\n{}",
        run.stdout
    );
    assert!(holds("-mode = a") || holds("mode = a"), "a configuration is in the open:\n{}", run.stdout);
    let hidden = changed.iter().filter(|line| line.ends_with("value: (differs)")).count();
    assert_eq!(hidden, 2, "VERSION and HUSH:\n{}", run.stdout);
    let quiet = ["uid:", "resourceVersion:", "replicas:", "status:", "creationTimestamp:", "specc.io/epoch"];
    for name in quiet {
        assert!(!run.stdout.contains(name), "{name} is quiet:\n{}", run.stdout);
    }
    for text in [&first.stdout, &run.stdout] {
        assert!(!text.contains("hush"), "no value is shown:\n{text}");
    }
    foreign_fields(&app, seen.len());
}

/// The count of a component, and what somebody changed by hand.
fn foreign_fields(app: &App, written: usize) {
    app.write(&secretive(1, "a", "hush-1").replace("replicas 2", "replicas 3"));
    let run = app.run("diff", &[]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("--- release of web\n"), "{}", run.stdout);
    assert!(run.stdout.contains("-  fixed: 2\n+  fixed: 3\n"), "{}", run.stdout);
    assert!(!run.stdout.contains("Deployment/"), "{}", run.stdout);
    app.write(&secretive(1, "a", "hush-1"));
    let service = &app.list("v1", "Service")[0];
    app.patch(
        "Service",
        service,
        false,
        &json!({ "metadata": { "labels": { "specc.io/component": "theirs" } } }),
    );
    let refused = app.run("diff", &[]);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    assert!(refused.stderr.contains("Service/web has fields that specc must set"), "{}", refused.stderr);
    let run = app.run("diff", &["--adopt"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let taken = "-    specc.io/component: theirs\n+    specc.io/component: web\n";
    assert!(run.stdout.contains(taken), "{}", run.stdout);
    assert_eq!(mutations(app).len(), written + 1, "only the test wrote: {:?}", mutations(app));
}

pub fn left_over(place: &'static Place) {
    let side = component("side", 7, "replicas 1", "10m");
    let app = App::new(place, "diff-left", &(web(1) + &side));
    app.must("apply");
    app.write(&web(1));
    let run = app.run("diff", &[]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let left = "# Service/side is not in the spec, and an apply leaves it\n--- Service/side\n+++ /dev/null\n";
    assert!(run.stdout.contains(left), "{}", run.stdout);
    assert!(!run.stdout.contains("specc-release"), "a record is no object of the spec:\n{}", run.stdout);
    app.write(&(web(2) + &side));
    app.must("apply");
    app.must("rollout resume");
    let clean = app.must("diff");
    assert_eq!(clean.stdout, "", "the way back is nothing left over");
    app.write(&(web(3) + &side));
    let run = app.run("diff", &[]);
    let version = |version: &str| {
        let set = app.list("apps/v1", "Deployment").into_iter().find(|object| {
            object["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"] == *version
        });
        set.map(|object| object["metadata"]["name"].as_str().unwrap_or_default().to_owned())
            .unwrap_or_default()
    };
    let gone = format!("--- Deployment/{}\n+++ /dev/null\n", version("1"));
    assert!(run.stdout.contains(&gone), "nothing goes back to it:\n{}", run.stdout);
    let beside = format!("--- Deployment/{}\n+++ Deployment/web-", version("2"));
    assert!(run.stdout.contains(&beside), "{}", run.stdout);
}
