//! What a Deployment says of itself: counts of its sets, and two conditions.

use super::Sync;
use crate::engine::clock::SIGNED_SECOND_NS;

/// `status` of a Deployment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `observedGeneration`.
    pub observed_generation: i64,
    /// `replicas`: active pods of every template.
    pub replicas: i32,
    /// `updatedReplicas`: active pods of the present one.
    pub updated: i32,
    /// `readyReplicas`.
    pub ready: i32,
    /// `availableReplicas`.
    pub available: i32,
    /// `unavailableReplicas`.
    pub unavailable: i32,
    /// `terminatingReplicas`.
    pub terminating: i32,
    /// The condition `Progressing`.
    pub progressing: Option<Condition>,
    /// The condition `Available`.
    pub available_condition: Option<Condition>,
    /// Annotation `deployment.kubernetes.io/revision`, which the controller writes along with the status.
    pub revision: i64,
}

/// A condition's status, reason and time. Its `lastTransitionTime` decides nothing and is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Its status.
    pub holds: Holds,
    /// The word for why.
    pub reason: &'static str,
    /// `lastUpdateTime`, in whole seconds as the API server keeps it.
    pub updated_s: i64,
}

/// A condition's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It does.
    True,
    /// It does not.
    False,
    /// Nobody knows.
    Unknown,
}

impl Condition {
    pub(super) fn new(holds: Holds, reason: &'static str, now_ns: i64) -> Self {
        Self { holds, reason, updated_s: now_ns.div_euclid(SIGNED_SECOND_NS) }
    }

    /// What is kept where this condition is set after another: the other, with its time, if both say the same.
    pub(super) fn after(self, before: Option<Self>) -> Self {
        before.filter(|it| (it.holds, it.reason) == (self.holds, self.reason)).unwrap_or(self)
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let holds = match self.holds {
            Holds::True => "True",
            Holds::False => "False",
            Holds::Unknown => "Unknown",
        };
        write!(f, "{holds}/{}", self.reason)
    }
}

impl Sync {
    /// The status that the sets make (`calculateStatus`).
    pub(super) fn counted(&self) -> Status {
        let sum = |read: fn(&super::ReplicaSet) -> i32| self.sets.iter().map(|owned| read(&owned.set)).sum();
        let available = self.available();
        let spec = &self.deployment.spec;
        let before = self.deployment.status;
        let condition = if available >= spec.replicas - spec.max_unavailable() {
            Condition::new(Holds::True, "MinimumReplicasAvailable", self.now_ns)
        } else {
            Condition::new(Holds::False, "MinimumReplicasUnavailable", self.now_ns)
        };
        Status {
            observed_generation: self.deployment.generation,
            replicas: sum(|set| set.status.replicas),
            updated: self.new_index().map_or(0, |index| self.sets[index].set.status.replicas),
            ready: sum(|set| set.status.ready),
            available,
            unavailable: (self.wanted() - available).max(0),
            terminating: sum(|set| set.status.terminating),
            available_condition: Some(condition.after(before.available_condition)),
            ..before
        }
    }

    /// Writes a status unless it stands there; says whether it did.
    pub(super) fn write_status(&mut self, status: Status) -> bool {
        let changed = status != self.deployment.status;
        if changed {
            self.deployment.status = status;
            self.writes.push(super::Write::Status(status));
        }
        changed
    }
}
