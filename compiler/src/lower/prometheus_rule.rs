//! PrometheusRule: when somebody is told.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

use super::{Kind, events, labels};
use crate::app::{
    Addon, Alert, AlertSeverity, Cell, Cluster, Component, Platform, Scale, Signal, Threshold, WatchedEvent,
};
use crate::object::Object;

/// `PrometheusRule`
pub static KIND: Kind = Kind {
    name: "PrometheusRule",
    docs: "Tells Prometheus when to raise an alert: a component's own, and what receivers want to know of the cell. \
           It asks containers and pods alone, since behind a virtual node there are no metrics of nodes, and pods of \
           the component whatever its revision.",
    ready: "it exists",
};

/// The label that says what an alert is about: receivers are chosen by it.
pub const EVENT: &str = "specc_event";
/// The value of [`EVENT`] on a component's own alerts, which every receiver gets.
pub const OWN: &str = "alert";
/// The value of [`EVENT`] on what silences others and is sent to nobody.
pub const HELD: &str = "held";

/// What the rule of a cell is called.
const EVENTS: &str = "specc.events";

/// The component's own alerts.
pub fn lower(cluster: &Cluster, cell: &Cell, component: &Component) -> Option<Object> {
    cluster.installed(Addon::PrometheusOperator)?;
    let rules: Vec<AlertingRule> = component.alerts.iter().map(|alert| own(cell, component, alert)).collect();
    let name = &component.name.value;
    let group = RuleGroup { name: name.clone(), rules };
    (!group.rules.is_empty()).then(|| {
        let metadata = labels::metadata(cell, component, name.clone());
        Object::of_component(rule(cluster, metadata, vec![group]), name, name)
    })
}

/// What receivers want to know of the cell's pods, whatever their component.
pub fn of_cell(platform: &Platform, cluster: &Cluster, cell: &Cell) -> Option<Object> {
    cluster.installed(Addon::PrometheusOperator)?;
    let wanted = |event: &&WatchedEvent| {
        let mut told = platform.receivers.iter().flat_map(|receiver| &receiver.events);
        !event.is_of_cluster() && told.any(|told| told.value == **event)
    };
    let selector = format!("namespace=\"{}\"", cell.namespace);
    let mut rules: Vec<AlertingRule> =
        WatchedEvent::ALL.iter().filter(wanted).flat_map(|event| events::rules(*event, &selector)).collect();
    if platform.receivers.is_empty() {
        return None;
    }
    rules.push(held(&selector));
    let metadata = ObjectMeta {
        // No component has a dot in its name, and each may have a rule of its name.
        name: Some(EVENTS.to_owned()),
        namespace: Some(cell.namespace.clone()),
        labels: Some(labels::of_cell(cell)),
        ..ObjectMeta::default()
    };
    let group = RuleGroup { name: cell.namespace.clone(), rules };
    Some(Object::of_cell(rule(cluster, metadata, vec![group]), EVENTS))
}

/// A rule that the cluster's operator finds.
pub(super) fn rule(cluster: &Cluster, mut metadata: ObjectMeta, groups: Vec<RuleGroup>) -> PrometheusRule {
    metadata.labels.get_or_insert_default().extend(cluster.rule_labels.iter().cloned());
    PrometheusRule {
        api_version: "monitoring.coreos.com/v1".to_owned(),
        kind: KIND.name.to_owned(),
        metadata,
        spec: PrometheusRuleSpec { groups },
    }
}

/// One alert in Prometheus's words.
pub(super) fn alerting(
    name: &str,
    event: &str,
    expr: String,
    for_ns: u64,
    severity: &str,
    summary: &str,
) -> AlertingRule {
    AlertingRule {
        alert: name.to_owned(),
        expr,
        for_: duration(for_ns),
        labels: BTreeMap::from([
            (EVENT.to_owned(), event.to_owned()),
            ("severity".to_owned(), severity.to_owned()),
        ]),
        annotations: BTreeMap::from([("summary".to_owned(), summary.to_owned())]),
    }
}

/// Rounded up to seconds, the finest that makes sense to a scraper.
fn duration(ns: u64) -> String {
    let seconds = ns.div_ceil(1_000_000_000);
    if seconds > 0 && seconds.is_multiple_of(60) {
        format!("{}m", seconds / 60)
    } else {
        format!("{seconds}s")
    }
}

/// A workload held at a batch looks stuck to the usual alerts about rollouts: this one silences them, by a rule of
/// [`super::alertmanager_config`]. Held means that every pod is ready and some are still of the old revision.
fn held(selector: &str) -> AlertingRule {
    let set = |metric: &str| format!("kube_statefulset_{metric}{{{selector}}}");
    let daemon = |metric: &str| format!("kube_daemonset_status_{metric}{{{selector}}}");
    let expr = format!(
        "({updated} < {wanted} and {ready} == {wanted}) or ({new} < {nodes} and {available} == {nodes})",
        updated = set("status_replicas_updated"),
        wanted = set("replicas"),
        ready = set("status_replicas_ready"),
        new = daemon("updated_number_scheduled"),
        nodes = daemon("desired_number_scheduled"),
        available = daemon("number_available"),
    );
    alerting("RolloutHeld", HELD, expr, 0, "none", "a rollout is held at a batch, and every pod is ready")
}

fn own(cell: &Cell, component: &Component, alert: &Alert) -> AlertingRule {
    let (name, summary) = match alert.signal.value {
        Signal::Cpu => ("CpuHigh", "its pods use much of the CPU they request"),
        Signal::Memory => ("MemoryHigh", "pod {{ $labels.pod }} is near its memory limit"),
        Signal::Restarts => ("Restarts", "pod {{ $labels.pod }} restarts again and again"),
        Signal::Oom => ("OutOfMemory", "pod {{ $labels.pod }} ran out of memory"),
        Signal::NotReady => ("NotReady", "many of its pods are not ready"),
        Signal::AtMax => ("AtMax", "its autoscaler has as many pods as it may have"),
        Signal::Stuck => ("RolloutStuck", "pods of the wanted revision do not come up"),
    };
    let severity = match alert.severity {
        AlertSeverity::Warning => "warning",
        AlertSeverity::Critical => "critical",
    };
    let summary = format!("component {}: {summary}", component.name.value);
    let mut rule = alerting(name, OWN, expression(cell, component, alert), alert.for_ns, severity, &summary);
    rule.labels.insert("component".to_owned(), component.name.value.clone());
    rule
}

/// Asks for the container that is called like the component, so it is the same for every kind of workload.
fn expression(cell: &Cell, component: &Component, alert: &Alert) -> String {
    let (namespace, name) = (&cell.namespace, &component.name.value);
    let own = format!("namespace=\"{namespace}\",container=\"{name}\"");
    let revisions = format!("{name}-[a-z2-7]{{10}}");
    let above = match alert.above.as_ref().map(|above| above.value) {
        Some(Threshold::Percent(percent)) => format!("{}.{:02}", percent / 100, percent % 100),
        Some(Threshold::Count(count)) => count.to_string(),
        None => "0".to_owned(),
    };
    match alert.signal.value {
        Signal::Cpu => format!(
            "sum by (namespace) (rate(container_cpu_usage_seconds_total{{{own}}}[5m])) \
             / sum by (namespace) (kube_pod_container_resource_requests{{{own},resource=\"cpu\"}}) > {above}"
        ),
        Signal::Memory => format!(
            "max by (namespace, pod) (container_memory_working_set_bytes{{{own}}}) \
             / max by (namespace, pod) (kube_pod_container_resource_limits{{{own},resource=\"memory\"}}) > {above}"
        ),
        Signal::Restarts => {
            format!("increase(kube_pod_container_status_restarts_total{{{own}}}[10m]) > {above}")
        }
        Signal::Oom => events::out_of_memory(&own),
        Signal::NotReady => {
            let pods = format!("max by (namespace, pod) (kube_pod_container_info{{{own}}})");
            let not_ready = format!("kube_pod_status_ready{{namespace=\"{namespace}\",condition=\"false\"}}");
            format!(
                "sum by (namespace) ({not_ready} * on (namespace, pod) {pods}) \
                 / count by (namespace) ({pods}) > {above}"
            )
        }
        Signal::AtMax => at_max(component, namespace, &revisions),
        Signal::Stuck => stuck(namespace, name, &revisions),
    }
}

/// Over all revisions, whose bounds add up to the component's.
fn at_max(component: &Component, namespace: &str, revisions: &str) -> String {
    let max = match &component.scale {
        Scale::Auto(auto) => auto.max.value,
        Scale::Fixed(count) => count.value,
    };
    let selector = format!("namespace=\"{namespace}\",horizontalpodautoscaler=~\"{revisions}\"");
    format!(
        "sum by (namespace) (kube_horizontalpodautoscaler_status_current_replicas{{{selector}}}) >= {max}"
    )
}

/// A StatefulSet that waits at a partition and a DaemonSet that waits for its pods to be deleted have every pod
/// ready: only pods that are not count as stuck.
fn stuck(namespace: &str, name: &str, revisions: &str) -> String {
    let set = format!("namespace=\"{namespace}\",statefulset=\"{name}\"");
    format!(
        "kube_deployment_status_condition{{namespace=\"{namespace}\",deployment=~\"{revisions}\",\
         condition=\"Progressing\",status=\"false\"}} == 1 \
         or kube_statefulset_status_replicas_ready{{{set}}} < kube_statefulset_replicas{{{set}}} \
         or kube_daemonset_status_number_unavailable{{namespace=\"{namespace}\",daemonset=\"{name}\"}} > 0"
    )
}

/// `monitoring.coreos.com/v1`, as far as specc uses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PrometheusRule {
    /// Always `monitoring.coreos.com/v1`.
    pub api_version: String,
    /// Always `PrometheusRule`.
    pub kind: String,
    /// Name and namespace.
    pub metadata: ObjectMeta,
    /// The alerts.
    pub spec: PrometheusRuleSpec,
}

/// Groups of alerts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrometheusRuleSpec {
    /// Each is evaluated in one go.
    pub groups: Vec<RuleGroup>,
}

/// Alerts that are evaluated together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleGroup {
    /// Its name, unique in the object.
    pub name: String,
    /// The alerts.
    pub rules: Vec<AlertingRule>,
}

/// One alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertingRule {
    /// Its name.
    pub alert: String,
    /// What is asked; each series of the answer is one alert.
    pub expr: String,
    /// How long it must hold.
    #[serde(rename = "for")]
    pub for_: String,
    /// What it is sorted by.
    pub labels: BTreeMap<String, String>,
    /// What people read.
    pub annotations: BTreeMap<String, String>,
}
