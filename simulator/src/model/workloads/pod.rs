//! A pod as its controller sees it.

use crate::engine::clock::SIGNED_SECOND_NS;

/// What a controller reads of a pod. Times are whole seconds, as the API server keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pod {
    /// Its number, which stands for its name.
    pub id: u32,
    /// Its UID: what decides where nothing else does.
    pub uid: u64,
    /// The number of the pod template that it was made of.
    pub revision: u32,
    /// Its ordinal in a `StatefulSet`, the number of the node that it is meant for in a `DaemonSet`.
    pub place: u32,
    /// The number of the node that it is bound to.
    pub node: Option<u32>,
    /// Where it stands.
    pub phase: Phase,
    /// The Ready condition.
    pub ready: bool,
    /// When that changed last.
    pub transition_s: i64,
    /// When it was created.
    pub created_s: i64,
    /// It has a deletion time.
    pub terminating: bool,
    /// `controller.kubernetes.io/pod-deletion-cost`; 0 unless told.
    pub deletion_cost: i32,
    /// The most restarts of one of its containers.
    pub restarts: u32,
}

/// `status.phase`, in the order in which a `ReplicaSet` parts with pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Not all its containers have started.
    Pending,
    /// They have.
    Running,
    /// All have ended well.
    Succeeded,
    /// All have ended, and one badly.
    Failed,
}

impl Pod {
    /// Whether all its containers have ended for good.
    pub fn is_terminal(&self) -> bool {
        matches!(self.phase, Phase::Succeeded | Phase::Failed)
    }

    /// Whether it counts as a replica.
    pub fn is_active(&self) -> bool {
        !self.is_terminal() && !self.terminating
    }

    /// Whether it has been ready for so long.
    pub fn is_available(&self, min_ready_s: i32, now_ns: i64) -> bool {
        self.ready && (min_ready_s == 0 || self.available_ns(min_ready_s) <= now_ns)
    }

    /// When it becomes available if it stays ready.
    pub fn available_ns(&self, min_ready_s: i32) -> i64 {
        (self.transition_s + i64::from(min_ready_s)) * SIGNED_SECOND_NS
    }
}

/// When the next of these pods becomes available.
pub fn next_available_ns<'a>(
    pods: impl IntoIterator<Item = &'a Pod>,
    min_ready_s: i32,
    now_ns: i64,
) -> Option<i64> {
    let ready = pods.into_iter().filter(|pod| pod.ready);
    ready.map(|pod| pod.available_ns(min_ready_s)).filter(|time_ns| *time_ns > now_ns).min()
}
