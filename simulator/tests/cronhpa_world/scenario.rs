//! A scenario as its file writes it.

use serde::Deserialize;
use simulator::model::cronhpa::object::Spec;

#[derive(Clone, Debug, Deserialize)]
pub struct Scenario {
    pub tz: String,
    #[serde(default)]
    pub start: String,
    pub duration_seconds: i64,
    #[serde(default)]
    pub workloads: Vec<Workload>,
    #[serde(default)]
    pub hpas: Vec<Hpa>,
    #[serde(default)]
    pub cronhpas: Vec<Written>,
    #[serde(default)]
    pub events: Vec<Event>,
    #[serde(default)]
    pub faults: Vec<Fault>,
    #[serde(default)]
    pub schedule_probes: Vec<ScheduleProbe>,
    #[serde(default)]
    pub exclude_probes: Vec<ExcludeProbe>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Workload {
    pub kind: String,
    pub name: String,
    pub replicas: i32,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Hpa {
    pub name: String,
    pub min: i32,
    pub max: i32,
    pub target_kind: String,
    pub target_name: String,
    pub status_current: i32,
    #[serde(default)]
    pub load: Vec<Load>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Load {
    pub t_seconds: i64,
    pub desired: i32,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Written {
    pub name: String,
    pub spec: Spec,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    pub t_seconds: i64,
    pub kind: EventKind,
    #[serde(default)]
    pub cronhpa: Option<Written>,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub replicas: i32,
}

impl Event {
    /// Events happen half a second after their time; the controller comes back a quarter after it.
    pub fn at_ms(&self) -> i64 {
        let after = if self.kind == EventKind::ControllerUp { 250 } else { 500 };
        self.t_seconds * 1000 + after
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    ApplyCronhpa,
    DeleteCronhpa,
    SetReplicas,
    ControllerDown,
    ControllerUp,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Fault {
    pub from_seconds: i64,
    pub to_seconds: i64,
    pub kind: FaultKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    HpaGet,
    HpaUpdate,
    ScaleGet,
    ScaleUpdate,
}

#[derive(Clone, Debug, Deserialize)]
pub struct ScheduleProbe {
    pub expr: String,
    pub from: String,
    pub count: usize,
}

#[derive(Clone, Debug, Deserialize)]
pub struct ExcludeProbe {
    pub exclude_dates: Vec<String>,
    pub now: String,
}
