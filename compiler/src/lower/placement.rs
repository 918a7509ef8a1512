//! Where a component's pods may run: on nodes, on ECI, or on nodes first.

use k8s_openapi::api::core::v1::{
    Affinity, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PreferredSchedulingTerm,
    Toleration,
};

use crate::app::{Burst, Provider};

/// The label of a virtual node: key and value.
pub const VIRTUAL_NODE_LABEL: (&str, &str) = ("type", "virtual-kubelet");
/// The taint of a virtual node, with effect `NoSchedule`: key and value.
pub const VIRTUAL_NODE_TAINT: (&str, &str) = ("virtual-kubelet.io/provider", "alibabacloud");

/// What lets pods onto the virtual node; nothing else in a manifest does.
pub fn tolerations(burst: Burst) -> Option<Vec<Toleration>> {
    let toleration = Toleration {
        key: Some(VIRTUAL_NODE_TAINT.0.to_owned()),
        operator: Some("Equal".to_owned()),
        value: Some(VIRTUAL_NODE_TAINT.1.to_owned()),
        effect: Some("NoSchedule".to_owned()),
        ..Toleration::default()
    };
    match burst {
        Burst::Never => None,
        Burst::WhenShort | Burst::Only => Some(vec![toleration]),
    }
}

/// What draws pods to nodes or to ECI. On ACK a ResourcePolicy gives the strict order, and a preference beside
/// it would only blur it.
pub fn affinity(burst: Burst, provider: Provider) -> Option<Affinity> {
    let affinity = match (burst, provider) {
        (Burst::Never, _) | (Burst::WhenShort, Provider::Ack) => return None,
        (Burst::WhenShort, Provider::Kubernetes) => NodeAffinity {
            preferred_during_scheduling_ignored_during_execution: Some(vec![PreferredSchedulingTerm {
                weight: 100,
                preference: virtual_node("NotIn"),
            }]),
            ..NodeAffinity::default()
        },
        (Burst::Only, _) => NodeAffinity {
            required_during_scheduling_ignored_during_execution: Some(NodeSelector {
                node_selector_terms: vec![virtual_node("In")],
            }),
            ..NodeAffinity::default()
        },
    };
    Some(Affinity { node_affinity: Some(affinity), ..Affinity::default() })
}

fn virtual_node(operator: &str) -> NodeSelectorTerm {
    let requirement = NodeSelectorRequirement {
        key: VIRTUAL_NODE_LABEL.0.to_owned(),
        operator: operator.to_owned(),
        values: Some(vec![VIRTUAL_NODE_LABEL.1.to_owned()]),
    };
    NodeSelectorTerm { match_expressions: Some(vec![requirement]), ..NodeSelectorTerm::default() }
}
