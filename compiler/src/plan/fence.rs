//! What keeps a late write from landing: stamps on what is there, and objects where they would be created.

use super::release::{Release, Stage};
use super::rollout::{Decision, ObjectState, Observation, Write};

impl Release {
    /// Whether somebody has aborted it, and it is not over yet.
    pub fn is_going_back(&self) -> bool {
        matches!(self.stage, Stage::Back { .. } | Stage::Cancel)
    }
}

/// Stamps every child with the record's epoch before anything else is written.
pub(super) fn fence(release: &Release, seen: &Observation) -> Option<Decision> {
    for workload in &seen.workloads {
        let scaler = workload.autoscaler.as_ref().map(|scaler| (&scaler.key, scaler.epoch));
        let members = workload.shared.iter().flat_map(|shared| &shared.members);
        // Their deletions may be on their way.
        let replaced =
            members.filter(|member| release.replacing.contains(&member.uid) && !member.is_terminating());
        let replaced = replaced.map(|member| (&member.pod, member.epoch));
        for (object, epoch) in [(&workload.object, workload.epoch)].into_iter().chain(scaler).chain(replaced)
        {
            if epoch > Some(release.epoch) {
                return Some(taken_over(object));
            }
            if epoch != Some(release.epoch) {
                let (object, to) = (object.clone(), release.epoch);
                return Some(Decision::Write(Write::Stamp { object, from: epoch, to }));
            }
        }
    }
    let mut newer = release.plan.objects.iter().zip(&seen.stamps);
    newer.find(|(_, epoch)| **epoch > Some(release.epoch)).map(|(object, _)| taken_over(object))
}

/// What an apply would change is stamped first: an apply whose look is older then no longer lands.
pub(super) fn marked(release: &Release, seen: &Observation, object: usize) -> Option<Write> {
    let stamp = *seen.stamps.get(object)?;
    let object = release.plan.objects.get(object).filter(|_| stamp != Some(release.epoch))?.clone();
    Some(Write::Stamp { object, from: stamp, to: release.epoch })
}

/// What must still be written before nothing more may land. A creation has no stamp to test, so that only the object
/// itself stands against one that is late; it starts no pods.
pub(super) fn closed(release: &Release, seen: &Observation) -> Option<Write> {
    seen.objects.iter().enumerate().find_map(|(object, state)| match state {
        ObjectState::Absent => Some(Write::Birth { object, epoch: release.epoch }),
        ObjectState::Differs => marked(release, seen, object),
        ObjectState::Same { .. } => None,
    })
}

fn taken_over(object: &crate::object::ObjectKey) -> Decision {
    Decision::Failed { reason: format!("another holder has taken over {object}") }
}
