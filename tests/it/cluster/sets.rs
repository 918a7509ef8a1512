//! Releases of members and of daemons on a real API server: one by one, node by node, and back.

use serde_json::{Value, json};

use super::app::{App, ended};
use super::mutations;
use super::place::Place;

/// Three members with a canary; `cpu` is what each requests.
pub fn store(version: u32, cpu: &str) -> String {
    format!(
        r#"component "store" kind="stateful" {{
        image "registry.k8s.io/pause:3.10"
        resources cpu="{cpu}" memory="16Mi"
        env "VERSION" "{version}"
        port "peer" 8080
        readiness port="peer"
        replicas 3
        volume "data" mount="/data" size="1Gi" class="simulated"
        release {{ batch 1 pause=#true; batch "100%"; }}
        expose "cluster"
    }}
    "#
    )
}

/// A pod on each node, one node first.
pub fn agent(version: u32, cpu: &str) -> String {
    format!(
        r#"component "agent" kind="daemon" {{
        image "registry.k8s.io/pause:3.10"
        resources cpu="{cpu}" memory="16Mi"
        env "VERSION" "{version}"
        port "metrics" 8080
        readiness port="metrics"
        release {{ batch 1 pause=#true; batch "50%"; batch "100%"; }}
    }}
    "#
    )
}

/// The `VERSION` of every pod that is ready, by the names of the pods or their nodes.
fn versions(app: &App, by: &str) -> Vec<String> {
    let ready = |pod: &Value| {
        let conditions = pod["status"]["conditions"].as_array();
        let ready = |condition: &Value| condition["type"] == "Ready" && condition["status"] == "True";
        conditions.is_some_and(|all| all.iter().any(ready)) && pod["metadata"]["deletionTimestamp"].is_null()
    };
    let mut all: Vec<(String, String)> = app
        .list("v1", "Pod")
        .iter()
        .filter(|pod| ready(pod))
        .map(|pod| {
            let version = &pod["spec"]["containers"][0]["env"][0]["value"];
            (
                pod.pointer(by).map(Value::to_string).unwrap_or_default(),
                version.as_str().unwrap_or("").to_owned(),
            )
        })
        .collect();
    all.sort();
    all.into_iter().map(|(_, version)| version).collect()
}

fn members(app: &App) -> Vec<String> {
    versions(app, "/metadata/name")
}

fn nodes(app: &App) -> Vec<String> {
    versions(app, "/spec/nodeName")
}

fn partition(app: &App) -> Value {
    app.list("apps/v1", "StatefulSet")[0]["spec"]["updateStrategy"]["rollingUpdate"]["partition"].clone()
}

/// Pods cannot be pulled: no kubelet looks after a pod without a node, so the test is its kubelet.
fn break_pending(app: &App) {
    let pending = |app: &App| {
        let mut pods = app.list("v1", "Pod");
        pods.retain(|pod| pod["status"]["conditions"][0]["reason"] == "Unschedulable");
        pods
    };
    app.until("a pod finds no node", |app| !pending(app).is_empty());
    let waiting = json!({ "waiting": { "reason": "ImagePullBackOff", "message": "no such image" } });
    let container = json!({ "name": "x", "image": "x", "imageID": "", "ready": false, "restartCount": 0, "state": waiting });
    for pod in pending(app) {
        app.patch("Pod", &pod, true, &json!({ "status": { "containerStatuses": [container] } }));
    }
}

pub fn stateful(place: &'static Place) {
    let app = App::new(place, "stateful", &store(1, "10m"));
    let first = app.must("apply");
    assert!(first.stderr.contains("store: released\n"), "{}", first.stderr);
    assert_eq!((members(&app), partition(&app)), (vec!["1".to_owned(); 3], json!(0)));
    let (seen, again) = (mutations(&app), app.must("apply"));
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    assert_eq!(mutations(&app), seen, "only dry runs were sent");
    app.write(&store(2, "10m"));
    let paused = app.must("apply");
    assert!(paused.stderr.contains("store: paused after batch 1\n"), "{}", paused.stderr);
    assert_eq!((members(&app), partition(&app)), (vec!["1".to_owned(), "1".into(), "2".into()], json!(2)));
    let status = app.must("rollout status");
    assert!(
        status.stdout.contains(": 2 of 2 pods available")
            && status.stdout.contains(": 1 of 1 pods available"),
        "{}",
        status.stdout
    );
    app.must("rollout resume");
    assert_eq!((members(&app), partition(&app)), (vec!["2".to_owned(); 3], json!(0)));
    assert_eq!(app.record("store")["stage"], "done");
    // Killed ever later, it goes on from the record.
    app.write(&store(3, "10m"));
    for step in 1..30 {
        let mut child = app.start(if step % 2 == 0 { "apply" } else { "rollout resume" }, &[]);
        std::thread::sleep(std::time::Duration::from_millis(60 * step));
        child.kill().expect("it is killed or has ended");
        if ended(child).code == Some(0) && app.record("store")["stage"] == "done" {
            break;
        }
        app.run("apply", &[]);
    }
    assert_eq!((members(&app), partition(&app)), (vec!["3".to_owned(); 3], json!(0)));
}

pub fn stateful_healed(place: &'static Place) {
    let app = App::new(place, "healed", &store(1, "10m"));
    app.must("apply");
    let claims = |app: &App| -> Vec<Value> {
        app.list("v1", "PersistentVolumeClaim").iter().map(|claim| claim["metadata"]["uid"].clone()).collect()
    };
    let uids = |app: &App| -> Vec<Value> {
        app.list("v1", "Pod").iter().map(|pod| pod["metadata"]["uid"].clone()).collect()
    };
    let (disks, before) = (claims(&app), uids(&app));
    assert_eq!(disks.len(), 3, "a disk a member");
    // More than any node has, so that the canary never starts.
    app.write(&store(2, "900"));
    let child = app.start("apply", &[]);
    break_pending(&app);
    let failed = ended(child);
    assert_eq!(failed.code, Some(1), "{}", failed.stderr);
    assert!(failed.stderr.contains("ImagePullBackOff"), "{}", failed.stderr);
    let aborted = app.must("rollout abort");
    assert!(aborted.stderr.contains("store: rolled back\n"), "{}", aborted.stderr);
    assert_eq!(
        aborted.stderr.matches("replace Pod/").count(),
        1,
        "exactly the stuck one: {}",
        aborted.stderr
    );
    assert_eq!((members(&app), partition(&app)), (vec!["1".to_owned(); 3], json!(0)));
    assert_eq!(claims(&app), disks, "no disk is touched");
    assert_eq!(uids(&app)[..2], before[..2], "members that worked went on");
    app.write(&store(3, "10m"));
    app.must("apply");
    app.must("rollout resume");
    assert_eq!(members(&app), ["3", "3", "3"]);
}

pub fn daemon(place: &'static Place) {
    let app = App::new(place, "daemon", &agent(1, "10m"));
    let first = app.must("apply");
    assert!(first.stderr.contains("agent: released\n"), "{}", first.stderr);
    let count = nodes(&app).len();
    assert!(count >= 6, "a pod on each node: {count}");
    let (seen, again) = (mutations(&app), app.must("apply"));
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    assert_eq!(mutations(&app), seen, "only dry runs were sent");
    app.write(&agent(2, "10m"));
    let paused = app.must("apply");
    assert!(paused.stderr.contains("agent: paused after batch 1\n"), "{}", paused.stderr);
    let new = |app: &App| nodes(app).iter().filter(|version| *version == "2").count();
    assert_eq!((new(&app), nodes(&app).len()), (1, count));
    let aborted = app.must("rollout abort");
    assert!(aborted.stderr.contains("agent: rolled back\n"), "{}", aborted.stderr);
    assert_eq!((new(&app), nodes(&app).len()), (0, count));
    app.write(&agent(3, "10m"));
    app.must("apply");
    app.must("rollout resume");
    assert_eq!(nodes(&app), vec!["3"; count]);
    assert_eq!(app.record("agent")["stage"], "done");
}
