//! The API server of the small world: objects, counts and bounds, and a row for every change.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use simulator::model::cronhpa::api::{Api, Autoscaler, Bounds};
use simulator::model::cronhpa::object::{Condition, CronHpa, Target};

use super::scenario::{Fault, FaultKind, Hpa, Scenario, Written};

pub struct Cluster {
    pub now_ms: i64,
    objects: BTreeMap<String, CronHpa>,
    /// The conditions that rows have told of.
    told: BTreeMap<String, Vec<Condition>>,
    /// Counts by kind and name.
    replicas: BTreeMap<(String, String), i32>,
    hpas: Vec<Hpa>,
    faults: Vec<Fault>,
    writes: Vec<(String, Value)>,
    statuses: Vec<(String, Value)>,
    events: Vec<Value>,
}

impl Cluster {
    pub fn new(scenario: &Scenario) -> Self {
        let object = |written: &Written| CronHpa {
            name: written.name.clone(),
            spec: written.spec.clone(),
            ..CronHpa::default()
        };
        let objects = scenario.cronhpas.iter().map(|written| (written.name.clone(), object(written)));
        let replicas = scenario.workloads.iter();
        Self {
            now_ms: 0,
            objects: objects.collect(),
            told: BTreeMap::new(),
            replicas: replicas.map(|one| ((one.kind.clone(), one.name.clone()), one.replicas)).collect(),
            hpas: scenario.hpas.clone(),
            faults: scenario.faults.clone(),
            writes: Vec::new(),
            statuses: Vec::new(),
            events: Vec::new(),
        }
    }

    pub fn object_names(&self) -> Vec<String> {
        self.objects.keys().cloned().collect()
    }

    /// Changes an object; says whether it changed.
    pub fn change(&mut self, name: &str, change: impl FnOnce(&mut CronHpa) -> bool) -> bool {
        let changed = self.objects.get_mut(name).is_some_and(change);
        self.tell_statuses();
        changed
    }

    pub fn apply(&mut self, written: &Written) {
        let object = self.objects.entry(written.name.clone()).or_default();
        object.name.clone_from(&written.name);
        object.spec = written.spec.clone();
    }

    pub fn delete(&mut self, name: &str) {
        self.objects.remove(name);
        self.told.remove(name);
    }

    /// Somebody else sets a count.
    pub fn set(&mut self, name: &str, replicas: i32) {
        for ((_, other), count) in &mut self.replicas {
            if other == name {
                *count = replicas;
            }
        }
    }

    /// Makes rows of what has changed in conditions.
    pub fn tell_statuses(&mut self) {
        for (name, object) in &self.objects {
            let told = self.told.entry(name.clone()).or_default();
            let row = |job: &str, state: &str, message: Option<&str>| {
                let row = json!(["status", self.now_ms, name, job, state, message]);
                (format!("{name}/{job}"), row)
            };
            let alike = |a: &Condition, b: &Condition| {
                Condition { id: None, ..a.clone() } == Condition { id: None, ..b.clone() }
            };
            for one in &object.conditions {
                if !told.iter().any(|other| alike(one, other)) {
                    self.statuses.push(row(&one.name, one.state.name(), Some(&one.message)));
                }
            }
            for gone in told.iter().filter(|old| !object.conditions.iter().any(|one| one.name == old.name)) {
                self.statuses.push(row(&gone.name, "(removed)", None));
            }
            told.clone_from(&object.conditions);
        }
    }

    /// The rows of this instant.
    pub fn take_rows(&mut self) -> Vec<Value> {
        let mut writes = std::mem::take(&mut self.writes);
        let mut statuses = std::mem::take(&mut self.statuses);
        writes.sort_by(|a, b| a.0.cmp(&b.0));
        statuses.sort_by(|a, b| a.0.cmp(&b.0));
        let rows = writes.into_iter().chain(statuses).map(|(_, row)| row);
        rows.chain(std::mem::take(&mut self.events)).collect()
    }

    fn wrote(&mut self, actor: &str, object: &str, field: &str, old: i32, new: i32) {
        let row = json!(["write", self.now_ms, actor, object, field, old, new]);
        self.writes.push((format!("{actor}/{object}/{field}"), row));
    }

    /// The autoscalers look at their loads.
    pub fn sync(&mut self) {
        for index in 0..self.hpas.len() {
            let hpa = self.hpas[index].clone();
            let past = hpa.load.iter().rev().find(|load| load.t_seconds * 1000 <= self.now_ms);
            let Some(load) = past.or(hpa.load.first()) else { continue };
            let key = (hpa.target_kind.clone(), hpa.target_name.clone());
            let Some(current) = self.replicas.get(&key).copied() else { continue };
            let wanted = load.desired.max(hpa.min).min(hpa.max);
            self.hpas[index].status_current = current;
            if current != 0 && wanted != current {
                self.wrote("hpa", &format!("{}/{}", key.0, key.1), "replicas", current, wanted);
                self.replicas.insert(key, wanted);
            }
        }
    }

    /// The counts and bounds at the end.
    pub fn state(&self) -> Value {
        let counts =
            self.replicas.iter().map(|((kind, name), count)| (format!("{kind}/{name}"), json!(count)));
        let bounds = self.hpas.iter().map(|hpa| {
            let name = format!("HorizontalPodAutoscaler/{}", hpa.name);
            (name, json!([hpa.min, hpa.max, hpa.status_current]))
        });
        Value::Object(counts.chain(bounds).collect())
    }

    fn fails(&self, kind: FaultKind) -> Result<(), String> {
        let now =
            |fault: &Fault| fault.from_seconds * 1000 <= self.now_ms && self.now_ms < fault.to_seconds * 1000;
        let what = match kind {
            FaultKind::HpaGet => "hpa get",
            FaultKind::HpaUpdate => "hpa update",
            FaultKind::ScaleGet => "scale get",
            FaultKind::ScaleUpdate => "scale update",
        };
        let is_injected = self.faults.iter().any(|fault| fault.kind == kind && now(fault));
        if is_injected { Err(format!("injected {what} error")) } else { Ok(()) }
    }
}

impl Api for Cluster {
    fn object(&mut self, name: &str) -> Option<&mut CronHpa> {
        self.objects.get_mut(name)
    }

    fn autoscaler(&mut self, name: &str) -> Result<Autoscaler, String> {
        self.fails(FaultKind::HpaGet)?;
        let hpa = self.hpas.iter().find(|hpa| hpa.name == name);
        let hpa = hpa.ok_or_else(|| format!("horizontalpodautoscalers.autoscaling {name:?} not found"))?;
        Ok(Autoscaler {
            bounds: Bounds { min: hpa.min, max: hpa.max },
            target: Target {
                api_version: "apps/v1".to_owned(),
                kind: hpa.target_kind.clone(),
                name: hpa.target_name.clone(),
            },
            current: hpa.status_current,
        })
    }

    fn set_bounds(&mut self, name: &str, to: Bounds) -> Result<(), String> {
        self.fails(FaultKind::HpaUpdate)?;
        if to.min < 1 {
            return Err("invalid: spec.minReplicas must be greater than or equal to 1".to_owned());
        }
        if to.max < to.min {
            return Err("invalid: spec.maxReplicas must be greater than or equal to minReplicas".to_owned());
        }
        let object = format!("HorizontalPodAutoscaler/{name}");
        let hpa = self.hpas.iter_mut().find(|hpa| hpa.name == name).ok_or("not found")?;
        let (min, max) = (std::mem::replace(&mut hpa.min, to.min), std::mem::replace(&mut hpa.max, to.max));
        for (field, old, new) in [("maxReplicas", max, to.max), ("minReplicas", min, to.min)] {
            if old != new {
                self.wrote("cronhpa", &object, field, old, new);
            }
        }
        Ok(())
    }

    fn has_kind(&self, group: &str, kind: &str) -> bool {
        group == "apps" && matches!(kind, "Deployment" | "StatefulSet")
    }

    fn replicas(&mut self, kind: &str, name: &str) -> Result<i32, String> {
        self.fails(FaultKind::ScaleGet)?;
        let found = self.replicas.get(&(kind.to_owned(), name.to_owned())).copied();
        found.ok_or_else(|| format!("{}s.apps {name:?} not found", kind.to_lowercase()))
    }

    fn set_replicas(&mut self, kind: &str, name: &str, to: i32) -> Result<(), String> {
        self.fails(FaultKind::ScaleUpdate)?;
        let old = self.replicas.insert((kind.to_owned(), name.to_owned()), to).unwrap_or(0);
        self.wrote("cronhpa", &format!("{kind}/{name}"), "replicas", old, to);
        Ok(())
    }

    fn event(&mut self, _object: &str, reason: &str, message: String) {
        // The files have what becomes of a run as a status.
        if reason == "OutOfDate" {
            self.events.push(json!(["event", self.now_ms, reason, message]));
        }
    }
}
