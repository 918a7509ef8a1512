//! How pods are spread over zones and nodes, and what makes a pod ready beside its probes.

use k8s_openapi::api::core::v1::{PodReadinessGate, TopologySpreadConstraint};

use super::labels;
use crate::app::{Addon, Cluster, Component, Provider, SpreadOver};

/// The constraints, each for the pods of one revision: counting both while they swap would leave the new one
/// lopsided.
pub fn constraints(component: &Component) -> Option<Vec<TopologySpreadConstraint>> {
    let one = |spread: &crate::app::Spread| TopologySpreadConstraint {
        max_skew: spread.skew as i32,
        topology_key: match spread.over.value {
            SpreadOver::Zone => "topology.kubernetes.io/zone",
            SpreadOver::Node => "kubernetes.io/hostname",
        }
        .to_owned(),
        when_unsatisfiable: if spread.required { "DoNotSchedule" } else { "ScheduleAnyway" }.to_owned(),
        label_selector: Some(labels::label_selector(labels::selector(component))),
        match_label_keys: Some(vec![labels::REVISION.to_owned()]),
        ..TopologySpreadConstraint::default()
    };
    (!component.spreads.is_empty()).then(|| component.spreads.iter().map(one).collect())
}

/// Where ACK's controller sets it, a pod is ready only once its load balancer has taken it in.
pub fn readiness_gates(cluster: &Cluster, component: &Component) -> Option<Vec<PodReadinessGate>> {
    let balanced = component.expose.as_ref().is_some_and(crate::app::Expose::is_balanced);
    let set =
        cluster.installed(Addon::ReadinessGates).is_some() && cluster.installed(Addon::Terway).is_some();
    let condition_type = format!("service.readiness.alibabacloud.com/{}", component.name.value);
    (balanced && set && cluster.provider == Provider::Ack).then(|| vec![PodReadinessGate { condition_type }])
}
