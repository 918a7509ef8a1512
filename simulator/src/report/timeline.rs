//! The run in rows: one a minute, or fewer; around a spike one for every fifteen seconds.

use serde::Serialize;

use crate::engine::clock::SECOND_NS;
use crate::engine::trace::{ComponentTrace, Sample};
use crate::scenario::Scenario;

/// A row for each so many seconds right after a spike's beginning.
const CLOSE_NS: u64 = 15 * SECOND_NS;
/// How long after a spike's beginning the rows are close.
const CLOSE_FOR_NS: u64 = 180 * SECOND_NS;
/// About so many rows besides those around spikes and steps.
const ROWS: u64 = 40;

/// A stretch of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Its end, since the start of the run.
    pub until_ns: u64,
    /// Requests a second that arrived.
    pub arrived_per_second: f64,
    /// Answered requests of those that ended, in per cent; `None` if none ended.
    pub success_percent: Option<f64>,
    /// The highest 99th percentile of its samples.
    pub p99_ns: u64,
    /// `spec.replicas` at its end.
    pub replicas: u32,
    /// Pods that take traffic at its end.
    pub ready: u32,
    /// Most pods without a node.
    pub pending: u32,
    /// Pods on ECI at its end.
    pub on_eci: u32,
    /// CPU used, in cores.
    pub cores: f64,
}

/// The rows of a component.
pub(super) fn rows(scenario: &Scenario, trace: &ComponentTrace) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut group: Vec<Sample> = Vec::new();
    let mut begin_ns = 0;
    for (index, sample) in trace.samples.iter().enumerate() {
        group.push(*sample);
        let last = index + 1 == trace.samples.len();
        if last || ends(scenario, sample.at_ns) {
            rows.push(row(&group, begin_ns));
            begin_ns = sample.at_ns;
            group.clear();
        }
    }
    rows
}

/// Whether a row ends at a time.
fn ends(scenario: &Scenario, at_ns: u64) -> bool {
    let minute = 60 * SECOND_NS;
    let usual_ns = (scenario.duration_ns / ROWS).div_ceil(minute).max(1) * minute;
    let spikes = scenario.traffic.iter().flat_map(|traffic| &traffic.spikes).map(|spike| spike.at_ns);
    let steps = scenario.traffic.iter().flat_map(|traffic| &traffic.shape.steps).map(|step| step.at_ns);
    let mut close = spikes.chain(steps).map(|begin| (at_ns.saturating_sub(begin), begin));
    let near = close.any(|(since, begin)| at_ns >= begin && since <= CLOSE_FOR_NS && since % CLOSE_NS == 0);
    near || at_ns.is_multiple_of(usual_ns)
}

fn row(group: &[Sample], begin_ns: u64) -> Row {
    let Some(last) = group.last() else { return Row::default() };
    let sum = |count: fn(&Sample) -> u64| -> u64 { group.iter().map(count).sum() };
    let (answered, failed) = (sum(|sample| sample.answered), sum(|sample| sample.failed));
    let seconds = (last.at_ns - begin_ns) as f64 / SECOND_NS as f64;
    let cpu = sum(|sample| sample.cpu_milli) as f64 / group.len() as f64;
    Row {
        until_ns: last.at_ns,
        arrived_per_second: sum(|sample| sample.arrived) as f64 / seconds,
        success_percent: (answered + failed > 0)
            .then(|| answered as f64 * 100.0 / (answered + failed) as f64),
        p99_ns: group.iter().map(|sample| sample.p99_ns).max().unwrap_or(0),
        replicas: last.replicas,
        ready: last.ready,
        pending: group.iter().map(|sample| sample.pending).max().unwrap_or(0),
        on_eci: last.on_eci,
        cores: cpu / 1000.0,
    }
}
