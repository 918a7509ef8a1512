//! What the HPA controller sees of pods.

use crate::cluster::{Phase, Pod};

/// One sample of metrics-server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodMetric {
    /// When it was taken.
    pub at_ns: i64,
    /// Over how long.
    pub window_ns: i64,
    /// CPU, in thousandths of a core, rounded up.
    pub milli: i64,
}

/// One pod in the controller's eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodSeen {
    /// Its phase is Pending: no container runs.
    pub pending: bool,
    /// It has a deletion time.
    pub terminating: bool,
    /// The Ready condition, with the time it changed last.
    pub ready: bool,
    /// When that changed last.
    pub transition_ns: i64,
    /// `status.startTime`; `None` before a node took it.
    pub start_time_ns: Option<i64>,
    /// Its CPU request, in thousandths of a core.
    pub request_milli: i64,
    /// Its sample, if metrics-server has one.
    pub metric: Option<PodMetric>,
}

/// What an autoscaler keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Mean CPU use in per cent of the requests.
    Utilization(i64),
    /// Mean CPU use in thousandths of a core.
    AverageValue(i64),
}

/// A pod of the simulation as the controller sees it; `None` once it is gone.
pub fn seen(pod: &Pod, request_milli: i64) -> Option<PodSeen> {
    let pending = match pod.phase {
        Phase::Pending | Phase::Starting => true,
        Phase::Running => false,
        Phase::Gone => return None,
    };
    Some(PodSeen {
        pending,
        terminating: pod.terminating,
        ready: pod.ready,
        transition_ns: pod.transition_ns,
        start_time_ns: (pod.phase != Phase::Pending).then_some(pod.start_time_ns),
        request_milli,
        metric: pod.metric,
    })
}
