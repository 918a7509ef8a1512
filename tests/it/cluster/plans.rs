//! Plan files on a real cluster: applied as they are, and refused where the cluster is not what it was.

use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};

use super::app::{App, component, web};
use super::place::Place;
use super::{mutations, pods};
use crate::process::{Run, command};

/// Writes the plan of the application's spec; gives back the file.
fn planned(app: &App, name: &str, more: &[&str]) -> String {
    let path = app.folder.join(format!("{name}.json")).display().to_string();
    let run = app.run("plan", &[&["-o", &path], more].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    path
}

/// Runs a command on a plan file.
fn on(app: &App, words: &str, path: &str, more: &[&str]) -> Run {
    let kubeconfig = app.place.kubeconfig.display().to_string();
    let mut arguments: Vec<&str> = words.split(' ').collect();
    arguments.extend([path, "--kubeconfig", &kubeconfig]);
    arguments.extend(more);
    let mut command = command(&arguments);
    super::app::ended(
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts"),
    )
}

fn must(app: &App, words: &str, path: &str) -> Run {
    let run = on(app, words, path, &[]);
    assert_eq!(run.code, Some(0), "{words} {path}: {}", run.stderr);
    run
}

pub fn applied(place: &'static Place) {
    let app = App::new(place, "plan", &web(1));
    let first = planned(&app, "first", &[]);
    assert!(!app.exists(), "a plan is made without a cluster");
    app.write(&web(9));
    must(&app, "apply", &first);
    assert_eq!(app.pods(), pods(&[("1", 4)]), "what the file says, and not what the spec says meanwhile");

    app.write(&web(2));
    let second = planned(&app, "second", &["--against-cluster"]);
    fs::remove_file(app.folder.join("app.kdl")).expect("removable");
    let diff = on(&app, "diff", &second, &[]);
    assert!(diff.code == Some(1) && diff.stdout.contains("+++ Deployment/web-"), "{}", diff.stderr);
    let paused = must(&app, "apply", &second);
    assert!(paused.stderr.contains(&format!("specc rollout resume {second} ")), "{}", paused.stderr);
    assert_eq!(app.pods(), pods(&[("1", 3), ("2", 1)]));
    let status = must(&app, "rollout status", &second);
    assert!(status.stdout.contains("waits for a resume"), "{}", status.stdout);
    // The plan's own doing is no move.
    must(&app, "apply", &second);
    must(&app, "rollout resume", &second);
    assert_eq!(app.pods(), pods(&[("1", 0), ("2", 4)]));
    let seen = mutations(&app);
    let again = must(&app, "apply", &second);
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    assert_eq!(mutations(&app), seen, "a plan that is done writes nothing");
    let deleted = on(&app, "delete", &second, &["--yes"]);
    assert_eq!(deleted.code, Some(0), "{}", deleted.stderr);
    assert!(!app.exists());
}

pub fn moved(place: &'static Place) {
    let side = component("side", 7, "replicas 1", "10m");
    let app = App::new(place, "plan-moved", &(web(1) + &side));
    app.must("apply");
    app.write(&(web(2) + &side));
    let stale = planned(&app, "stale", &["--against-cluster"]);
    let labelled = |component: &str| {
        let label = json!({ "metadata": { "labels": { "specc.io/component": component } } });
        app.patch("Service", &app.list("v1", "Service")[0], false, &label);
    };
    labelled("theirs");
    let refused = on(&app, "apply", &stale, &[]);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    let said = "error: the cluster has moved since the plan was made: Service/side was changed\n";
    assert!(
        refused.stderr.contains(said) && refused.stderr.contains("hint: make the plan again"),
        "{}",
        refused.stderr
    );
    assert!(!app.pods().iter().any(|(version, ..)| version == "2"), "nothing was written: {:?}", app.pods());

    // What is as it was has not moved.
    labelled("side");
    app.write(&(web(3) + &side));
    app.must("apply");
    let said = "component `web` was released: revision ";
    let in_flight = on(&app, "apply", &stale, &[]);
    assert!(in_flight.code == Some(3) && in_flight.stderr.contains(said), "{}", in_flight.stderr);
    app.must("rollout resume");
    let refused = on(&app, "apply", &stale, &[]);
    assert!(refused.code == Some(3) && refused.stderr.contains(said), "{}", refused.stderr);
    assert!(!refused.stderr.contains("`side`"), "what has not moved is not told: {}", refused.stderr);

    // What scales is no move: neither a count nor the status that follows.
    app.write(&(web(4) + &side));
    let fresh = planned(&app, "fresh", &["--against-cluster"]);
    let deployment = app
        .list("apps/v1", "Deployment")
        .into_iter()
        .find(|object| object["spec"]["replicas"] == 4)
        .expect("the one that serves");
    app.scale(&deployment, 5);
    app.until("it scales", |app| app.pods().iter().any(|(_, _, available)| *available == 5));
    must(&app, "apply", &fresh);
}

pub fn elsewhere(place: &'static Place) {
    let app = App::new(place, "plan-elsewhere", &web(1));
    app.must("apply");
    let path = planned(&app, "plan", &[]);
    let mut plan: Value = serde_json::from_str(&fs::read_to_string(&path).expect("written")).expect("JSON");
    plan.as_object_mut().expect("an object").remove("sha256");
    plan["identity"] = "00000000-0000-0000-0000-000000000000".into();
    plan["sha256"] = compiler::plan::file::digest(&plan).into();
    fs::write(&path, plan.to_string()).expect("writable");
    for words in ["apply", "rollout status", "rollout abort", "delete", "diff"] {
        let refused = on(&app, words, &path, &[]);
        assert_eq!(refused.code, Some(3), "{words}: {}", refused.stderr);
        assert!(refused.stderr.contains("the plan was made for another cluster `one`"), "{}", refused.stderr);
    }
}
