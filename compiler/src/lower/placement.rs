//! Where a component's pods may run: on nodes, on ECI, or on nodes first.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PreferredSchedulingTerm,
    Toleration,
};

use crate::app::{Burst, Cluster, Component, ComponentKind, Os, Pool, Provider};

/// The label of a virtual node: key and value.
pub const VIRTUAL_NODE_LABEL: (&str, &str) = ("type", "virtual-kubelet");
/// The taint of a virtual node, with effect `NoSchedule`: key and value.
pub const VIRTUAL_NODE_TAINT: (&str, &str) = ("virtual-kubelet.io/provider", "alibabacloud");

/// The taint that operators put on Windows nodes by convention, with effect `NoSchedule`: key and value.
const WINDOWS_TAINT: (&str, &str) = ("os", "windows");
/// The taint of control plane nodes, which daemons watch too.
const CONTROL_PLANE_TAINT: &str = "node-role.kubernetes.io/control-plane";

/// Labels that a node must have. Where a cluster has nodes of both systems, pods of Linux say so too: the taint of the
/// others is a habit, not a promise. `spec.os` is not looked at by the scheduler.
pub fn node_selector(cluster: &Cluster, component: &Component) -> Option<BTreeMap<String, String>> {
    let label = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let os = |name| label("kubernetes.io/os", name);
    let mixed = cluster.pools.iter().any(|pool| pool.os.build().is_some());
    match component.os {
        Os::Windows(build) => {
            let build = label("node.kubernetes.io/windows-build", build.value.number);
            Some(BTreeMap::from([os("windows"), build]))
        }
        Os::Linux if mixed || component.kind.value == ComponentKind::Daemon => {
            Some(BTreeMap::from([os("linux")]))
        }
        Os::Linux => None,
    }
}

/// The labels of the nodes that must be there before a pod is made: on Windows those of its build, so that no revision
/// moves to a build before its nodes. Where the platform has none but may grow some, only pods bring them.
pub fn needed_node(cluster: &Cluster, component: &Component) -> Option<BTreeMap<String, String>> {
    let there = |pool: &Pool| pool.nodes > 0 && component.os.runs_on(pool.os);
    let needed = component.os.build().is_some() && cluster.pools.iter().any(there);
    needed.then(|| node_selector(cluster, component)).flatten()
}

/// The taints that pods bear. Nothing else in a manifest lets them onto the virtual node, and a daemon never gets
/// there: a toleration of every taint would.
pub fn tolerations(component: &Component) -> Option<Vec<Toleration>> {
    let mut tolerations = Vec::new();
    match component.burst.value {
        Burst::Never => {}
        Burst::WhenShort | Burst::Only => tolerations.push(toleration(VIRTUAL_NODE_TAINT)),
    }
    if component.os.build().is_some() {
        tolerations.push(toleration(WINDOWS_TAINT));
    }
    if component.kind.value == ComponentKind::Daemon {
        tolerations.push(Toleration {
            key: Some(CONTROL_PLANE_TAINT.to_owned()),
            operator: Some("Exists".to_owned()),
            effect: Some("NoSchedule".to_owned()),
            ..Toleration::default()
        });
    }
    (!tolerations.is_empty()).then_some(tolerations)
}

fn toleration((key, value): (&str, &str)) -> Toleration {
    Toleration {
        key: Some(key.to_owned()),
        operator: Some("Equal".to_owned()),
        value: Some(value.to_owned()),
        effect: Some("NoSchedule".to_owned()),
        ..Toleration::default()
    }
}

/// What draws pods to nodes or to ECI. On ACK a ResourcePolicy gives the strict order, and a preference beside
/// it would only blur it. A daemon stays off the virtual node whatever taints it has.
pub fn affinity(component: &Component, provider: Provider) -> Option<Affinity> {
    let only = |operator| NodeAffinity {
        required_during_scheduling_ignored_during_execution: Some(NodeSelector {
            node_selector_terms: vec![virtual_node(operator)],
        }),
        ..NodeAffinity::default()
    };
    let affinity = match (component.burst.value, provider) {
        (Burst::Never, _) if component.kind.value == ComponentKind::Daemon => only("NotIn"),
        (Burst::Never, _) | (Burst::WhenShort, Provider::Ack) => return None,
        (Burst::WhenShort, Provider::Kubernetes) => NodeAffinity {
            preferred_during_scheduling_ignored_during_execution: Some(vec![PreferredSchedulingTerm {
                weight: 100,
                preference: virtual_node("NotIn"),
            }]),
            ..NodeAffinity::default()
        },
        (Burst::Only, _) => only("In"),
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
