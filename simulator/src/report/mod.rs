//! A trace in figures that people decide by: the same ones as text and as JSON.

mod events;
mod flow;
mod json;
mod text;
mod timeline;

use serde::Serialize;

use crate::engine::histogram::Histogram;
use crate::engine::trace::{
    Bill, ComponentTrace, Cut, KillReason, PoolTrace, ReleaseTrace, Requests, Sample, Trace, What, is_zero,
};
use crate::model::flow::FlowTrace;
use crate::scenario::{Objective, Scenario};

pub use events::{docs, events};
pub use flow::{Apart, Figures};
pub use json::json;
pub use text::text;
pub use timeline::Row;

/// What came of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The scenario's name.
    pub scenario: String,
    /// The application.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// The tenant, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The cluster.
    pub cluster: String,
    /// The seed.
    pub seed: u64,
    /// When the run began, in nanoseconds since 1970.
    pub from_ns: i64,
    /// How long it was to be.
    pub duration_ns: u64,
    /// Why it ended before that, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// Components with traffic or calls of others, sorted by name.
    pub components: Vec<ComponentReport>,
    /// What it cost, in 10⁻⁵ CNY.
    pub bill: Bill,
    /// When requests were rates, if ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<FlowTrace>,
    /// The profile of start times, rates and prices, and what the platform writes over it.
    pub profile: String,
    /// Pools that may have more nodes than they had at the beginning.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<PoolTrace>,
    /// How each release went.
    pub releases: Vec<ReleaseTrace>,
    /// The stages of the releases, what the clock did, and faults.
    pub steps: Vec<Step>,
    /// Why pods found no node, where any did.
    pub unschedulable: Vec<String>,
    /// What does not work at the end, in the words that the objects of a cluster would have for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<String>,
    /// Whose containers were killed, and why, where any were.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub killed: Vec<Killed>,
    /// What the objects ask for and the run leaves out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// What had to hold, and whether it did.
    pub objectives: Vec<Verdict>,
    /// Events that the engine took.
    pub events: u64,
}

/// One stage of a release, a job of the clock, or a fault that begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// When it was entered, since the start of the run.
    pub at_ns: u64,
    /// The component.
    pub component: String,
    /// The stage, in words.
    pub step: String,
}

/// Containers of one workload that were killed for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Killed {
    /// The Deployment, `StatefulSet` or `DaemonSet`.
    pub workload: String,
    /// Why.
    pub reason: KillReason,
    /// How often.
    pub count: u64,
    /// The first time, since the start of the run.
    pub first_ns: u64,
}

/// One component with traffic or calls of others.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentReport {
    /// Its name.
    pub name: String,
    /// Its requests.
    pub requests: Requests,
    /// How many of those that arrived other components called.
    #[serde(skip_serializing_if = "is_zero")]
    pub called: u64,
    /// How many calls of other components did not arrive, since the calling pods kept an answer.
    #[serde(skip_serializing_if = "is_zero")]
    pub cached: u64,
    /// Requests that were open when the run ended.
    pub in_flight: u64,
    /// Answered requests of those that ended, in per cent; `None` if none ended.
    pub success_percent: Option<f64>,
    /// Half of the answers were at least as fast.
    pub p50_ns: Option<u64>,
    /// 99 of 100 were.
    pub p99_ns: Option<u64>,
    /// 999 of 1000 were.
    pub p999_ns: Option<u64>,
    /// Most pods that took traffic at once.
    pub ready_peak: u32,
    /// When that was reached first, since the start of the run.
    pub ready_peak_at_ns: u64,
    /// Most pods that existed at once.
    pub pods_peak: u32,
    /// Most pods without a node at once.
    pub pending_peak: u32,
    /// Pod time on ECI of all pod time on nodes and ECI, in per cent.
    pub eci_percent: f64,
    /// What rates come to where requests were simulated too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<Apart>,
    /// For how long its requests were rates, where that is not the same for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates_ns: Option<u64>,
    /// The run in rows.
    pub timeline: Vec<Row>,
}

/// One objective.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// What is bounded: `success`, `p99` or `cost`.
    pub objective: &'static str,
    /// The bound: `>=99.9%`.
    pub bound: String,
    /// What came of it; `None` if nothing did.
    pub value: Option<String>,
    /// Whether it holds.
    pub met: bool,
}

/// Makes the report of a trace.
pub fn report(scenario: &Scenario, trace: &Trace) -> Report {
    let is_asked = |component: &&ComponentTrace| {
        let mut calls = scenario.services.iter().flat_map(|service| &service.calls);
        scenario.traffic.iter().any(|traffic| traffic.component == component.name)
            || calls.any(|call| call.to == component.name)
    };
    let unschedulable = trace.happenings.iter().filter_map(|happening| {
        let What::Unschedulable { deployment, reason } = &happening.what else { return None };
        Some(format!("{deployment}: {reason}"))
    });
    let mut unschedulable: Vec<String> = unschedulable.collect();
    unschedulable.sort();
    unschedulable.dedup();
    Report {
        scenario: trace.scenario.clone(),
        app: scenario.app.clone(),
        environment: scenario.environment.clone(),
        tenant: scenario.tenant.clone(),
        cluster: scenario.cluster.clone(),
        seed: trace.seed,
        from_ns: trace.from_ns,
        duration_ns: trace.duration_ns,
        cut: trace.cut,
        components: trace.components.iter().filter(is_asked).map(|c| component(scenario, c)).collect(),
        flow: trace.flow.clone(),
        bill: trace.bill,
        profile: trace.profile.clone(),
        pools: trace.pools.iter().filter(|pool| pool.max > pool.began).cloned().collect(),
        releases: trace.releases.clone(),
        steps: steps(trace),
        unschedulable,
        troubles: trace.troubles.clone(),
        killed: killed(trace),
        left_out: trace.left_out.clone(),
        objectives: verdicts(&scenario.objective, trace),
        events: trace.events,
    }
}

fn steps(trace: &Trace) -> Vec<Step> {
    let steps = trace.happenings.iter().filter_map(|happening| {
        let step = |component: &str, step: String| {
            Some(Step { at_ns: happening.at_ns, component: component.to_owned(), step })
        };
        match &happening.what {
            What::Rollout { component, step: said, write: false } => step(component, said.clone()),
            What::Clock { object, step: said } | What::Fault { object, step: said } => {
                step(object, said.clone())
            }
            What::NodesOrdered { pool, nodes, pods } => {
                step(pool, format!("{} ordered for {}", counted(*nodes, "node"), counted(*pods, "pod")))
            }
            What::Rollout { write: true, .. }
            | What::Scaled { .. }
            | What::Unschedulable { .. }
            | What::Scheduled { .. }
            | What::PodReady { .. }
            | What::NodeJoined { .. }
            | What::NodeClosed { .. }
            | What::NodeLeft { .. }
            | What::SpotReclaimed { .. }
            | What::Killed { .. }
            | What::PodCreated { .. }
            | What::Started { .. }
            | What::PodEnding { .. }
            | What::PodGone { .. } => None,
        }
    });
    steps.collect()
}

/// `1 node`, `2 nodes`.
fn counted(count: u32, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// In the order of their first times.
fn killed(trace: &Trace) -> Vec<Killed> {
    let mut found: Vec<Killed> = Vec::new();
    for happening in &trace.happenings {
        let What::Killed { pod, reason } = happening.what else { continue };
        let workload = &trace.workloads[trace.pods[pod as usize] as usize];
        let known = |known: &&mut Killed| &known.workload == workload && known.reason == reason;
        if let Some(known) = found.iter_mut().find(known) {
            known.count += 1;
        } else {
            let (workload, first_ns) = (workload.clone(), happening.at_ns);
            found.push(Killed { workload, reason, count: 1, first_ns });
        }
    }
    found
}

impl Report {
    /// Whether every objective holds.
    pub fn met(&self) -> bool {
        self.objectives.iter().all(|verdict| verdict.met)
    }
}

fn component(scenario: &Scenario, trace: &ComponentTrace) -> ComponentReport {
    let peak = |count: fn(&Sample) -> u32| trace.samples.iter().map(count).max().unwrap_or(0);
    let ready_peak = peak(|sample| sample.ready);
    let reached = trace.samples.iter().find(|sample| sample.ready == ready_peak);
    let total =
        |count: fn(&Sample) -> u32| -> u64 { trace.samples.iter().map(|s| u64::from(count(s))).sum() };
    let (ecs, eci) = (total(|sample| sample.on_ecs), total(|sample| sample.on_eci));
    ComponentReport {
        name: trace.name.clone(),
        requests: trace.requests,
        called: trace.called.arrived,
        cached: trace.called.cached,
        in_flight: trace.requests.arrived - trace.requests.answered - trace.requests.failed,
        success_percent: success_percent(&trace.requests),
        p50_ns: trace.latency.quantile_ns(500),
        p99_ns: trace.latency.quantile_ns(990),
        p999_ns: trace.latency.quantile_ns(999),
        ready_peak,
        ready_peak_at_ns: reached.map_or(0, |sample| sample.at_ns),
        pods_peak: peak(|sample| sample.pods),
        pending_peak: peak(|sample| sample.pending),
        eci_percent: if ecs + eci == 0 { 0.0 } else { eci as f64 * 100.0 / (ecs + eci) as f64 },
        compared: trace.compared.as_ref().and_then(flow::apart),
        rates_ns: trace.rates_ns.filter(|_| trace.requests.arrived > 0),
        timeline: timeline::rows(scenario, trace),
    }
}

fn success_percent(requests: &Requests) -> Option<f64> {
    let ended = requests.answered + requests.failed;
    (ended > 0).then(|| requests.answered as f64 * 100.0 / ended as f64)
}

fn verdicts(objective: &Objective, trace: &Trace) -> Vec<Verdict> {
    let mut requests = Requests::default();
    let mut latency = Histogram::default();
    for component in &trace.components {
        // Whoever is outside sees what came of a call in what came of its request.
        requests.answered += component.requests.answered - component.called.answered;
        requests.failed += component.requests.failed - component.called.failed;
        latency.merge(&component.latency);
        latency.take_out(&component.called.latency);
    }
    let cost = trace.bill.ecs + trace.bill.eci;
    let success = success_percent(&requests);
    let p99 = latency.quantile_ns(990);
    let rows = [
        ("success", objective.success, success, "%", success.map(|value| format!("{value:.3}%"))),
        ("p99", objective.p99, p99.map(|ns| ns as f64), "", p99.map(text::duration)),
        ("cost", objective.cost, Some(cost as f64 / 1e5), "CNY", Some(format!("{}CNY", text::yuan(cost)))),
    ];
    let verdicts = rows.into_iter().filter_map(|(objective, bound, value, unit, said)| {
        let bound = bound?;
        let side = if bound.at_least { ">=" } else { "<=" };
        let limit = match objective {
            "p99" => text::duration(bound.value as u64),
            _ => format!("{}{unit}", bound.value),
        };
        // What was never measured does not hold.
        let met = value
            .is_some_and(|value| if bound.at_least { value >= bound.value } else { value <= bound.value });
        Some(Verdict { objective, bound: format!("{side}{limit}"), value: said, met })
    });
    verdicts.collect()
}
