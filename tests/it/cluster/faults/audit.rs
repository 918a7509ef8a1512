//! What the API server's log says about a stretch of time.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// What a rollout may change in a cluster, beside its own record.
const CHILDREN: &[&str] = &["deployments", "statefulsets", "daemonsets", "pods", "horizontalpodautoscalers"];

/// Where the log ends at this moment.
pub fn end(log: &Path) -> u64 {
    fs::metadata(log).expect("the log is there").len()
}

/// The administrator's changes of a namespace's children that went through after that end of the log.
pub fn landed_since(log: &Path, end: u64, namespace: &str) -> Vec<String> {
    let bytes = fs::read(log).expect("the log is readable");
    let text = String::from_utf8_lossy(&bytes[end as usize..]).into_owned();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let changed = lines.filter(|line| {
        let uri = line["requestURI"].as_str().unwrap_or_default();
        let changes = !matches!(line["verb"].as_str(), Some("get" | "list" | "watch"));
        changes
            && line["user"]["username"] == "admin"
            && line["objectRef"]["namespace"] == namespace
            && CHILDREN.iter().any(|kind| line["objectRef"]["resource"] == **kind)
            && !uri.contains("dryRun=All")
            && line["responseStatus"]["code"].as_u64().is_some_and(|code| code < 300)
    });
    changed.map(|line| format!("{} {}", line["verb"], line["requestURI"])).collect()
}
