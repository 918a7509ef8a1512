//! What scales by the clock on a real API server: windows that an apply meets open, and jobs that follow a revision.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::app::{App, component};
use super::place::Place;

/// A component of two pods, or four while a window is open: from some hours ago, or from some hours ahead, for some.
fn scaled(version: u32, opens_in: u64) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let hour = |ahead: u64| (since / 3_600 + 24 + ahead) % 24;
    let cron = format!(
        "cron \"busy\" from=\"0 0 {} * * *\" until=\"0 0 {} * * *\" time-zone=\"UTC\" replicas=4",
        hour(opens_in),
        hour(opens_in + 8)
    );
    component("web", version, &format!("scale min=2 max=6 {{ cpu \"60%\"; {cron}; }}"), "10m")
}

/// Opened four hours ago, closes in four.
const OPEN: u64 = 20;
/// Opens in eight hours.
const CLOSED: u64 = 8;

/// Name and bounds of each autoscaler.
fn bounds(app: &App) -> Vec<(String, u64, u64)> {
    let number = |scaler: &Value, field: &str| scaler["spec"][field].as_u64().unwrap_or(0);
    let scalers = app.list("autoscaling/v2", "HorizontalPodAutoscaler");
    let name =
        |scaler: &Value| scaler["spec"]["scaleTargetRef"]["name"].as_str().unwrap_or_default().to_owned();
    scalers.iter().map(|s| (name(s), number(s, "minReplicas"), number(s, "maxReplicas"))).collect()
}

pub fn open(place: &'static Place) {
    let app = App::new(place, "window", &scaled(1, OPEN));
    app.must("apply");
    let (_, min, max) = bounds(&app)[0];
    assert_eq!((min, max), (4, 6), "the window is open");
    let again = app.must("apply");
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    assert_eq!(bounds(&app)[0].1, 4, "a second apply lowers nothing");
    app.write(&scaled(1, CLOSED));
    app.must("apply");
    assert_eq!(bounds(&app)[0].1, 2, "another window, and it is closed");
}

pub fn follows(place: &'static Place) {
    let app = App::new(place, "follows", &scaled(1, CLOSED));
    app.must("apply");
    let first = served(&app);
    app.write(&scaled(2, CLOSED));
    app.must("apply");
    assert_eq!(served(&app), first, "at the canary it acts on what serves");
    app.must("rollout resume");
    let second = served(&app);
    assert_ne!(second, first);
    assert!(bounds(&app).iter().any(|(name, ..)| *name == second), "it is the new revision's");
    app.write(&component("web", 2, "scale min=2 max=6 { cpu \"60%\"; }", "10m"));
    app.must("apply");
    for (api_version, kind) in [("batch/v1", "CronJob"), ("rbac.authorization.k8s.io/v1", "Role")] {
        assert_eq!(app.list(api_version, kind), Vec::<Value>::new(), "nothing scales by the clock any more");
    }
}

/// The one autoscaler that both jobs patch and that their account may patch.
fn served(app: &App) -> String {
    let jobs = app.list("batch/v1", "CronJob");
    let patched = |job: &Value| {
        let container = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0];
        container["args"][1]
            .as_str()
            .unwrap_or_default()
            .trim_start_matches("horizontalpodautoscaler/")
            .to_owned()
    };
    let roles = app.list("rbac.authorization.k8s.io/v1", "Role");
    let allowed = roles[0]["rules"][0]["resourceNames"][0].as_str().unwrap_or_default().to_owned();
    assert_eq!(jobs.iter().map(patched).collect::<Vec<_>>(), [allowed.clone(), allowed.clone()]);
    allowed
}
