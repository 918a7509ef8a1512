//! Whether a rollout moves: the condition `Progressing`, and the deadline after which it has stopped.

use super::{Condition, Holds, Status, Sync};
use crate::engine::clock::SIGNED_SECOND_NS;

/// When to look again whether a rollout moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// At a time.
    At {
        /// That time.
        time_ns: i64,
    },
    /// As soon as the work queue's rate limit allows.
    Soon,
}

impl Sync {
    /// A pause stops the deadline, and its end starts it anew (`checkPausedConditions`).
    pub(super) fn check_paused(&mut self) {
        let before = self.deployment.status.progressing;
        let reason = before.map(|condition| condition.reason);
        if self.deployment.spec.deadline_s.is_none() || reason == Some("ProgressDeadlineExceeded") {
            return;
        }
        let was_paused = reason == Some("DeploymentPaused");
        let reason = match (self.deployment.spec.paused, was_paused) {
            (true, false) => "DeploymentPaused",
            (false, true) => "DeploymentResumed",
            (true, true) | (false, false) => return,
        };
        self.deployment.status.progressing = Some(Condition::new(Holds::Unknown, reason, self.now_ns));
        let written = super::Write::Status(self.deployment.status);
        self.writes.push(written);
    }

    /// The status at the end of a step of a rollout (`syncRolloutStatus`).
    pub(super) fn roll_status(&mut self) {
        let mut status = self.counted();
        let before = self.deployment.status.progressing;
        let finished = status.replicas == status.updated
            && before.is_some_and(|condition| condition.reason == "NewReplicaSetAvailable");
        if self.deployment.spec.deadline_s.is_none() {
            status.progressing = None;
        } else if !finished {
            if self.is_complete(&status) {
                let condition = Condition::new(Holds::True, "NewReplicaSetAvailable", self.now_ns);
                status.progressing = Some(condition.after(before));
            } else if self.moves(&status) {
                // The one condition whose time changes while it says the same.
                status.progressing = Some(Condition::new(Holds::True, "ReplicaSetUpdated", self.now_ns));
            } else if self.is_late(before) {
                let condition = Condition::new(Holds::False, "ProgressDeadlineExceeded", self.now_ns);
                status.progressing = Some(condition.after(before));
            }
        }
        if !self.write_status(status) {
            self.look_again(&status);
        }
    }

    /// Every pod is of the present template and available, and nothing else is left (`DeploymentComplete`).
    pub(super) fn is_complete(&self, status: &Status) -> bool {
        let replicas = self.replicas();
        (status.updated, status.replicas, status.available) == (replicas, replicas, replicas)
            && status.observed_generation >= self.deployment.generation
    }

    /// There are more new, more ready, more available or fewer old pods than before (`DeploymentProgressing`).
    fn moves(&self, status: &Status) -> bool {
        let before = &self.deployment.status;
        status.updated > before.updated
            || status.replicas - status.updated < before.replicas - before.updated
            || status.ready > before.ready
            || status.available > before.available
    }

    /// The deadline has passed since the rollout last moved (`DeploymentTimedOut`).
    fn is_late(&self, before: Option<Condition>) -> bool {
        let (Some(condition), Some(deadline_ns)) = (before, self.deadline_ns(before)) else { return false };
        match condition.reason {
            "NewReplicaSetAvailable" => false,
            "ProgressDeadlineExceeded" => true,
            _ => deadline_ns < self.now_ns,
        }
    }

    fn deadline_ns(&self, condition: Option<Condition>) -> Option<i64> {
        let seconds = condition?.updated_s + i64::from(self.deployment.spec.deadline_s?);
        Some(seconds * SIGNED_SECOND_NS)
    }

    /// A rollout that does not move is looked at again when its deadline has passed (`requeueStuckDeployment`).
    fn look_again(&mut self, status: &Status) {
        let condition = self.deployment.status.progressing;
        let late = condition.is_some_and(|condition| condition.reason == "ProgressDeadlineExceeded");
        let Some(deadline_ns) = self.deadline_ns(condition) else { return };
        if late || self.is_complete(status) {
            return;
        }
        let second_ns = SIGNED_SECOND_NS;
        self.again = Some(if deadline_ns - self.now_ns < second_ns {
            Again::Soon
        } else {
            Again::At { time_ns: deadline_ns + second_ns }
        });
    }
}
