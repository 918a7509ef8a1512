//! What each event of the language means: the alert that stands for it, and the reasons of Kubernetes events.
//!
//! One table for both: alerts are raised from the expressions here, and an event centre reads the reasons.

use super::prometheus_rule::{AlertingRule, alerting};
use crate::app::WatchedEvent;

const MINUTE_NS: u64 = 60_000_000_000;

/// The reasons of the Kubernetes events that an event of the language stands for.
pub fn reasons(event: WatchedEvent) -> &'static [&'static str] {
    match event {
        WatchedEvent::NodeNotReady => &["NodeNotReady"],
        WatchedEvent::NodePressure => &[
            "NodeHasDiskPressure",
            "NodeHasInsufficientMemory",
            "NodeHasInsufficientPID",
            "KernelOops",
            "TaskHung",
        ],
        WatchedEvent::Dns => &["DNSUnreachable"],
        WatchedEvent::Oom => &["OOMKilling", "SystemOOM"],
        WatchedEvent::Evicted => &["Evicted"],
        WatchedEvent::FailedScheduling => &["FailedScheduling"],
        WatchedEvent::Unhealthy => &["Unhealthy"],
        WatchedEvent::BackOff => &["BackOff"],
    }
}

/// The rules of ACK's own alerting that stand for an event: name, type and expression of each.
pub fn ack_rules(event: WatchedEvent) -> &'static [(&'static str, &'static str, &'static str)] {
    match event {
        WatchedEvent::NodeNotReady => &[
            ("node-down", "event", "sls.app.ack.node.down"),
            ("node-restart", "event", "sls.app.ack.node.restart"),
        ],
        WatchedEvent::NodePressure => &[
            ("node-cpu", "metric-cms", "cms.host.cpu.utilization"),
            ("node-memory", "metric-cms", "cms.host.memory.utilization"),
            ("node-disk", "metric-cms", "cms.host.disk.utilization"),
            ("node-pid-pressure", "event", "sls.app.ack.node.pid_pressure"),
        ],
        WatchedEvent::Dns => &[
            ("coredns-requests", "metric-prometheus", "prom.coredns.notHealthy.requestdown"),
            ("coredns-panic", "metric-prometheus", "prom.coredns.notHealthy.panic"),
        ],
        WatchedEvent::Oom => &[("pod-oom", "event", "sls.app.ack.pod.oom")],
        WatchedEvent::Evicted => &[("pod-evicted", "event", "sls.app.ack.eviction")],
        WatchedEvent::FailedScheduling => &[("no-resources", "event", "sls.app.ack.resource.insufficient")],
        WatchedEvent::Unhealthy | WatchedEvent::BackOff => {
            &[("pod-failed", "event", "sls.app.ack.pod.failed")]
        }
    }
}

/// The alerts that stand for an event, over the series that `selector` chooses; events of the whole cluster do not
/// look at it.
pub(super) fn rules(event: WatchedEvent, selector: &str) -> Vec<AlertingRule> {
    let one = |name: &str, expr: String, minutes: u64, severity: &str, summary: &str| {
        alerting(name, event.word(), expr, minutes * MINUTE_NS, severity, summary)
    };
    match event {
        WatchedEvent::Oom => {
            vec![one(
                "PodOutOfMemory",
                out_of_memory(selector),
                0,
                "warning",
                "{{ $labels.pod }} ran out of memory",
            )]
        }
        WatchedEvent::Evicted => {
            let expr = format!("kube_pod_status_reason{{{selector},reason=\"Evicted\"}} > 0");
            vec![one("PodEvicted", expr, 0, "warning", "its node has evicted {{ $labels.pod }}")]
        }
        WatchedEvent::FailedScheduling => {
            let expr = format!("kube_pod_status_unschedulable{{{selector}}} > 0");
            vec![one("PodUnschedulable", expr, 5, "warning", "there is no node for {{ $labels.pod }}")]
        }
        WatchedEvent::Unhealthy => {
            let expr = format!(
                "kube_pod_status_ready{{{selector},condition=\"false\"}} > 0 \
                 and on (namespace, pod) kube_pod_status_phase{{{selector},phase=\"Running\"}} > 0"
            );
            vec![one("PodUnhealthy", expr, 5, "warning", "{{ $labels.pod }} runs and is not ready")]
        }
        WatchedEvent::BackOff => {
            let expr = format!(
                "max_over_time(kube_pod_container_status_waiting_reason{{{selector},\
                 reason=~\"CrashLoopBackOff|ImagePullBackOff|ErrImagePull\"}}[5m]) >= 1"
            );
            vec![one(
                "PodBackOff",
                expr,
                5,
                "warning",
                "{{ $labels.pod }} does not start: {{ $labels.reason }}",
            )]
        }
        WatchedEvent::NodeNotReady | WatchedEvent::NodePressure | WatchedEvent::Dns => {
            super::platform::alerts::rules(event)
        }
    }
}

/// A restart within ten minutes whose cause was the memory limit.
pub(super) fn out_of_memory(selector: &str) -> String {
    format!(
        "increase(kube_pod_container_status_restarts_total{{{selector}}}[10m]) > 0 \
         and on (namespace, pod, container) \
         kube_pod_container_status_last_terminated_reason{{{selector},reason=\"OOMKilled\"}} == 1"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_an_alert_a_reason_and_a_rule_of_ack() {
        for event in WatchedEvent::ALL {
            assert!(!rules(*event, "namespace=\"shop\"").is_empty(), "{event:?}");
            assert!(!reasons(*event).is_empty() && !ack_rules(*event).is_empty(), "{event:?}");
        }
    }

    #[test]
    fn events_of_pods_ask_no_metric_of_nodes() {
        for event in WatchedEvent::ALL.iter().filter(|event| !event.is_of_cluster()) {
            for rule in rules(*event, "namespace=\"shop\"") {
                assert!(
                    !rule.expr.contains("node_") && rule.expr.contains("namespace=\"shop\""),
                    "{}",
                    rule.expr
                );
            }
        }
    }
}
