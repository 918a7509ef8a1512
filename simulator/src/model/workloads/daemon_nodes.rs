//! Which nodes a daemon's pod starts on, and stays on.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PodSpec, Taint, Toleration};

use super::daemon_set::Node;
use crate::model::scheduler::labels::NodeTerm;
use crate::model::scheduler::taints::tolerates;

/// Taints that every daemon's pod bears (`AddOrUpdateDaemonPodTolerations`), with their effects.
const BORNE: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// What a pod template says about nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demands {
    name: Option<String>,
    selector: BTreeMap<String, String>,
    required: Option<Vec<NodeTerm>>,
    tolerations: Vec<Toleration>,
}

impl Demands {
    /// Reads a pod template, with the tolerations that a daemon's pods get besides.
    pub fn new(spec: &PodSpec) -> Self {
        let affinity = spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
        let required = affinity.and_then(|a| a.required_during_scheduling_ignored_during_execution.as_ref());
        let network = ("node.kubernetes.io/network-unavailable", "NoSchedule");
        let on_host = spec.host_network == Some(true);
        let borne = BORNE.into_iter().chain(on_host.then_some(network)).map(|(key, effect)| Toleration {
            key: Some(key.to_owned()),
            operator: Some("Exists".to_owned()),
            effect: Some(effect.to_owned()),
            ..Toleration::default()
        });
        Self {
            name: spec.node_name.clone().filter(|name| !name.is_empty()),
            selector: spec.node_selector.clone().unwrap_or_default(),
            required: required
                .map(|selector| selector.node_selector_terms.iter().filter_map(NodeTerm::read).collect()),
            tolerations: spec.tolerations.iter().flatten().cloned().chain(borne).collect(),
        }
    }

    /// What a pod does on a node (`NodeShouldRunDaemonPod`): room does not matter to its controller. `number` stands for
    /// the node from there on.
    pub fn on(&self, number: u32, name: &str, labels: &BTreeMap<String, String>, taints: &[Taint]) -> Node {
        let named = self.name.as_deref().is_none_or(|wanted| wanted == name);
        let selected = self.selector.iter().all(|(key, value)| labels.get(key) == Some(value));
        let required = self
            .required
            .as_ref()
            .is_none_or(|terms| terms.iter().any(|term| term.matches(labels, &name.to_owned())));
        let borne = |taint: &&Taint| !self.tolerations.iter().any(|it| tolerates(it, taint));
        let mut hard = taints.iter().filter(|taint| taint.effect != "PreferNoSchedule").filter(borne);
        let expelled = hard.clone().any(|taint| taint.effect == "NoExecute");
        let fits = named && selected && required;
        Node { number, starts: fits && hard.next().is_none(), stays: fits && !expelled }
    }
}
