//! What is watched of a cluster as a whole: its nodes and its DNS, and who is told.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{NAMESPACE, metadata, node_problem_detector};
use crate::app::{Addon, Cluster, Platform, Receiver, WatchedEvent};
use crate::lower::prometheus_rule::{AlertingRule, RuleGroup, alerting, rule};
use crate::lower::{alertmanager_config, events};
use crate::object::Object;

const NAME: &str = "specc-platform";
/// The alert that only clusters with caches on their nodes have.
const NODE_LOCAL_DOWN: &str = "NodeLocalDNSDown";
const MINUTE_NS: u64 = 60_000_000_000;

/// The job that scrapes the cluster's DNS: in kubeadm's clusters and ACK's, and in the usual chart.
const JOB: &str = "job=~\"kube-dns|coredns\"";

/// The rules, and one object for each receiver that is told of them.
pub(super) fn lower(platform: &Platform, cluster: &Cluster) -> Vec<Object> {
    if cluster.installed(Addon::PrometheusOperator).is_none() || platform.receivers.is_empty() {
        return Vec::new();
    }
    let watched = |rule: &AlertingRule| rule.alert != NODE_LOCAL_DOWN || cluster.dns.node_local.value;
    let group = |event: &WatchedEvent| RuleGroup {
        name: event.word().to_owned(),
        rules: events::rules(*event, "").into_iter().filter(watched).map(in_namespace).collect(),
    };
    let groups = WatchedEvent::ALL.iter().filter(|event| event.is_of_cluster()).map(group).collect();
    let mut objects = vec![Object::of_cell(rule(cluster, metadata(NAME), groups), NAME)];
    let config = |receiver: &Receiver| {
        let name = format!("specc-{}", receiver.name.value);
        let metadata = ObjectMeta { name: Some(name.clone()), ..metadata(NAME) };
        let config = alertmanager_config::config(cluster, receiver, metadata, true)?;
        Some(Object::of_cell(config, &name))
    };
    objects.extend(platform.receivers.iter().filter_map(config));
    objects
}

/// An AlertmanagerConfig holds for the alerts of its namespace, and a node is in none.
fn in_namespace(mut rule: AlertingRule) -> AlertingRule {
    rule.labels.insert("namespace".to_owned(), NAMESPACE.to_owned());
    rule
}

/// The alerts of an event of the whole cluster; none for the events of pods.
pub(in crate::lower) fn rules(event: WatchedEvent) -> Vec<AlertingRule> {
    let one = |(name, expr, minutes, severity, summary): (&str, String, u64, &str, &str)| {
        alerting(name, event.word(), expr, minutes * MINUTE_NS, severity, summary)
    };
    match event {
        WatchedEvent::NodeNotReady => {
            let expr = "kube_node_status_condition{condition=\"Ready\",status=\"true\"} == 0";
            vec![one(("NodeNotReady", expr.to_owned(), 5, "critical", "{{ $labels.node }} is not ready"))]
        }
        WatchedEvent::NodePressure => node_pressure().into_iter().map(one).collect(),
        WatchedEvent::Dns => dns().into_iter().map(one).collect(),
        WatchedEvent::Oom
        | WatchedEvent::Evicted
        | WatchedEvent::FailedScheduling
        | WatchedEvent::Unhealthy
        | WatchedEvent::BackOff => Vec::new(),
    }
}

type Row = (&'static str, String, u64, &'static str, &'static str);

/// Virtual nodes have no exporter, so none of these is ever raised for them; what runs there is watched by pod.
fn node_pressure() -> Vec<Row> {
    let conditions = format!("MemoryPressure|DiskPressure|PIDPressure|{}", node_problem_detector::CONDITIONS);
    vec![
        (
            "NodeCondition",
            format!("kube_node_status_condition{{condition=~\"{conditions}\",status=\"true\"}} == 1"),
            1,
            "warning",
            "{{ $labels.node }} has {{ $labels.condition }}",
        ),
        (
            "NodeCpuHigh",
            "1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[2m])) > 0.9".to_owned(),
            10,
            "warning",
            "{{ $labels.instance }} uses nearly all of its CPU",
        ),
        (
            "NodeMemoryHigh",
            "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes > 0.9".to_owned(),
            10,
            "warning",
            "{{ $labels.instance }} has little memory left",
        ),
        (
            "NodeLoadHigh",
            "node_load5 / on (instance) count by (instance) (node_cpu_seconds_total{mode=\"idle\"}) > 1.5"
                .to_owned(),
            10,
            "warning",
            "{{ $labels.instance }} has more to do than CPUs to do it",
        ),
        (
            "NodeEvicts",
            "sum by (instance) (rate(kubelet_evictions[15m])) > 0".to_owned(),
            0,
            "warning",
            "{{ $labels.instance }} throws pods out",
        ),
    ]
}

/// By the names that CoreDNS has since the forward plugin's own were replaced by those of its proxies. An upstream
/// that is asked too often answers REFUSED, which an alert on SERVFAIL alone would miss.
fn dns() -> Vec<Row> {
    let quantile = |metric: &str, of: &str| {
        format!("histogram_quantile(0.99, sum by (le) (rate({metric}_bucket{{{of}}}[5m])))")
    };
    let failed = format!("coredns_dns_responses_total{{{JOB},rcode=~\"SERVFAIL|REFUSED\"}}");
    vec![
        ("CoreDNSDown", format!("absent(up{{{JOB}}} == 1)"), 5, "critical", "no server of the cluster's DNS answers"),
        (
            "CoreDNSErrors",
            format!("sum(rate({failed}[5m])) / sum(rate(coredns_dns_responses_total{{{JOB}}}[5m])) > 0.01"),
            10,
            "warning",
            "more than one name in a hundred fails",
        ),
        (
            "CoreDNSLatency",
            format!("{} > 1", quantile("coredns_dns_request_duration_seconds", JOB)),
            10,
            "warning",
            "one name in a hundred takes more than a second",
        ),
        (
            "CoreDNSForwardLatency",
            format!("{} > 1", quantile("coredns_proxy_request_duration_seconds", &format!("{JOB},proxy_name=\"forward\""))),
            10,
            "warning",
            "what CoreDNS asks for names outside the cluster is slow",
        ),
        (
            "CoreDNSForwardRejects",
            format!("increase(coredns_forward_max_concurrent_rejects_total{{{JOB}}}[5m]) > 0"),
            0,
            "critical",
            "{{ $labels.instance }} refuses names: too many are asked at a time",
        ),
        (
            "CoreDNSUpstreamsDown",
            format!("increase(coredns_forward_healthcheck_broken_total{{{JOB}}}[5m]) > 0"),
            0,
            "critical",
            "no server that {{ $labels.instance }} forwards to is well",
        ),
        (
            "CoreDNSPanics",
            format!("increase(coredns_panics_total{{{JOB}}}[10m]) > 0"),
            0,
            "critical",
            "{{ $labels.instance }} has panicked",
        ),
        (
            NODE_LOCAL_DOWN,
            "kube_daemonset_status_number_unavailable{namespace=\"kube-system\",daemonset=\"node-local-dns\"} > 0"
                .to_owned(),
            5,
            "warning",
            "some nodes have no cache of names, and their pods ask the cluster's DNS",
        ),
    ]
}
