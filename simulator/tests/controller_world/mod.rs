//! The small world of the controller vectors: pods, nodes and events around one workload.

mod daemons;
mod members;
mod pods;
mod queue;
mod rollout;
mod scenario;

use pods::Pods;
use scenario::{Event, Scenario};
use serde_json::{Map, Value, json};

const SECOND: i64 = 1_000_000_000;

/// One kind of workload with its controllers, which act at once.
trait Controllers {
    /// A pod was made, changed or deleted.
    fn pod_changed(&mut self, id: u32, pods: &Pods);
    /// A pod is gone.
    fn pod_gone(&mut self, revision: u32, pods: &Pods);
    /// Somebody writes the spec, maybe with another revision.
    fn write_spec(&mut self, spec: &Value, revision: u32);
    /// Something that only this kind knows.
    fn event(&mut self, event: &Event, pods: &mut Pods, now_ns: i64);
    /// The pod that an event means.
    fn pod_of(&self, event: &Event, pods: &Pods) -> Option<u32>;
    /// In which order pods become ready in one second.
    fn ready_order(&self, pod: &simulator::model::workloads::pod::Pod) -> (String, u32);
    /// When a controller wants to look again.
    fn next_ns(&self) -> Option<i64>;
    /// Controllers look until nothing is left to do.
    fn rest(&mut self, pods: &mut Pods, now_ns: i64);
    /// The columns of a row but for the time and the pods made and deleted.
    fn row(&self, pods: &Pods) -> Vec<Value>;
}

/// One scenario as it goes on.
struct World {
    scenario: Scenario,
    spec: Value,
    revision: u32,
    pods: Pods,
    controllers: Box<dyn Controllers>,
}

/// The first difference between what a file expects and what happens.
pub fn difference(vector: &Value) -> Option<String> {
    let scenario: Scenario = match serde_json::from_value(vector["scenario"].clone()) {
        Ok(scenario) => scenario,
        Err(error) => return Some(format!("its scenario cannot be read: {error}")),
    };
    let columns = vector["expected"]["columns"].as_array()?;
    let Some(expected) = vector["expected"]["rows"].as_array() else {
        return Some("it expects no rows".to_owned());
    };
    let rows = match World::new(scenario) {
        Ok(world) => world.run(),
        Err(error) => return Some(error),
    };
    for (index, (row, expected)) in rows.iter().zip(expected).enumerate() {
        for (column, name) in columns.iter().enumerate() {
            let (got, want) = (&row[column], &expected[column]);
            if got != want {
                let (at, name) = (&expected[0], name.as_str().unwrap_or_default());
                return Some(format!("row {index}, at {at} s: {name} is {got}, upstream has {want}"));
            }
        }
    }
    (rows.len() != expected.len()).then(|| format!("{} rows, upstream has {}", rows.len(), expected.len()))
}

impl World {
    fn new(scenario: Scenario) -> Result<Self, String> {
        let revision = scenario.number(&scenario.revision);
        let pods = Pods::new(scenario.termination_seconds);
        let spec = scenario.spec.clone();
        let controllers: Box<dyn Controllers> = match scenario.kind.as_str() {
            "Deployment" | "ReplicaSet" => Box::new(rollout::Rollout::new(scenario.clone())),
            "StatefulSet" => Box::new(members::Members::new(scenario.clone())),
            "DaemonSet" => Box::new(daemons::Daemons::new(scenario.clone())),
            other => return Err(format!("it is about a {other}")),
        };
        let mut world = Self { scenario, spec, revision, pods, controllers };
        world.controllers.write_spec(&world.spec, revision);
        Ok(world)
    }

    /// A row for each second in which something changed.
    fn run(mut self) -> Vec<Vec<Value>> {
        let mut rows: Vec<Vec<Value>> = Vec::new();
        let mut before: Option<Vec<Value>> = None;
        for second in 0..=self.scenario.duration_seconds {
            self.pods.clear();
            self.second(second);
            let state = self.controllers.row(&self.pods);
            let quiet = self.pods.created.is_empty() && self.pods.deleted.is_empty();
            if quiet && before.as_ref() == Some(&state) {
                continue;
            }
            let mut row = vec![json!(second)];
            row.extend(state.iter().cloned());
            row.extend([self.counts(&self.pods.created), self.counts(&self.pods.deleted)]);
            if self.scenario.record_ids && self.scenario.kind != "DaemonSet" {
                let mut ids = self.pods.deleted_ids.clone();
                ids.sort_unstable();
                row.push(json!(ids));
            }
            rows.push(row);
            before = Some(state);
        }
        rows
    }

    fn counts(&self, counts: &std::collections::BTreeMap<u32, i64>) -> Value {
        let named =
            counts.iter().map(|(revision, count)| (self.scenario.name(*revision).to_owned(), json!(count)));
        Value::Object(named.collect::<Map<String, Value>>())
    }

    /// Everything that is due in a second, one at a time, with the controllers at rest in between.
    fn second(&mut self, second: i64) {
        let now_ns = second * SECOND;
        self.rest(now_ns);
        for id in self.pods.terminated(second) {
            let revision = self.pods.get(id).map_or(0, |pod| pod.revision);
            self.pods.vanish(id);
            self.controllers.pod_gone(revision, &self.pods);
            self.rest(now_ns);
        }
        let mut starting = self.pods.starting(second);
        starting.sort_by_key(|pod| self.controllers.ready_order(pod));
        for pod in starting {
            self.pods.set_ready(pod.id, true, second);
            self.controllers.pod_changed(pod.id, &self.pods);
            self.rest(now_ns);
        }
        let due = |event: &&Event| event.t_seconds == second;
        for event in self.scenario.events.iter().filter(due).cloned().collect::<Vec<Event>>() {
            self.event(&event, now_ns);
            self.rest(now_ns);
        }
        let end_ns = now_ns + SECOND;
        while let Some(time_ns) = self.controllers.next_ns().filter(|time_ns| *time_ns < end_ns) {
            self.rest(time_ns);
        }
    }

    fn rest(&mut self, now_ns: i64) {
        self.controllers.rest(&mut self.pods, now_ns);
    }

    fn event(&mut self, event: &Event, now_ns: i64) {
        let second = now_ns / SECOND;
        let pod = self.controllers.pod_of(event, &self.pods);
        match event.kind.as_str() {
            "set_revision" | "patch" | "scale" => {
                let name = event.revision.as_ref();
                self.revision = name.map_or(self.revision, |name| self.scenario.number(name));
                if let Some(replicas) = event.replicas {
                    self.spec["replicas"] = json!(replicas);
                }
                if let Some(patch) = &event.spec {
                    merge(&mut self.spec, patch);
                }
                self.controllers.write_spec(&self.spec, self.revision);
            }
            "pod_gc" => {
                // Pods of daemons become ready in the order of their nodes' names.
                let lost =
                    self.pods.existing().filter(|pod| self.controllers.ready_order(pod).0 == event.node);
                for pod in lost.copied().collect::<Vec<_>>() {
                    self.pods.vanish(pod.id);
                    self.controllers.pod_gone(pod.revision, &self.pods);
                }
            }
            kind if kind.starts_with("pod_") => {
                let Some(id) = pod else { return };
                self.pod_event(event, id, second);
                match self.pods.get(id) {
                    Some(_) => self.controllers.pod_changed(id, &self.pods),
                    None => self.controllers.pod_gone(0, &self.pods),
                }
            }
            _ => self.controllers.event(event, &mut self.pods, now_ns),
        }
    }

    fn pod_event(&mut self, event: &Event, id: u32, second: i64) {
        use simulator::model::workloads::pod::Phase;
        match event.kind.as_str() {
            "pod_unready" => self.pods.hold(id, second),
            "pod_ready" => self.pods.set_ready(id, true, second),
            "pod_delete" => self.pods.delete(id, second),
            "pod_cost" => self.pods.change(id, |pod| pod.deletion_cost = event.cost.unwrap_or(0)),
            "pod_restarts" => self.pods.change(id, |pod| pod.restarts = event.restarts.unwrap_or(0)),
            "pod_fail" => {
                self.pods.hold(id, second);
                self.pods.change(id, |pod| pod.phase = Phase::Failed);
            }
            "pod_pending" => {
                let node = event.node.trim_start_matches('n').parse().ok();
                self.pods.change(id, |pod| (pod.phase, pod.node) = (Phase::Pending, node));
            }
            other => panic!("no world knows the event {other}"),
        }
    }
}

/// A merge patch: objects field by field, anything else as a whole.
fn merge(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    target.remove(key);
                } else {
                    merge(target.entry(key.clone()).or_insert(Value::Null), value);
                }
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}
