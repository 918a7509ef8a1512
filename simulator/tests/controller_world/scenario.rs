//! What a file of the controller vectors says of its world.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// One scenario. Times are whole seconds.
#[derive(Clone, Debug, Deserialize)]
pub struct Scenario {
    pub kind: String,
    pub spec: Value,
    pub revision: String,
    pub revisions: BTreeMap<String, Revision>,
    pub termination_seconds: i64,
    pub node_count: Option<u32>,
    #[serde(default)]
    pub nodes: Vec<Node>,
    #[serde(default)]
    pub pod_spec: Map<String, Value>,
    #[serde(default)]
    pub record_ids: bool,
    #[serde(default)]
    pub feature_gates: Vec<String>,
    #[serde(default)]
    pub events: Vec<Event>,
    pub duration_seconds: i64,
}

/// How long the pods of a template take to be ready; -1 for never.
#[derive(Clone, Debug, Deserialize)]
pub struct Revision {
    pub startup_seconds: Vec<i64>,
}

/// A node, with one taint `key:effect` at most.
#[derive(Clone, Debug, Deserialize)]
pub struct Node {
    pub name: String,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub taint: String,
}

/// Something that happens from outside.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Event {
    pub t_seconds: i64,
    pub kind: String,
    pub revision: Option<String>,
    pub replicas: Option<i64>,
    pub spec: Option<Value>,
    pub pod: Option<u32>,
    pub cost: Option<i32>,
    pub restarts: Option<u32>,
    #[serde(default)]
    pub node: String,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub taint: String,
}

impl Scenario {
    /// The number of a revision: its place among the names in order.
    pub fn number(&self, revision: &str) -> u32 {
        let place = self.revisions.keys().position(|name| name == revision);
        place.expect("a scenario names its own revisions") as u32
    }

    /// The name of a revision.
    pub fn name(&self, number: u32) -> &str {
        self.revisions.keys().nth(number as usize).expect("revisions are numbered by name")
    }

    /// How long the `nth` pod of a revision takes; `None` for ever.
    pub fn startup_s(&self, revision: u32, nth: usize) -> Option<i64> {
        let times = &self.revisions[self.name(revision)].startup_seconds;
        let time = times[nth % times.len()];
        (time >= 0).then_some(time.max(1))
    }
}
