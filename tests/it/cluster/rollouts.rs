//! What rollouts do on a real API server: to the end, through kills and pauses, and back.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use super::app::{App, component, ended, web};
use super::place::Place;
use super::{mutations, pods};

pub fn apply_twice(place: &'static Place) {
    let app = App::new(place, "twice", &web(1));
    let first = app.must("apply");
    assert!(first.stderr.starts_with("context "), "where it goes comes first: {}", first.stderr);
    assert_eq!(first.stderr.matches("web: released\n").count(), 1, "{}", first.stderr);
    assert_eq!(app.pods(), pods(&[("1", 4)]));
    let versions = || -> Vec<String> {
        let kinds = [("v1", "Service"), ("v1", "ConfigMap"), ("policy/v1", "PodDisruptionBudget")];
        let objects = kinds.iter().flat_map(|(api_version, kind)| app.list(api_version, kind));
        let specs = app
            .list("apps/v1", "Deployment")
            .into_iter()
            .map(|object| object["metadata"]["generation"].clone());
        let plain = objects.map(|object| object["metadata"]["resourceVersion"].clone());
        plain.chain(specs).map(|version| version.to_string()).collect()
    };
    let (before, seen) = (versions(), mutations(&app));
    assert!(seen.len() > 5, "the log tells what the first apply wrote: {seen:?}");
    let second = app.must("apply");
    assert!(second.stderr.contains("web: released, nothing to change\n"), "{}", second.stderr);
    assert_eq!(versions(), before, "no version moved");
    assert_eq!(mutations(&app), seen, "only dry runs were sent");
}

pub fn dry_run(place: &'static Place) {
    let app = App::new(place, "dry", &web(1));
    let run = app.run("apply", &["--dry-run"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stdout.contains("create Namespace/") && run.stdout.contains("create Deployment/web-"),
        "{}",
        run.stdout
    );
    assert!(!app.exists() && !app.folder.join(".specc").exists(), "nothing was made or pinned");
    app.must("apply");
    let seen = mutations(&app);
    app.write(&web(2).replace("8080", "9090"));
    let run = app.run("apply", &["--dry-run"]);
    assert!(
        run.stdout.contains("change Service/web\n") || run.stdout.contains("create Deployment/web-"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("web: roll out revision"), "{}", run.stdout);
    assert_eq!(mutations(&app), seen, "only dry runs were sent");
    app.write(&web(1));
    assert_eq!(app.run("apply", &["--dry-run"]).stdout, "nothing to change\n");
}

pub fn killed(place: &'static Place) {
    let app = App::new(place, "killed", &web(1));
    // Killed ever later: between any two writes it must go on from the record.
    for step in 1..40 {
        let mut child = app.start("apply", &[]);
        std::thread::sleep(Duration::from_millis(40 * step));
        let killed = child.kill();
        killed.expect("it is killed or has ended");
        if ended(child).code == Some(0) {
            break;
        }
    }
    app.must("apply");
    assert_eq!(app.pods(), pods(&[("1", 4)]));
    assert_eq!(app.record("web")["stage"], "done");
}

pub fn killed_resume(place: &'static Place) {
    let app = App::new(place, "killed-resume", &web(1));
    app.must("apply");
    app.write(&web(2));
    app.must("apply");
    assert_eq!(app.pods(), pods(&[("1", 3), ("2", 1)]));
    for (step, words) in ["rollout resume", "apply", "rollout resume", "apply"].iter().enumerate() {
        let mut child = app.start(words, &[]);
        let target = 2 + step as u64;
        // In the middle of a batch: one more pod of the new revision is asked for, and not all are there.
        app.until("the batch moves", |app| {
            app.pods().iter().any(|(version, asked, _)| version == "2" && *asked >= target.min(4))
        });
        child.kill().expect("it is killed");
        ended(child);
        let total: u64 = app.pods().iter().map(|(_, asked, _)| asked).sum();
        assert!((4..=6).contains(&total), "never below the count, never above the surge: {:?}", app.pods());
    }
    app.must("apply");
    app.until("the new revision serves alone", |app| app.pods() == pods(&[("1", 0), ("2", 4)]));
    assert_eq!(app.record("web")["stage"], "done");
}

pub fn pause_holds(place: &'static Place) {
    let app = App::new(place, "pause", &(web(1) + &component("side", 7, "replicas 1", "10m")));
    app.must("apply");
    app.write(&(web(2) + &component("side", 7, "replicas 1", "10m")));
    let paused = app.must("apply");
    assert!(paused.stderr.contains("web: paused after batch 1\n"), "{}", paused.stderr);
    assert!(paused.stderr.contains("specc rollout resume"), "it says how to go on: {}", paused.stderr);
    let halfway =
        |app: &App| app.pods().iter().filter(|(version, _, _)| version != "7").cloned().collect::<Vec<_>>();
    assert_eq!(halfway(&app), pods(&[("1", 3), ("2", 1)]));
    // Another component changes, and another plan of the same one is refused.
    app.write(&(web(3) + &component("side", 7, "replicas 1", "10m")));
    let refused = app.run("apply", &[]);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("in the middle of a rollout") && refused.stderr.contains("hint: "),
        "{}",
        refused.stderr
    );
    let resumed = app.run("rollout resume", &[]);
    assert!(resumed.stderr.contains("another version of this spec"), "{}", resumed.stderr);
    app.write(&(web(2) + &component("side", 7, "replicas 2", "10m")));
    app.must("apply");
    app.until("the side grows", |app| app.pods().contains(&("7".to_owned(), 2, 2)));
    assert_eq!(halfway(&app), pods(&[("1", 3), ("2", 1)]), "the pause held");
    let status = app.run("rollout status", &[]);
    assert!(status.stdout.contains("waits for a resume or an abort"), "{}", status.stdout);
    app.must("rollout resume");
    app.until("the new revision serves alone", |app| halfway(app) == pods(&[("1", 0), ("2", 4)]));
    let nothing = app.run("rollout resume", &[]);
    assert_eq!(nothing.code, Some(3), "{}", nothing.stderr);
}

pub fn pause_by_command(place: &'static Place) {
    // More CPU than any node has: the batch cannot end by itself.
    let app = App::new(place, "command", &component("web", 1, "replicas 2", "900"));
    let child = app.start("apply", &[]);
    app.until("pods are asked for", |app| app.pods().iter().any(|(_, asked, _)| *asked == 2));
    app.must("rollout pause");
    let applied = ended(child);
    assert_eq!(applied.code, Some(0), "{}", applied.stderr);
    assert!(applied.stderr.contains("web: paused\n"), "{}", applied.stderr);
    let record = app.record("web");
    let stamps = app.list("apps/v1", "Deployment");
    let stamp = &stamps[0]["metadata"]["annotations"]["specc.io/epoch"];
    assert_eq!(
        stamp.as_str().map(str::to_owned),
        Some(record["epoch"].to_string()),
        "older writes cannot land"
    );
    assert_eq!(record["paused"], true);
}

pub fn interrupt(place: &'static Place) {
    let app = App::new(place, "interrupt", &component("web", 1, "replicas 2", "900"));
    let child = app.start("apply", &[]);
    app.until("pods are asked for", |app| app.pods().iter().any(|(_, asked, _)| *asked == 2));
    let told = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(told.expect("kill starts").success());
    let run = ended(child);
    assert_eq!(run.code, Some(130), "{}", run.stderr);
    assert!(run.stderr.contains("nothing is lost: go on with `specc rollout resume"), "{}", run.stderr);
    let abort = app.must("rollout abort");
    assert!(abort.stderr.contains("web: rolled back"), "{}", abort.stderr);
    assert_eq!(app.pods(), pods(&[("1", 0)]));
}

pub fn abort(place: &'static Place) {
    let app = App::new(place, "abort", &web(1));
    app.must("apply");
    app.write(&web(2));
    app.must("apply");
    let aborted = app.must("rollout abort");
    assert!(aborted.stderr.contains("web: rolled back\n"), "{}", aborted.stderr);
    assert_eq!(app.pods(), pods(&[("1", 4), ("2", 0)]));
    app.write(&web(3));
    app.must("apply");
    app.must("rollout resume");
    app.until("the next revision serves alone", |app| app.pods() == pods(&[("1", 0), ("3", 4)]));
}

pub fn killed_abort(place: &'static Place) {
    let app = App::new(place, "killed-abort", &web(1));
    app.must("apply");
    app.write(&web(2));
    app.must("apply");
    let mut child = app.start("rollout abort", &[]);
    app.until("the way back has begun", |app| app.record("web")["stage"]["back"] != Value::Null);
    child.kill().expect("it is killed");
    ended(child);
    if app.record("web")["stage"]["back"] != Value::Null {
        let refused = app.run("apply", &[]);
        assert!(refused.stderr.contains("is being rolled back"), "{}", refused.stderr);
        app.must("rollout abort");
    }
    assert_eq!(app.record("web")["stage"], "aborted");
    assert_eq!(app.pods(), pods(&[("1", 4), ("2", 0)]));
}

pub fn autoscaled(place: &'static Place) {
    let scaled = |version| component("web", version, "scale min=4 max=12 { cpu \"60%\"; }", "10m");
    let app = App::new(place, "scaled", &scaled(1));
    app.must("apply");
    assert_eq!(app.pods(), pods(&[("1", 4)]));
    app.write(&scaled(2));
    app.must("apply");
    assert_eq!(app.pods(), pods(&[("1", 3), ("2", 1)]));
    let bounds = |app: &App| -> Vec<(u64, u64)> {
        let scalers = app.list("autoscaling/v2", "HorizontalPodAutoscaler");
        let number = |scaler: &Value, field: &str| scaler["spec"][field].as_u64().unwrap_or(0);
        let mut bounds: Vec<(u64, u64)> = scalers
            .iter()
            .map(|scaler| (number(scaler, "minReplicas"), number(scaler, "maxReplicas")))
            .collect();
        bounds.sort_unstable();
        bounds
    };
    assert_eq!(bounds(&app), [(1, 3), (3, 9)], "at a pause the two ranges share the policy's");
    app.must("rollout resume");
    assert_eq!(app.pods(), pods(&[("1", 0), ("2", 4)]));
    assert!(bounds(&app).contains(&(4, 12)), "{:?}", bounds(&app));
    let again = app.must("apply");
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
}

pub fn broken_image(place: &'static Place) {
    let app = App::new(place, "image", &web(1));
    app.must("apply");
    app.write(&component("web", 2, "replicas 4", "900"));
    let child = app.start("apply", &[]);
    let pending = |app: &App| {
        let mut pods = app.list("v1", "Pod");
        pods.retain(|pod| pod["status"]["conditions"][0]["reason"] == "Unschedulable");
        pods
    };
    app.until("a pod finds no node", |app| !pending(app).is_empty());
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(app.record("web")["failed"], Value::Null, "room may come");
    let status = app.run("rollout status", &[]);
    assert!(status.stdout.contains("0 of 1 pods of revision"), "{}", status.stdout);
    // No kubelet looks after a pod without a node, so the test is its kubelet.
    let waiting = json!({ "waiting": { "reason": "ImagePullBackOff", "message": "no such image" } });
    let container = json!({ "name": "web", "image": "x", "imageID": "", "ready": false, "restartCount": 0, "state": waiting });
    for pod in pending(&app) {
        app.patch("Pod", &pod, true, &json!({ "status": { "containerStatuses": [container] } }));
    }
    let failed = ended(child);
    assert_eq!(failed.code, Some(1), "{}", failed.stderr);
    assert!(failed.stderr.contains("ImagePullBackOff"), "{}", failed.stderr);
    assert!(failed.stderr.contains("have no node"), "it said what it waited for: {}", failed.stderr);
    let again = app.run("apply", &[]);
    assert_eq!(again.code, Some(1), "nothing new is started: {}", again.stderr);
    app.must("rollout abort");
    assert_eq!(app.pods(), pods(&[("1", 4), ("2", 0)]));
}

pub fn dependency(place: &'static Place) {
    let front = component("a-front", 1, "depends-on \"store\"; replicas 1", "10m");
    let app = App::new(place, "order", &(front + &component("store", 2, "replicas 1", "10m")));
    let run = app.must("apply");
    let at = |text: &str| run.stderr.find(text).unwrap_or_else(|| panic!("{text} is said: {}", run.stderr));
    assert!(at("store: released") < at("a-front: revision"), "{}", run.stderr);
}

pub fn delete(place: &'static Place) {
    let app = App::new(
        place,
        "delete",
        &(web(1) + &component("side", 7, "scale min=1 max=3 { cpu \"50%\"; }", "10m")),
    );
    // The platform's objects are the cell's too.
    let platform = fs::read_to_string(app.folder.join("platform.kdl")).expect("readable");
    let strict = r#"cluster="one" isolation="strict" { quota cpu=100 memory="64Gi" pods=100; }"#;
    fs::write(app.folder.join("platform.kdl"), platform.replace("cluster=\"one\"", strict))
        .expect("writable");
    app.must("apply");
    assert_eq!(app.list("v1", "ResourceQuota").len(), 1);
    app.create(&json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "theirs" } }));
    let seen = mutations(&app);
    let listed = app.run("delete", &["--dry-run"]);
    assert!(listed.stdout.contains("remove Deployment/web-"), "{}", listed.stdout);
    assert!(
        listed.stdout.contains("keep Namespace/") && listed.stdout.contains("ConfigMap/theirs"),
        "{}",
        listed.stdout
    );
    assert_eq!(mutations(&app), seen, "a dry run removes nothing");
    let unsure = app.run("delete", &[]);
    assert_eq!(unsure.code, Some(2), "nobody confirmed: {}", unsure.stderr);
    let deleted = app.run("delete", &["--yes"]);
    assert_eq!(deleted.code, Some(0), "{}", deleted.stderr);
    for (api_version, kind) in [
        ("apps/v1", "Deployment"),
        ("v1", "Service"),
        ("autoscaling/v2", "HorizontalPodAutoscaler"),
        ("v1", "ResourceQuota"),
        ("v1", "LimitRange"),
        ("networking.k8s.io/v1", "NetworkPolicy"),
    ] {
        assert_eq!(app.list(api_version, kind), Vec::<Value>::new());
    }
    let left: Vec<Value> =
        app.list("v1", "ConfigMap").iter().map(|object| object["metadata"]["name"].clone()).collect();
    assert_eq!(left, ["kube-root-ca.crt", "theirs"], "nothing of anybody else went");
    let whole = App::new(place, "delete-whole", &web(1));
    whole.must("apply");
    assert_eq!(whole.run("delete", &["--yes"]).code, Some(0));
    assert!(!whole.exists(), "its own namespace went too");
    assert!(whole.run("delete", &["--yes"]).stderr.contains("nothing to remove"));
}
