//! The `ReplicaSet` controller: so many pods of one template, no fewer and no more.

use super::{ANSWER, AT_ONCE, DELAY, RATE, Steps, slow_start};
use crate::mechanism::{Mechanism, Number};

/// `replicaset-controller`
pub static MECHANISM: Mechanism = Mechanism {
    name: "replicaset-controller",
    docs: "Makes and deletes pods until a ReplicaSet has its count, as kube-controller-manager 1.36 does: batches of 1, 2, 4 and so on, a limit a sync, and an order in which surplus pods go: without a node, pending, not ready, cheap to delete, crowded, young by the magnitude of their age. Its client's rate bounds how fast a Deployment grows.",
    defaults: &[
        Number {
            name: "pods made or deleted in one look",
            value: |_| BURST.to_string(),
            source: "pkg/controller/replicaset/replica_set.go: BurstReplicas",
        },
        RATE,
        AT_ONCE,
        DELAY,
        ANSWER,
    ],
};

/// Pods made or deleted in one sync at most: `BurstReplicas` of `replica_set.go`.
const BURST: i32 = 500;

/// A `ReplicaSet` as the API server holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplicaSet {
    /// The number of its pod template.
    pub template: u32,
    /// `spec.replicas`.
    pub replicas: i32,
    /// `spec.minReadySeconds`.
    pub min_ready_s: i32,
    /// Annotation `deployment.kubernetes.io/revision`.
    pub revision: i64,
    /// Annotation `deployment.kubernetes.io/desired-replicas`.
    pub desired: Option<i32>,
    /// Annotation `deployment.kubernetes.io/max-replicas`.
    pub max: Option<i32>,
    /// `metadata.generation`.
    pub generation: i64,
    /// `status`.
    pub status: Status,
}

/// `status` of a `ReplicaSet`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `replicas`: active pods.
    pub replicas: i32,
    /// `readyReplicas`.
    pub ready: i32,
    /// `availableReplicas`.
    pub available: i32,
    /// `terminatingReplicas`; upstream's gate `DeploymentReplicaSetTerminatingReplicas` is on.
    pub terminating: i32,
    /// `observedGeneration`.
    pub observed_generation: i64,
}

/// What a sync counts of a set's pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Active pods.
    pub active: i32,
    /// Active pods that are ready.
    pub ready: i32,
    /// Active pods that have been ready for `minReadySeconds`.
    pub available: i32,
    /// Pods with a deletion time whose containers have not all ended.
    pub terminating: i32,
}

/// One write to the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// Makes a pod.
    Create,
    /// Deletes the pod of this id.
    Delete(u32),
    /// Writes the status.
    Status(Status),
}

/// One sync: pods first, then the status of what was there before. `choose` names that many pods to delete.
pub fn sync(set: &ReplicaSet, counts: Counts, choose: impl FnOnce(usize) -> Vec<u32>) -> Steps<Write> {
    let missing = set.replicas - counts.active;
    let mut steps = Steps::new();
    if missing > 0 {
        steps.extend(
            slow_start(missing.min(BURST) as usize, usize::MAX).map(|size| vec![Write::Create; size]),
        );
    }
    if missing < 0 {
        steps.push(choose((-missing).min(BURST) as usize).into_iter().map(Write::Delete).collect());
    }
    let status = Status {
        replicas: counts.active,
        ready: counts.ready,
        available: counts.available,
        terminating: counts.terminating,
        observed_generation: set.generation,
    };
    if status != set.status {
        steps.push(vec![Write::Status(status)]);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_are_made_in_batches_that_double_and_five_hundred_a_sync() {
        let set = ReplicaSet { replicas: 600, ..ReplicaSet::default() };
        let steps = sync(&set, Counts::default(), |_| Vec::new());
        let sizes: Vec<usize> = steps.iter().map(Vec::len).collect();
        assert_eq!(sizes, [1, 2, 4, 8, 16, 32, 64, 128, 245]);
    }
}
