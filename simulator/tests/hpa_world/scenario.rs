//! A scenario as its file writes it.

#![allow(clippy::struct_field_names, reason = "the files name their fields so")]

use std::collections::BTreeMap;

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscalerSpec;
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub struct Scenario {
    pub hpa: HorizontalPodAutoscalerSpec,
    pub initial_replicas: i64,
    pub pod: Pod,
    pub metrics: Metrics,
    pub controller: Controller,
    pub load: Vec<Load>,
    #[serde(default)]
    pub scale_patches: Vec<ScalePatch>,
    #[serde(default)]
    pub hpa_updates: Vec<HpaUpdate>,
    #[serde(default)]
    pub faults: Vec<Fault>,
    pub duration_seconds: i64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pod {
    pub cpu_request_milli: i64,
    pub mem_request_mib: i64,
    pub cpu_limit_milli: i64,
    pub mem_limit_mib: i64,
    pub pending_seconds: i64,
    pub startup_seconds: i64,
    pub metrics_delay_seconds: i64,
    pub termination_seconds: i64,
    pub creation_delay_seconds: i64,
    pub initial_age_seconds: i64,
    pub base_cpu_milli: i64,
    pub base_mem_mib: i64,
    pub startup_cpu_milli: i64,
    pub sidecar: Option<Sidecar>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sidecar {
    pub cpu_request_milli: i64,
    pub mem_request_mib: i64,
    pub cpu_milli: i64,
    pub mem_mib: i64,
}

#[derive(Debug, Deserialize)]
pub struct Metrics {
    pub resolution_seconds: i64,
    #[serde(default)]
    pub offset_seconds: i64,
    pub window_seconds: i64,
}

#[derive(Debug, Deserialize)]
pub struct Controller {
    pub sync_period_seconds: u64,
    pub tolerance: f64,
    pub downscale_stabilization_seconds: u64,
    pub cpu_initialization_period_seconds: u64,
    pub initial_readiness_delay_seconds: u64,
    #[serde(default)]
    pub reconcile_latency_ms: i64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Load {
    pub t_seconds: i64,
    pub total_cpu_milli: i64,
    pub total_mem_mib: i64,
    pub custom: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
pub struct ScalePatch {
    pub t_seconds: i64,
    pub replicas: i64,
}

#[derive(Debug, Deserialize)]
pub struct HpaUpdate {
    pub t_seconds: i64,
    pub spec: HorizontalPodAutoscalerSpec,
}

#[derive(Debug, Deserialize)]
pub struct Fault {
    pub kind: FaultKind,
    pub from_seconds: i64,
    pub to_seconds: i64,
    #[serde(default)]
    pub count: usize,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    UnreadyPods,
    MissingPodMetrics,
    ResourceApiDown,
    CustomApiDown,
    ExternalApiDown,
    ScaleGetError,
    ScaleUpdateError,
}

impl Fault {
    /// Whether it is active.
    pub fn holds(&self, now_ms: i64) -> bool {
        self.from_seconds * 1000 <= now_ms && now_ms < self.to_seconds * 1000
    }
}

impl Scenario {
    /// The load that holds at a time: an entry holds from its time on, the first also before.
    pub fn load_at(&self, now_ms: i64) -> &Load {
        let begun = self.load.iter().rev().find(|load| load.t_seconds * 1000 <= now_ms);
        begun.unwrap_or(&self.load[0])
    }
}
