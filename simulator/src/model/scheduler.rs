//! The scheduler: which node takes a pod, by requests, taints, selectors, affinity and `ResourcePolicy`.

use std::collections::BTreeMap;

use compiler::object::ResourcePolicy;
use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm, Toleration};

use super::template::Template;
use crate::cluster::NodeState;
use crate::engine::queue::Event;
use crate::engine::trace::What;
use crate::run::Run;
use crate::world::virtual_node;

/// The weight of the scheduler's node affinity score against its resource score.
const AFFINITY_WEIGHT: f64 = 2.0;

/// Why a node does not take a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Refusal {
    Taint,
    Selector,
    Full,
}

/// The node for a pod: the first of the most preferred kind that fits, by score.
pub(crate) fn place(
    template: &Template,
    policies: &[ResourcePolicy],
    nodes: &[NodeState],
) -> Result<usize, String> {
    let mut refusals: BTreeMap<Refusal, u32> = BTreeMap::new();
    let mut fitting = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        match refusal(template, node) {
            None => fitting.push(index),
            Some(refusal) => *refusals.entry(refusal).or_default() += 1,
        }
    }
    let policy = policies.iter().find(|policy| {
        policy.spec.selector.iter().all(|(key, value)| template.labels.get(key) == Some(value))
    });
    if let Some(policy) = policy {
        let kinds = policy.spec.units.iter().map(|unit| unit.resource == "eci");
        let kind = kinds.into_iter().find(|eci| fitting.iter().any(|index| nodes[*index].is_virtual == *eci));
        fitting.retain(|index| Some(nodes[*index].is_virtual) == kind);
    }
    let top = preference_top(template, nodes, &fitting);
    let score = |index: &usize| {
        let affinity = 100.0 * preference(template, &nodes[*index]) / top;
        AFFINITY_WEIGHT * affinity + least_allocated(template, &nodes[*index])
    };
    // The first of equals wins, where upstream draws one: the outcome differs only in names.
    let best =
        fitting.iter().copied().reduce(|best, next| if score(&next) > score(&best) { next } else { best });
    best.ok_or_else(|| said(&refusals, nodes.len()))
}

/// The nodes that a daemon has a pod on.
pub(crate) fn nodes_for(template: &Template, nodes: &[NodeState]) -> Vec<usize> {
    (0..nodes.len()).filter(|index| refusal(template, &nodes[*index]).is_none()).collect()
}

fn said(refusals: &BTreeMap<Refusal, u32>, nodes: usize) -> String {
    let reasons = refusals.iter().map(|(refusal, count)| {
        let why = match refusal {
            Refusal::Taint => "with a taint that the pod does not tolerate",
            Refusal::Selector => "that its selector or affinity does not match",
            Refusal::Full => "without room",
        };
        format!("{count} {why}")
    });
    format!("0 of {nodes} nodes: {}", reasons.collect::<Vec<_>>().join(", "))
}

fn refusal(template: &Template, node: &NodeState) -> Option<Refusal> {
    let (key, value) = virtual_node::TAINT;
    if node.is_virtual && !template.tolerations.iter().any(|t| tolerates(t, key, value)) {
        return Some(Refusal::Taint);
    }
    let selected = template.node_selector.iter().all(|(key, value)| node.labels.get(key) == Some(value));
    let required = template.required.is_empty() || template.required.iter().any(|term| matches(term, node));
    if !selected || !required {
        return Some(Refusal::Selector);
    }
    (!node.fits(template)).then_some(Refusal::Full)
}

/// Whether a toleration bears a taint with the effect `NoSchedule`.
fn tolerates(toleration: &Toleration, key: &str, value: &str) -> bool {
    let effect = toleration.effect.as_deref().unwrap_or("");
    let exists = toleration.operator.as_deref() == Some("Exists");
    let key_fits =
        toleration.key.as_deref().map_or(exists, |written| written == key || written.is_empty() && exists);
    let value_fits = exists || toleration.value.as_deref().unwrap_or("") == value;
    key_fits && value_fits && matches!(effect, "" | "NoSchedule")
}

fn matches(term: &NodeSelectorTerm, node: &NodeState) -> bool {
    let labels = term.match_expressions.iter().flatten().all(|r| meets(r, node.labels.get(&r.key)));
    let fields = term.match_fields.iter().flatten().all(|r| meets(r, Some(&node.name)));
    // A term without requirements matches nothing.
    (term.match_expressions.is_some() || term.match_fields.is_some()) && labels && fields
}

fn meets(requirement: &NodeSelectorRequirement, label: Option<&String>) -> bool {
    let values = requirement.values.as_deref().unwrap_or_default();
    let number = |text: Option<&String>| text.and_then(|text| text.parse::<i64>().ok());
    let (have, bound) = (number(label), number(values.first()));
    match requirement.operator.as_str() {
        "In" => label.is_some_and(|label| values.contains(label)),
        "NotIn" => label.is_none_or(|label| !values.contains(label)),
        "Exists" => label.is_some(),
        "DoesNotExist" => label.is_none(),
        "Gt" => have.zip(bound).is_some_and(|(have, bound)| have > bound),
        "Lt" => have.zip(bound).is_some_and(|(have, bound)| have < bound),
        _ => false,
    }
}

fn preference(template: &Template, node: &NodeState) -> f64 {
    template
        .preferred
        .iter()
        .filter(|(_, term)| matches(term, node))
        .map(|(weight, _)| f64::from(*weight))
        .sum()
}

fn preference_top(template: &Template, nodes: &[NodeState], fitting: &[usize]) -> f64 {
    fitting.iter().map(|index| preference(template, &nodes[*index])).fold(1.0, f64::max)
}

/// The emptier a node would be with the pod, the better; of 100.
fn least_allocated(template: &Template, node: &NodeState) -> f64 {
    let free = |requested: u64, more: u64, whole: u64| 1.0 - (requested + more) as f64 / whole.max(1) as f64;
    let cpu = free(node.cpu_requested, template.cpu_request_milli, node.cpu_milli);
    let memory = free(node.memory_requested, template.memory_request_bytes, node.memory_bytes);
    50.0 * (cpu + memory)
}

impl Run<'_> {
    /// The scheduler looks at a time, unless it looks earlier.
    pub(crate) fn schedule_at(&mut self, at_ns: u64) {
        if self.schedule_due.is_none_or(|due| at_ns < due) {
            self.schedule_due = Some(at_ns);
            self.queue.push(at_ns, Event::Schedule);
        }
    }

    /// Finds a node for every pod without one, oldest first.
    pub(crate) fn schedule(&mut self) {
        if self.schedule_due != Some(self.clock.now_ns()) {
            return;
        }
        self.schedule_due = None;
        let mut refused: BTreeMap<usize, String> = BTreeMap::new();
        for pod in std::mem::take(&mut self.pending) {
            let workload = self.pods[pod as usize].workload;
            // Pods of one template are refused for one reason; trying each of them would find nothing new.
            if let std::collections::btree_map::Entry::Vacant(e) = refused.entry(workload) {
                match place(&self.workloads[workload].template, &self.policies, &self.nodes) {
                    Ok(node) => {
                        self.bind(pod, node);
                        continue;
                    }
                    Err(reason) => {
                        e.insert(reason);
                    }
                }
            }
            self.pending.push(pod);
        }
        for (workload, reason) in &refused {
            if self.refused.get(workload) != Some(reason) {
                let deployment = self.workloads[*workload].key.name.clone();
                self.happened(What::Unschedulable { deployment, reason: reason.clone() });
            }
        }
        self.refused = refused;
    }

    /// Gives a pod to a node, which begins to start it.
    pub(crate) fn bind(&mut self, pod: u32, node: usize) {
        self.occupy(pod, node);
        let name = self.nodes[node].name.clone();
        self.happened(What::Scheduled { pod, node: name });
        let started_ns =
            if self.nodes[node].is_virtual { self.create_eci(pod) } else { self.start_on_node(pod) };
        self.queue.push(started_ns, Event::Started(pod));
    }

    /// Counts a pod's requests on a node.
    pub(crate) fn occupy(&mut self, pod: u32, node: usize) {
        let template = &self.workloads[self.pods[pod as usize].workload].template;
        let place = &mut self.nodes[node];
        place.cpu_requested += template.cpu_request_milli;
        place.memory_requested += template.memory_request_bytes;
        place.pods.push(pod);
        let state = &mut self.pods[pod as usize];
        state.node = Some(node);
        state.phase = crate::cluster::Phase::Starting;
        state.start_time_ns = self.clock.now_ns().cast_signed();
        if self.nodes[node].is_virtual {
            self.share_eci(pod);
        } else {
            self.share_node(node);
        }
    }

    /// Gives a pod's requests back, and lets the scheduler try again.
    pub(crate) fn vacate(&mut self, pod: u32, node: usize) {
        let template = &self.workloads[self.pods[pod as usize].workload].template;
        let place = &mut self.nodes[node];
        place.cpu_requested -= template.cpu_request_milli;
        place.memory_requested -= template.memory_request_bytes;
        place.pods.retain(|other| *other != pod);
        if !place.is_virtual {
            self.share_node(node);
        }
        if !self.pending.is_empty() {
            self.schedule_at(self.clock.now_ns() + self.world.figures.scheduling_backoff_ns);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toleration(value: serde_json::Value) -> bool {
        let (key, taint) = virtual_node::TAINT;
        tolerates(&serde_json::from_value(value).unwrap(), key, taint)
    }

    #[test]
    fn tolerations_match_as_in_kubernetes() {
        let key = "virtual-kubelet.io/provider";
        assert!(toleration(serde_json::json!({"operator": "Exists"})));
        assert!(toleration(serde_json::json!({"key": key, "value": "alibabacloud", "effect": "NoSchedule"})));
        assert!(toleration(serde_json::json!({"key": key, "operator": "Exists"})));
        assert!(!toleration(serde_json::json!({"key": key, "value": "other"})));
        assert!(!toleration(serde_json::json!({"key": key, "operator": "Exists", "effect": "NoExecute"})));
        assert!(!toleration(serde_json::json!({})));
    }
}
