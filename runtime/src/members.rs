//! The pods of a StatefulSet or a DaemonSet, one by one, since their object does not say which are of which revision.

use std::collections::BTreeSet;

use compiler::lower::REVISION;
use compiler::object::ObjectKey;
use compiler::plan::Mechanism;
use compiler::plan::rollout::{Member, MemberState, Workload};
use k8s_openapi::api::core::v1::{Pod, PodCondition};
use kube::api::DynamicObject;

use crate::cluster::{Cluster, key_of};
use crate::error::Error;
use crate::event::now;
use crate::observe::{epoch, is_ready, label, node};

/// The pods of an object among those of its component: a StatefulSet's by their ordinals, a DaemonSet's by their nodes.
pub(crate) fn members(
    like: &ObjectKey,
    owner: &DynamicObject,
    pods: &[DynamicObject],
    unready: &BTreeSet<String>,
) -> Vec<Member> {
    let min_ready_seconds = owner.data["spec"]["minReadySeconds"].as_i64().unwrap_or(0);
    let belongs = |pod: &&DynamicObject| {
        pod.metadata.owner_references.iter().flatten().any(|by| Some(&by.uid) == owner.metadata.uid.as_ref())
    };
    let member = |object: &DynamicObject| member(like, object, min_ready_seconds, unready);
    let mut members: Vec<Member> = pods.iter().filter(belongs).filter_map(member).collect();
    members.sort_by(|a, b| (a.ordinal, &a.node, &a.pod).cmp(&(b.ordinal, &b.node, &b.pod)));
    members
}

fn member(
    like: &ObjectKey,
    object: &DynamicObject,
    min_ready_seconds: i64,
    unready: &BTreeSet<String>,
) -> Option<Member> {
    let pod: Pod = object.clone().try_parse().ok()?;
    let node = node_of(&pod);
    let index = label(object, "apps.kubernetes.io/pod-index");
    Some(Member {
        pod: key_of(like, object),
        uid: object.metadata.uid.clone().unwrap_or_default(),
        epoch: epoch(object),
        revision: label(object, REVISION).to_owned(),
        ordinal: index.parse().unwrap_or(0),
        reachable: !unready.contains(&node),
        node,
        state: state(object, &pod, min_ready_seconds),
    })
}

fn state(object: &DynamicObject, pod: &Pod, min_ready_seconds: i64) -> MemberState {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    match phase {
        _ if object.metadata.deletion_timestamp.is_some() => MemberState::Terminating,
        _ if is_available(pod, min_ready_seconds) => MemberState::Available,
        Some("Running") => MemberState::Running,
        _ => MemberState::Starting,
    }
}

/// The node of a pod. One of a DaemonSet that no node has taken yet is meant for the one that its affinity names.
fn node_of(pod: &Pod) -> String {
    let Some(spec) = &pod.spec else { return String::new() };
    let affinity = || {
        let required = spec
            .affinity
            .as_ref()?
            .node_affinity
            .as_ref()?
            .required_during_scheduling_ignored_during_execution
            .as_ref()?;
        let fields = required.node_selector_terms.first()?.match_fields.as_ref()?;
        let by_name = fields.iter().find(|field| field.key == "metadata.name")?;
        by_name.values.as_ref()?.first().cloned()
    };
    spec.node_name.clone().or_else(affinity).unwrap_or_default()
}

fn is_available(pod: &Pod, min_ready_seconds: i64) -> bool {
    let mut conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let ready = conditions.find(|condition| condition.type_ == "Ready" && condition.status == "True");
    let since =
        |condition: &PodCondition| condition.last_transition_time.as_ref().map(|time| time.0.as_second());
    let now = i64::try_from(now() / 1_000_000_000).unwrap_or(i64::MAX);
    ready.is_some_and(|ready| {
        min_ready_seconds == 0 || since(ready).is_some_and(|since| since + min_ready_seconds <= now)
    })
}

/// The nodes that are not ready, where pods are replaced node by node.
pub(crate) async fn unready_nodes(
    cluster: &Cluster,
    mechanism: Mechanism,
) -> Result<BTreeSet<String>, Error> {
    if mechanism != Mechanism::Nodes {
        return Ok(BTreeSet::new());
    }
    let nodes = cluster.list(&node(), "").await?;
    Ok(nodes.into_iter().filter(|node| !is_ready(node)).filter_map(|node| node.metadata.name).collect())
}

/// How many nodes a rollout passes over.
pub(crate) fn skipped(workload: &Workload) -> Option<String> {
    let members = workload.shared.iter().flat_map(|shared| &shared.members);
    let unready: Vec<&str> =
        members.filter(|member| !member.reachable).map(|member| member.node.as_str()).collect();
    match unready.as_slice() {
        [] => None,
        [node] => Some(format!("node {node} is not ready and is skipped")),
        nodes => Some(format!("{} nodes are not ready and are skipped: {}", nodes.len(), nodes.join(", "))),
    }
}
