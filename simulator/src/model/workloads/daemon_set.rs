//! The `DaemonSet` controller: one pod on each node that takes it, replaced node by node.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::DaemonSetSpec;

use super::pod::Pod;
use super::share::Share;
use super::{ANSWER, AT_ONCE, DELAY, RATE, Steps, revisions, slow_start};
use crate::engine::clock::SIGNED_SECOND_NS;
use crate::mechanism::{Mechanism, Number};

/// `daemonset-controller`
pub static MECHANISM: Mechanism = Mechanism {
    name: "daemonset-controller",
    docs: "Keeps a pod of a DaemonSet on each node that takes it, as kube-controller-manager 1.36 does: by node selector, affinity and taints, never by room. A new template goes from node to node within maxUnavailable, or starts beside the old pod within maxSurge; old pods that serve nobody go at once.",
    defaults: &[
        Number {
            name: "nodes without a pod in an update",
            value: |_| "1".to_owned(),
            source: "API server, pkg/apis/apps/v1/defaults.go: maxUnavailable",
        },
        Number {
            name: "pods made or deleted in one look",
            value: |_| BURST.to_string(),
            source: "pkg/controller/daemon/daemon_controller.go: BurstReplicas",
        },
        RATE,
        AT_ONCE,
        DELAY,
        ANSWER,
    ],
};

/// Pods made and pods deleted at once at most: `BurstReplicas` of `daemon_controller.go`.
const BURST: usize = 250;

/// A `DaemonSet`'s spec, read once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The number of the pod template.
    pub template: u32,
    /// `minReadySeconds`.
    pub min_ready_s: i32,
    /// `updateStrategy.rollingUpdate`; `None` for `OnDelete`.
    pub rolling: Option<Rolling>,
    /// `revisionHistoryLimit`; 10 unless told.
    pub history_limit: i32,
}

/// How pods of an old template are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rolling {
    /// `maxUnavailable`: on how many nodes at a time the pod may be missing; 1 unless told.
    pub max_unavailable: Share,
    /// `maxSurge`: on how many nodes at a time the new pod may start beside the old one; 0 unless told.
    pub max_surge: Share,
}

impl Spec {
    /// Reads a spec as it is written; `template` is the number of its pod template.
    pub fn new(spec: &DaemonSetSpec, template: u32) -> Self {
        let strategy = spec.update_strategy.as_ref();
        let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
        let unavailable = rolling.and_then(|rolling| rolling.max_unavailable.as_ref());
        let surge = rolling.and_then(|rolling| rolling.max_surge.as_ref());
        let rolling = Rolling {
            max_unavailable: unavailable.map_or(Share::Count(1), Share::new),
            max_surge: surge.map_or(Share::Count(0), Share::new),
        };
        let on_delete = strategy.and_then(|strategy| strategy.type_.as_deref()) == Some("OnDelete");
        Self {
            template,
            min_ready_s: spec.min_ready_seconds.unwrap_or(0),
            rolling: (!on_delete).then_some(rolling),
            history_limit: spec.revision_history_limit.unwrap_or(10),
        }
    }

    fn surge(&self, nodes: i32) -> i32 {
        self.rolling.map_or(0, |rolling| rolling.max_surge.rounded_up(nodes))
    }
}

/// A `DaemonSet` as the API server holds it, with its revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaemonSet {
    /// What it is told.
    pub spec: Spec,
    /// `metadata.generation`.
    pub generation: i64,
    /// `status`.
    pub status: Status,
    /// Templates of its `ControllerRevision`s, the latest last.
    pub revisions: Vec<u32>,
}

impl DaemonSet {
    /// One that nobody has looked at.
    pub fn new(spec: Spec) -> Self {
        Self { spec, generation: 1, status: Status::default(), revisions: Vec::new() }
    }
}

/// `status` of a `DaemonSet`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `observedGeneration`.
    pub observed_generation: i64,
    /// `desiredNumberScheduled`: nodes that are to have a pod.
    pub desired: i32,
    /// `currentNumberScheduled`: those that have one.
    pub current: i32,
    /// `numberReady`: those whose oldest pod is ready.
    pub ready: i32,
    /// `numberAvailable`.
    pub available: i32,
    /// `updatedNumberScheduled`: those whose oldest pod is of the present template.
    pub updated: i32,
    /// `numberMisscheduled`: nodes that have a pod and are not to have one.
    pub misscheduled: i32,
}

/// A node as far as one set's pods are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its number.
    pub number: u32,
    /// A pod starts here if there is none.
    pub starts: bool,
    /// A pod that is here stays.
    pub stays: bool,
}

/// One write to the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Makes a pod of the present template for the node of this number.
    Create(u32),
    /// Deletes the pod of this id.
    Delete(u32),
    /// Makes, renumbers or deletes a revision: the list that results.
    Revisions(Vec<u32>),
    /// Writes the status.
    Status(Status),
}

/// What a sync does, and when the next comes if nothing happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synced {
    /// The writes.
    pub steps: Steps<Write>,
    /// When to look whether more pods are available.
    pub again_ns: Option<i64>,
}

/// One sync over every node, and every pod of the set. Upstream takes nodes in no particular order, this in theirs.
pub fn sync(set: &DaemonSet, nodes: &[Node], pods: &[Pod], now_ns: i64) -> Synced {
    let mut steps = Steps::new();
    let listed = revisions::updated(&set.revisions, set.spec.template);
    if listed != set.revisions {
        steps.push(vec![Write::Revisions(listed.clone())]);
    }
    let mut on_node: BTreeMap<u32, Vec<Pod>> = BTreeMap::new();
    for pod in pods.iter().filter(|pod| !(pod.is_terminal() && pod.terminating)) {
        on_node.entry(pod.place).or_default().push(*pod);
    }
    for pods in on_node.values_mut() {
        pods.sort_by_key(|pod| (pod.node.is_none(), pod.created_s, pod.id));
    }
    let sync = Sync { set, nodes, on_node, now_ns };
    let mut changes = sync.manage();
    // A rollout goes on when what was missing is there: upstream waits for its own writes first.
    if changes.is_none() {
        changes = sync.roll();
    }
    steps.extend(changes.steps());
    let status = sync.counted();
    if status != set.status {
        steps.push(vec![Write::Status(status)]);
    }
    let live =
        |revision: u32| revision == set.spec.template || pods.iter().any(|pod| pod.revision == revision);
    let kept = revisions::truncated(&listed, listed.len() - 1, set.spec.history_limit, live);
    if kept.len() < listed.len() {
        steps.push(vec![Write::Revisions(kept)]);
    }
    let waits = set.spec.min_ready_s > 0 && status.ready != status.available;
    let again_ns = waits.then(|| now_ns + i64::from(set.spec.min_ready_s) * SIGNED_SECOND_NS);
    Synced { steps, again_ns }
}

/// Whether a change of a node makes the controller look at the set (`syncNodeUpdate`). Where it does not, the status
/// stays as it is until something else happens.
pub fn node_matters(set: &DaemonSet, node: Node, has_pods: bool) -> bool {
    if has_pods { !node.stays || set.status.misscheduled > 0 } else { node.starts }
}

/// Nodes that get a pod, and pods that end.
#[derive(Clone, Debug, Default)]
struct Changes {
    create: Vec<u32>,
    delete: Vec<u32>,
}

impl Changes {
    fn is_none(&self) -> bool {
        self.create.is_empty() && self.delete.is_empty()
    }

    fn steps(self) -> Steps<Write> {
        let mut steps = Steps::new();
        let mut create = self.create.into_iter().take(BURST).map(Write::Create);
        let sizes: Vec<usize> = slow_start(create.len(), usize::MAX).collect();
        steps.extend(sizes.into_iter().map(|size| create.by_ref().take(size).collect()));
        if !self.delete.is_empty() {
            steps.push(self.delete.into_iter().take(BURST).map(Write::Delete).collect());
        }
        steps
    }
}

/// A sync as it goes on.
struct Sync<'a> {
    set: &'a DaemonSet,
    nodes: &'a [Node],
    /// Pods of each node, the oldest first; without those that have ended and are being deleted.
    on_node: BTreeMap<u32, Vec<Pod>>,
    now_ns: i64,
}

impl Sync<'_> {
    fn is_available(&self, pod: &Pod) -> bool {
        pod.is_available(self.set.spec.min_ready_s, self.now_ns)
    }

    fn is_updated(&self, pod: &Pod) -> bool {
        pod.revision == self.set.spec.template
    }

    fn on(&self, node: u32) -> &[Pod] {
        self.on_node.get(&node).map_or(&[], Vec::as_slice)
    }

    /// Pods where there are too few or too many, whatever their template (`podsShouldBeOnNode`).
    fn manage(&self) -> Changes {
        let mut changes = Changes::default();
        for node in self.nodes {
            let pods = self.on(node.number);
            if node.starts && pods.is_empty() {
                changes.create.push(node.number);
            } else if node.stays {
                self.manage_node(*node, pods, &mut changes);
            } else {
                changes.delete.extend(pods.iter().filter(|pod| !pod.terminating).map(|pod| pod.id));
            }
        }
        // What waits for a node that is gone, nobody else deletes.
        let exists = |number: u32| self.nodes.iter().any(|node| node.number == number);
        let lost = self.on_node.iter().filter(|(number, _)| !exists(**number)).flat_map(|(_, pods)| pods);
        changes.delete.extend(lost.filter(|pod| pod.node.is_none()).map(|pod| pod.id));
        changes
    }

    fn manage_node(&self, node: Node, pods: &[Pod], changes: &mut Changes) {
        let staying = pods.iter().filter(|pod| !pod.terminating);
        let (ended, running): (Vec<Pod>, Vec<Pod>) = staying.partition(|pod| pod.is_terminal());
        changes.delete.extend(ended.iter().map(|pod| pod.id));
        if self.set.spec.surge(1) == 0 {
            changes.delete.extend(running.iter().skip(1).map(|pod| pod.id));
            return;
        }
        if running.is_empty() && node.starts {
            changes.create.push(node.number);
        }
        if running.len() < 2 {
            return;
        }
        // The oldest pod of the present template and the oldest of another may be here together, as long as the
        // new one is not available and the old one is ready.
        let oldest = |updated: bool| running.iter().find(|pod| self.is_updated(pod) == updated);
        let (new, old) = (oldest(true), oldest(false));
        let kept = [new, old].map(|pod| pod.map(|pod| pod.id));
        changes.delete.extend(running.iter().map(|pod| pod.id).filter(|id| !kept.contains(&Some(*id))));
        if let Some((new, old)) = new.zip(old)
            && (!old.ready || self.is_available(new))
        {
            changes.delete.push(old.id);
        }
    }

    /// A step of a rolling update.
    fn roll(&self) -> Changes {
        let Some(rolling) = self.set.spec.rolling else { return Changes::default() };
        let desired = self.nodes.iter().filter(|node| node.starts).count() as i32;
        let mut unavailable = rolling.max_unavailable.rounded_up(desired);
        let surge = rolling.max_surge.rounded_up(desired);
        if desired > 0 && (unavailable, surge) == (0, 0) {
            unavailable = 1;
        }
        if surge == 0 { self.replace(unavailable) } else { self.surge(surge, desired) }
    }

    /// The one new and the one old pod of a node that stay; `None` if there are more, which [`Self::manage`] ends.
    fn pair(&self, node: u32) -> Option<(Option<Pod>, Option<Pod>)> {
        let (mut new, mut old) = (None, None);
        for pod in self.on(node).iter().filter(|pod| !pod.terminating) {
            let place = if self.is_updated(pod) { &mut new } else { &mut old };
            if place.replace(*pod).is_some() {
                return None;
            }
        }
        Some((new, old))
    }

    /// Every node that has pods or is to have one.
    fn concerned(&self) -> Vec<u32> {
        let starting = self.nodes.iter().filter(|node| node.starts).map(|node| node.number);
        let mut nodes: Vec<u32> = starting.chain(self.on_node.keys().copied()).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// Old pods that serve nobody end at once, others as far as enough remain; their nodes get new ones later.
    fn replace(&self, max_unavailable: i32) -> Changes {
        let (mut unavailable, mut delete, mut candidates) = (0, Vec::new(), Vec::new());
        for node in self.concerned() {
            match self.pair(node) {
                None | Some((None, None) | (Some(_), Some(_))) => unavailable += 1,
                Some((Some(new), None)) => unavailable += i32::from(!self.is_available(&new)),
                Some((None, Some(old))) if !self.is_available(&old) => {
                    delete.push(old.id);
                    unavailable += 1;
                }
                Some((None, Some(old))) if unavailable < max_unavailable => candidates.push(old.id),
                Some((None, Some(_))) => {}
            }
        }
        delete.extend(candidates.into_iter().take((max_unavailable - unavailable).max(0) as usize));
        Changes { create: Vec::new(), delete }
    }

    /// New pods start beside old ones, which end when the new ones are available.
    fn surge(&self, max_surge: i32, desired: i32) -> Changes {
        let (mut surging, mut available) = (0, 0);
        let (mut changes, mut misplaced, mut candidates) = (Changes::default(), Vec::new(), Vec::new());
        for number in self.concerned() {
            let Some((new, old)) = self.pair(number) else {
                surging += 1;
                continue;
            };
            available += i32::from(old.or(new).is_some_and(|pod| self.is_available(&pod)));
            let Some(old) = old else { continue };
            if let Some(new) = new {
                if self.is_available(&new) {
                    changes.delete.push(old.id);
                } else {
                    surging += 1;
                }
                continue;
            }
            // Upstream's sync ends in an error where the node of an old pod does not exist.
            let Some(node) = self.nodes.iter().find(|node| node.number == number) else {
                return Changes::default();
            };
            match (self.is_available(&old), node.starts) {
                (false, false) => changes.delete.push(old.id),
                (false, true) => changes.create.push(number),
                (true, false) => misplaced.push(old.id),
                (true, true) if surging < max_surge => candidates.push(number),
                (true, true) => {}
            }
        }
        // A pod that does not belong where it is goes only when another node has taken its place.
        changes.delete.extend(misplaced.into_iter().take((available - desired).max(0) as usize));
        changes.create.extend(candidates.into_iter().take((max_surge - surging).max(0) as usize));
        changes
    }

    fn counted(&self) -> Status {
        let mut status = Status { observed_generation: self.set.generation, ..Status::default() };
        for node in self.nodes {
            let oldest = self.on(node.number).first();
            if !node.starts {
                status.misscheduled += i32::from(oldest.is_some());
                continue;
            }
            status.desired += 1;
            let Some(pod) = oldest else { continue };
            status.current += 1;
            status.ready += i32::from(pod.ready);
            status.available += i32::from(self.is_available(pod));
            status.updated += i32::from(self.is_updated(pod));
        }
        status
    }
}
