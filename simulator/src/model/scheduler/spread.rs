//! Topology spread (`PodTopologySpread`): not more pods alike in one domain than in another, as a rule or a wish.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::TopologySpreadConstraint;

use super::labels::{Labels, Requirement, Selector};
use super::topology::Topology;

/// The label of nodes that names the node itself.
pub const HOSTNAME: &str = "kubernetes.io/hostname";
/// The label of nodes that names their zone.
pub const ZONE: &str = "topology.kubernetes.io/zone";

/// One topology over which pods alike are spread.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// The label of nodes whose values are the domains.
    pub key: String,
    /// By how many pods a domain may be ahead.
    pub skew_max: i64,
    /// Which pods are alike.
    pub selector: Selector,
    /// With fewer domains, the emptiest counts as empty.
    pub domains_min: usize,
    /// Whether nodes that the pod's affinity excludes stay out of the count.
    pub honors_affinity: bool,
    /// Whether nodes whose taints the pod does not bear stay out of the count.
    pub honors_taints: bool,
}

/// Reads the constraints of a pod: the rules and the wishes.
pub fn read(written: &[TopologySpreadConstraint], labels: &Labels) -> (Vec<Constraint>, Vec<Constraint>) {
    let constraint = |one: &TopologySpreadConstraint| {
        let own = one.match_label_keys.iter().flatten();
        let own = own.filter_map(|key| labels.get(key).map(|value| Requirement::is_in(key, &[value])));
        Constraint {
            key: one.topology_key.clone(),
            skew_max: one.max_skew.into(),
            selector: Selector::read(one.label_selector.as_ref()).and(own),
            domains_min: usize::try_from(one.min_domains.unwrap_or(1)).unwrap_or(1),
            honors_affinity: one.node_affinity_policy.as_deref() != Some("Ignore"),
            honors_taints: one.node_taints_policy.as_deref() == Some("Honor"),
        }
    };
    let of = |wish: &str| {
        let meant = written.iter().filter(|one| one.when_unsatisfiable == wish);
        meant.map(constraint).collect()
    };
    (of("DoNotSchedule"), of("ScheduleAnyway"))
}

/// What the scheduler wishes for pods that say nothing: `systemDefaultConstraints` of the plugin.
pub fn by_default(alike: &Selector) -> Vec<Constraint> {
    let constraint = |key: &str, skew_max| Constraint {
        key: key.to_owned(),
        skew_max,
        selector: alike.clone(),
        domains_min: 1,
        honors_affinity: true,
        honors_taints: false,
    };
    vec![constraint(HOSTNAME, 3), constraint(ZONE, 5)]
}

/// How the pods that a constraint means stand over its domains, kept as pods come and go.
#[derive(Clone, Debug, Default)]
pub struct Domains {
    /// The index of the topology key.
    pub key: usize,
    /// Which nodes count, by their index.
    counts: Vec<bool>,
    /// For each value of the key: nodes that count, and pods alike on them.
    values: Vec<(u32, i64)>,
    /// How many domains have so many pods.
    levels: BTreeMap<i64, u32>,
    /// How many domains there are.
    number: usize,
}

impl Domains {
    /// No domain yet.
    pub fn new(key: usize) -> Self {
        Self { key, ..Self::default() }
    }

    /// A node joins, with so many pods alike on it.
    pub fn join(&mut self, topology: &Topology, node: usize, counts: bool, pods: i64) {
        self.counts.resize(self.counts.len().max(node + 1), false);
        let Some(value) = topology.value(self.key, node).filter(|_| counts) else { return };
        self.counts[node] = true;
        self.values.resize(self.values.len().max(value + 1), (0, 0));
        let (nodes, before) = self.values[value];
        if nodes == 0 {
            self.number += 1;
        } else {
            self.leave_level(before);
        }
        self.values[value] = (nodes + 1, before + pods);
        *self.levels.entry(before + pods).or_default() += 1;
    }

    /// A node without pods leaves.
    pub fn leave(&mut self, topology: &Topology, node: usize) {
        let Some(value) = topology.value(self.key, node).filter(|_| self.counts[node]) else { return };
        self.counts[node] = false;
        self.values[value].0 -= 1;
        let (nodes, pods) = self.values[value];
        if nodes == 0 {
            self.number -= 1;
            self.leave_level(pods);
        }
    }

    /// Pods alike come to a node, or go.
    pub fn change(&mut self, topology: &Topology, node: usize, by: i64) {
        if !self.counts[node] {
            return;
        }
        let Some(value) = topology.value(self.key, node) else { return };
        let before = self.values[value].1;
        self.values[value].1 = before + by;
        self.leave_level(before);
        *self.levels.entry(before + by).or_default() += 1;
    }

    fn leave_level(&mut self, level: i64) {
        if let Some(domains) = self.levels.get_mut(&level) {
            *domains -= 1;
            if *domains == 0 {
                self.levels.remove(&level);
            }
        }
    }

    /// Pods alike in the domain of a value.
    pub fn pods(&self, value: usize) -> i64 {
        self.values.get(value).map_or(0, |(_, pods)| *pods)
    }

    /// Whether one pod more in the domain of a node stays within the skew. A node without the key is in no domain.
    pub fn takes(&self, topology: &Topology, constraint: &Constraint, alike: bool, node: usize) -> bool {
        let Some(value) = topology.value(self.key, node) else { return false };
        let least = self.levels.first_key_value().map_or(i64::from(i32::MAX), |(level, _)| *level);
        let least = if self.number < constraint.domains_min { 0 } else { least };
        self.pods(value) + i64::from(alike) - least <= constraint.skew_max
    }
}

/// How a wish is weighed: small topologies are not watered down by large ones.
pub fn weight(domains: usize) -> f64 {
    libm::log((domains + 2) as f64)
}

/// The part of one wish in a node's score: the more pods alike, the worse.
pub fn crowd(pods: i64, skew_max: i64, weight: f64) -> f64 {
    pods as f64 * weight + (skew_max - 1) as f64
}
