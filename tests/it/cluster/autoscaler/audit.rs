//! What the audit log of the API server says of the autoscaler's syncs.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// One sync of the controller.
#[derive(Clone, Debug)]
pub struct Sync {
    /// When it had everything that it asked for, in nanoseconds since 1970.
    pub decided_ns: i64,
    /// `spec.replicas` and `status.replicas` of the scale that it read.
    pub scale: (i32, i32),
    /// What it wrote to `spec.replicas`, if it wrote.
    pub written: Option<i32>,
}

/// Every sync on a Deployment, in order.
pub fn syncs(log: &Path, namespace: &str, deployment: &str) -> Vec<Sync> {
    let text = fs::read_to_string(log).expect("the audit log is there");
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let by_controller = |line: &Value| line["user"]["username"] == "system:kube-controller-manager";
    let mut syncs: Vec<Sync> = Vec::new();
    for line in lines.filter(by_controller).filter(|line| line["objectRef"]["namespace"] == *namespace) {
        let object = &line["objectRef"];
        let of_scale = object["subresource"] == "scale" && object["name"] == *deployment;
        let of_metrics = object["apiGroup"] == "metrics.k8s.io" && object["resource"] == "pods";
        let ended_ns = time_ns(line["stageTimestamp"].as_str().unwrap_or_default());
        match line["verb"].as_str() {
            Some("get") if of_scale => {
                let count =
                    |part: &str| line["responseObject"][part]["replicas"].as_i64().unwrap_or(0) as i32;
                syncs.push(Sync {
                    decided_ns: ended_ns,
                    scale: (count("spec"), count("status")),
                    written: None,
                });
            }
            Some("list") if of_metrics => {
                if let Some(sync) = syncs.last_mut() {
                    sync.decided_ns = ended_ns;
                }
            }
            Some("update") if of_scale => {
                if let Some(sync) = syncs.last_mut() {
                    sync.written =
                        line["requestObject"]["spec"]["replicas"].as_i64().map(|count| count as i32);
                }
            }
            Some(_) | None => {}
        }
    }
    syncs
}

/// Nanoseconds since 1970.
pub fn time_ns(text: &str) -> i64 {
    let time: jiff::Timestamp = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    time.as_nanosecond() as i64
}
