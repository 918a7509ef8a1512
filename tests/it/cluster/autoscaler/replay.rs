//! Gives the recorded syncs to the simulator's autoscaler.

use serde_json::Value;
use simulator::model::autoscaler::amount;
use simulator::model::autoscaler::look::{Look, PodPhase, PodSeen, Sample, Scale};
use simulator::model::autoscaler::spec::Spec;
use simulator::model::autoscaler::sync::Memory;

use super::Application;
use super::audit::{Sync, time_ns};
use super::free::FLAGS;
use super::recording::{self, Recording, condition, is_ready};

/// How the two decided.
#[derive(Debug, Default)]
pub struct Replay {
    /// Syncs that came to the same.
    pub same: usize,
    /// Of those, syncs for which the look before or after had to be taken: something changed in that moment.
    pub beside: usize,
    /// The others.
    pub different: Vec<String>,
}

/// One sync after the other. What the controller saw lies between two looks, so both are tried for the pods and for
/// their metrics.
pub fn replay(application: &Application, recording: &Recording) -> Replay {
    let spec = Spec::new(&application.autoscaler.spec, &FLAGS);
    let (mut memory, mut replay) = (Memory::default(), Replay::default());
    for sync in &recording.syncs {
        let after = recording.looks.partition_point(|look| look.at_ns < sync.decided_ns);
        let places = [after.saturating_sub(1), after.min(recording.looks.len().saturating_sub(1))];
        let pairs = [(0, 0), (1, 1), (0, 1), (1, 0)].map(|(pods, metrics)| (places[pods], places[metrics]));
        let tried = pairs.map(|(pods, metrics)| decided(&memory, &spec, sync, recording, pods, metrics));
        let alike = tried.iter().position(|(_, written)| *written == sync.written);
        memory.clone_from(&tried[alike.unwrap_or(0)].0);
        if let Some(place) = alike {
            replay.same += 1;
            replay.beside += usize::from(place > 0);
            continue;
        }
        let at = (sync.decided_ns - recording.began_ns) / 1_000_000;
        let (want, got) = (sync.written, tried[0].1);
        replay
            .different
            .push(format!("at {at} ms, from {:?}: {got:?}, the cluster has {want:?}", sync.scale));
    }
    replay
}

fn decided(
    memory: &Memory,
    spec: &Spec,
    sync: &Sync,
    recording: &Recording,
    pods: usize,
    metrics: usize,
) -> (Memory, Option<i32>) {
    let mut memory = memory.clone();
    let mut look = Recorded::new(sync, &recording.looks[pods], &recording.looks[metrics]);
    let written = memory.sync(spec, &mut look, sync.decided_ns, &FLAGS).written;
    (memory, written)
}

/// The cluster as it was.
struct Recorded {
    scale: Scale,
    pods: Vec<PodSeen>,
    samples: Vec<Option<Sample>>,
    requests: Vec<Option<i64>>,
}

impl Recorded {
    fn new(sync: &Sync, pods: &recording::Look, metrics: &recording::Look) -> Self {
        let sample = |pod: &Value| {
            let entry = metrics.metrics.get(pod["metadata"]["name"].as_str()?)?;
            sample(entry)
        };
        Self {
            scale: Scale { spec: sync.scale.0, status: sync.scale.1 },
            pods: pods.pods.iter().map(seen).collect(),
            samples: pods.pods.iter().map(sample).collect(),
            requests: pods.pods.iter().map(request).collect(),
        }
    }
}

impl Look for Recorded {
    fn scale(&self) -> Option<Scale> {
        Some(self.scale)
    }

    fn pods(&self) -> &[PodSeen] {
        &self.pods
    }

    fn sample(&self, _metric: usize, pod: usize) -> Option<Sample> {
        self.samples[pod]
    }

    fn request_milli(&self, _metric: usize, pod: usize) -> Option<i64> {
        self.requests[pod]
    }

    fn object(&self, _metric: usize) -> Option<i64> {
        None
    }

    fn external(&self, _metric: usize) -> Option<&[i64]> {
        None
    }

    fn write(&mut self, _replicas: i32) -> bool {
        true
    }
}

fn seen(pod: &Value) -> PodSeen {
    let time = |value: &Value| value.as_str().map(time_ns);
    let status = &pod["status"];
    PodSeen {
        phase: match status["phase"].as_str() {
            Some("Running") => PodPhase::Running,
            Some("Failed") => PodPhase::Failed,
            Some(_) | None => PodPhase::Pending,
        },
        terminating: !pod["metadata"]["deletionTimestamp"].is_null(),
        ready: is_ready(pod),
        transition_ns: condition(pod).and_then(|ready| time(&ready["lastTransitionTime"])).unwrap_or(0),
        // Without a condition the controller takes a pod for unready, as without a start.
        start_time_ns: time(&status["startTime"]).filter(|_| condition(pod).is_some()),
    }
}

/// The sum over the containers, each rounded up to a thousandth.
fn sample(entry: &Value) -> Option<Sample> {
    let containers = entry["containers"].as_array()?.iter();
    let milli: Option<i64> =
        containers.map(|container| amount::milli(container["usage"]["cpu"].as_str()?)).sum();
    let window: jiff::SignedDuration = entry["window"].as_str()?.parse().ok()?;
    Some(Sample {
        at_ns: time_ns(entry["timestamp"].as_str()?),
        window_ns: window.as_nanos() as i64,
        milli: milli?,
    })
}

fn request(pod: &Value) -> Option<i64> {
    let containers = pod["spec"]["containers"].as_array()?.iter();
    containers.map(|container| amount::milli(container["resources"]["requests"]["cpu"].as_str()?)).sum()
}
