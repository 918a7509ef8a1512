//! The workload controllers of kube-controller-manager, step for step: Deployment, `ReplicaSet`, `StatefulSet`,
//! `DaemonSet`.
//!
//! A sync is a function from the objects as the API server holds them, the pods as a controller sees them and the time
//! to the writes that upstream makes. Nothing of it knows the simulation: the same code replays recorded runs, where a
//! write costs no time, and drives a run, where it takes a token of the client's rate and a round trip (`desk.rs`, `run.rs`, `pods.rs`).
//!
//! Pod templates are numbers here: equal templates have one number, so a number is a revision.
//!
//! Not here, since nothing in a run brings them about: adoption of pods and sets that others made, collisions of template
//! hashes, volume claims and their retention, writes that the API server refuses and the condition `ReplicaFailure`, the
//! back-off before a daemon's failed pod is deleted again, and `spec.rollbackTo` of Deployments.

pub mod choice;
pub mod daemon_nodes;
pub mod daemon_set;
pub mod deployment;
pub(crate) mod desk;
pub mod pod;
pub(crate) mod pods;
pub mod replica_set;
pub mod revisions;
mod run;
pub mod share;
pub mod stateful_set;

use crate::mechanism::{Number, seconds};

const RATE: Number = Number {
    name: "writes a second",
    value: |figures| figures.controller_rate_per_second.to_string(),
    source: "kube-controller-manager, pkg/controller/apis/config/v1alpha1/defaults.go: kubeAPIQPS; each controller has a client of its own",
};

const AT_ONCE: Number = Number {
    name: "writes at once",
    value: |figures| figures.controller_burst.to_string(),
    source: "kube-controller-manager, the same: kubeAPIBurst",
};

const DELAY: Number = Number {
    name: "from a change to the look at it",
    value: |figures| seconds(figures.controller_delay_ns),
    source: "assumption: watch and work queue of an idle control plane",
};

const ANSWER: Number = Number {
    name: "answer to a write",
    value: |figures| seconds(figures.controller_write_ns),
    source: "assumption: an idle API server and its etcd",
};

/// The writes of one sync. Those of a step are sent together; the next step begins when all are answered.
pub type Steps<W> = Vec<Vec<W>>;

/// Sizes of the batches in which a controller makes `count` things: 1, 2, 4 and so on, as long as all goes well, so that
/// a thousand pods that are all refused cost one request and not a thousand (`slowStartBatch`).
pub fn slow_start(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let (mut left, mut size) = (count, 1);
    std::iter::from_fn(move || {
        let batch = size.min(left);
        left -= batch;
        size = (2 * batch).min(most);
        (batch > 0).then_some(batch)
    })
}
