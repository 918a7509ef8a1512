//! Which component is rolled out before which, and in what order its objects are applied.

use std::collections::BTreeMap;

use petgraph::algo::toposort;
use petgraph::graphmap::DiGraphMap;
use sha2::{Digest, Sha256};

use super::{
    Bounds, Count, Mechanism, Need, Plan, PlannedBatch, PlannedFreeze, PlannedVerification, Question,
    ReleasePlan,
};
use crate::app::{Cell, Cluster, Component, ComponentKind, Cron, Scale, Verification, VerifyBy};
use crate::check::Checked;
use crate::object::{Bundle, Object};

/// The plan of one cell of a checked application.
pub fn plan(checked: &Checked, cell: &Cell, bundle: &Bundle) -> Plan {
    let cluster = checked.cluster(cell);
    let environment = checked.platform().environment(&cell.environment);
    let foundation = (0..bundle.objects.len()).filter(|index| bundle.objects[*index].component.is_none());
    let mut objects: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
    for object in &bundle.objects {
        if let Some(component) = &object.component {
            objects.entry(component).or_default().push(object);
        }
    }
    let of =
        |component: &Component| objects.get(component.name.value.as_str()).map_or(&[][..], Vec::as_slice);
    let releases = in_order(&cell.components)
        .into_iter()
        .map(|component| release(cluster, cell, component, of(component)));
    Plan {
        app: cell.app.clone(),
        environment: cell.environment.clone(),
        tenant: cell.tenant.clone(),
        cluster: cluster.name.value.clone(),
        context: cluster.context.as_ref().map(|context| context.value.clone()),
        namespace: cell.namespace.clone(),
        bundle: bundle.clone(),
        foundation: foundation.collect(),
        releases: releases.collect(),
        freezes: environment.iter().flat_map(|known| known.freezes.iter().map(PlannedFreeze::new)).collect(),
    }
}

/// Components after those they depend on; among equals, in the order of their names.
pub(crate) fn in_order(components: &[Component]) -> Vec<&Component> {
    let mut sorted: Vec<&Component> = components.iter().collect();
    sorted.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    let mut graph = DiGraphMap::<usize, ()>::new();
    // petgraph's topological order is a depth-first post-order: nodes that are added last come first.
    for index in (0..sorted.len()).rev() {
        graph.add_node(index);
    }
    for (index, component) in sorted.iter().enumerate() {
        for dependency in &component.depends_on {
            if let Ok(first) = sorted.binary_search_by(|c| c.name.value.cmp(&dependency.value)) {
                graph.add_edge(first, index, ());
            }
        }
    }
    let order = toposort(&graph, None).expect("check has refused dependency cycles");
    order.into_iter().map(|index| sorted[index]).collect()
}

fn release(cluster: &Cluster, cell: &Cell, component: &Component, objects: &[&Object]) -> ReleasePlan {
    let name = &component.name.value;
    let (mechanism, count) = match (component.kind.value, &component.scale) {
        (ComponentKind::Daemon, _) => (Mechanism::Nodes, Count::Fixed(nodes_of(cluster, component))),
        (kind, Scale::Fixed(count)) => (mechanism(kind), Count::Fixed(count.value)),
        (kind, Scale::Auto(auto)) => {
            (mechanism(kind), Count::Auto(Bounds { min: auto.min.value, max: auto.max.value }))
        }
    };
    let batches = component.release.batches.iter().map(|batch| PlannedBatch {
        size: batch.size.value,
        pause: batch.pause,
        wait_ns: batch.wait_ns,
    });
    let windows = match &component.scale {
        Scale::Fixed(_) => Vec::new(),
        Scale::Auto(auto) => auto.crons.iter().map(Cron::window).collect(),
    };
    let (follow_up, objects): (Vec<&Object>, Vec<&Object>) =
        objects.iter().partition(|object| object.after_release);
    let objects = objects.as_slice();
    let mut plan = ReleasePlan {
        component: name.clone(),
        namespace: cell.namespace.clone(),
        mechanism,
        revision: crate::lower::revision_of(objects),
        digest: String::new(),
        objects: objects.iter().map(|object| object.key()).collect(),
        follow_up: follow_up.iter().map(|object| object.key()).collect(),
        count,
        windows,
        batches: batches.collect(),
        surge_percent: component.release.surge_percent,
        unavailable_percent: component.release.unavailable_percent,
        deadline_ns: component.release.deadline_ns,
        depends_on: component.depends_on.iter().map(|dependency| dependency.value.clone()).collect(),
        needs: needs(cluster, component),
        verifications: Vec::new(),
    };
    let verifications = component.release.verifications.iter();
    plan.verifications = verifications.map(|known| verification(cluster, &plan, known)).collect();
    plan.depends_on.sort();
    plan.digest = digest(&plan, objects);
    plan
}

fn needs(cluster: &Cluster, component: &Component) -> Vec<Need> {
    let node_labels = crate::lower::needed_node(cluster, component);
    let nodes = node_labels.map(|node_labels| Need::Node { node_labels });
    nodes.into_iter().chain(crate::lower::dns::needs(component).into_iter().map(Need::Everywhere)).collect()
}

/// A verification with its question to the cluster's Prometheus about the revision of the plan.
fn verification(cluster: &Cluster, plan: &ReleasePlan, known: &Verification) -> PlannedVerification {
    let question = match &known.by.value {
        VerifyBy::Webhook(address) => Question::Webhook { address: address.clone() },
        VerifyBy::Limit(limit) => {
            let query = cluster.queries.iter().find(|query| query.name.value == known.name.value);
            let query = query.expect("check has refused unknown questions");
            let address = cluster.prometheus.as_ref().expect("resolve has refused questions to nobody");
            Question::Prometheus {
                address: address.value.clone(),
                query: query.filled(&plan.namespace, &plan.component, &plan.revision),
                limit: limit.clone(),
            }
        }
    };
    PlannedVerification {
        name: known.name.value.clone(),
        question,
        for_ns: known.for_ns.value,
        every_ns: known.every_ns,
        failures: known.failures,
    }
}

fn mechanism(kind: ComponentKind) -> Mechanism {
    match kind {
        ComponentKind::Stateless => Mechanism::Deployments,
        ComponentKind::Stateful => Mechanism::Partition,
        ComponentKind::Daemon => Mechanism::Nodes,
    }
}

/// The nodes that a daemon runs on, as far as the platform declares them.
fn nodes_of(cluster: &Cluster, component: &Component) -> u32 {
    let pools = cluster.pools.iter().filter(|pool| component.os.runs_on(pool.os));
    pools.map(|pool| pool.nodes).sum()
}

fn digest(plan: &ReleasePlan, objects: &[&Object]) -> String {
    let mut hash = Sha256::new();
    hash.update(serde_json::to_vec(plan).expect("a plan serialises"));
    for object in objects {
        hash.update(object.value().to_string());
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}
