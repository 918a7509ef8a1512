//! Two Deployments side by side: pods move from one to the other, batch by batch.

use super::release::{Release, Stage, TimeNs};
use super::rollout::{
    Decision, Observation, Write, bound, guarded, initial, missing, policy, previous, record, scale, slack,
    target,
};
use super::shift::{Shift, shift};

/// Where a rollout goes from its preparation.
pub(super) fn begin(release: &Release, seen: &Observation, now: TimeNs) -> Decision {
    let Some(new) = target(release, seen) else { return missing(release) };
    let old = previous(release, seen);
    let bounds = old.and_then(|old| old.autoscaler.as_ref()).map(|scaler| scaler.bounds);
    let release = &Release {
        previous: release.previous.clone().filter(|_| old.is_some()),
        // What an open window has raised is not what the way back leads to once it is closed.
        previous_bounds: bounds.map(|bounds| release.plan.lowered(bounds, now)),
        previous_replicas: old.map(|old| old.replicas),
        ..release.clone()
    };
    let next = match old {
        Some(old) if old.replicas > 0 => {
            release.at(Stage::Shift { batch: 0, replicas: old.replicas + new.replicas }, now)
        }
        // The revision serves already: only objects, counts or bounds changed.
        Some(_) | None if new.replicas > 0 => release.at(Stage::Finish, now),
        // Nothing serves yet, so there is nothing that a canary could protect: straight to the last batch.
        Some(_) | None => {
            let batch = release.plan.batches.len().saturating_sub(1);
            release.at(Stage::Shift { batch, replicas: initial(release, now) }, now)
        }
    };
    record(next)
}

/// Pods move, up to the end of a batch.
pub(super) fn forward(
    release: &Release,
    seen: &Observation,
    now: TimeNs,
    batch: usize,
    replicas: u32,
) -> Decision {
    let what = format!("batch {}", batch + 1);
    let Some(new) = target(release, seen) else {
        return guarded(release, now, missing(release), None, &what);
    };
    if let Some(live) = grown(release, seen, replicas, now) {
        return record(Release { stage: Stage::Shift { batch, replicas: live }, ..release.clone() });
    }
    let swap = Shift {
        up: Some(new),
        down: previous(release, seen),
        target: release.batch_target(batch, replicas),
        replicas,
        ceiling: policy(release, now),
        unmet: seen.unmet(),
    };
    match shift(release, &swap) {
        None => record(release.at(Stage::Hold { batch, replicas }, now)),
        Some(decision) => guarded(release, now, decision, new.failure.as_ref(), &what),
    }
}

/// The count, where autoscalers have asked for more than the batch began with: pods that load needs are not
/// taken away by a rollout that counts from an older one.
fn grown(release: &Release, seen: &Observation, replicas: u32, now: TimeNs) -> Option<u32> {
    let (new, old) = (target(release, seen)?, previous(release, seen)?);
    let (policy, (surge, _)) = (policy(release, now)?, slack(release, replicas));
    let scaled = new.autoscaler.is_some() && old.autoscaler.is_some();
    let live = new.replicas + old.replicas;
    // Both autoscalers together may be above the policy while pods move; the rollout never asks for more.
    let wanted = live.min(policy.max);
    (scaled && live > replicas + surge && wanted > replicas).then_some(wanted)
}

/// Pods move back.
pub(super) fn back(release: &Release, seen: &Observation, now: TimeNs, replicas: u32) -> Decision {
    let (new, old) = (target(release, seen), previous(release, seen));
    if old.is_none() && release.previous.as_ref().is_some_and(|previous| *previous != release.plan.revision) {
        // Without the way back, taking pods away would leave nothing that serves.
        return record(release.failed("the previous revision's Deployment is gone".into()));
    }
    let back_to = old.map_or(0, |_| replicas);
    let bounds = release.previous_bounds.map(|bounds| release.plan.raised(bounds, now));
    let swap = Shift {
        up: old,
        down: new,
        target: back_to,
        replicas: back_to,
        ceiling: bounds,
        unmet: seen.unmet(),
    };
    // Once nothing of the new revision is left, the old autoscaler's own bounds are all that it needs; the swap
    // would narrow them again.
    let left = new.is_some_and(|new| new.replicas > 0 || new.live > 0);
    if (left || bounds.is_none())
        && let Some(decision) = shift(release, &swap)
    {
        return decision;
    }
    if let (Some(old), Some(bounds)) = (old, bounds)
        && let Some(write) = bound(release, old, bounds)
    {
        return Decision::Write(write);
    }
    record(release.at(Stage::Aborted, now))
}

/// What is left of other revisions once the rollout is over.
pub(super) fn left(release: &Release, seen: &Observation) -> Option<Write> {
    superfluous(release, seen).or_else(|| awake(release, seen))
}

/// A revision that neither serves nor is the way back; the previous one stays for a quick return.
fn superfluous(release: &Release, seen: &Observation) -> Option<Write> {
    let kept = [Some(&release.plan.revision), release.previous.as_ref()];
    let stale = seen.workloads.iter().find(|workload| !kept.contains(&Some(&workload.revision)))?;
    let object = stale.autoscaler.as_ref().map_or(&stale.object, |scaler| &scaler.key).clone();
    Some(Write::Remove { object, epoch: release.epoch })
}

/// The previous revision has no pods once the rollout is over. What scales by the clock may have woken it in the
/// moment in which it was still the one that serves.
fn awake(release: &Release, seen: &Observation) -> Option<Write> {
    let old = previous(release, seen).filter(|old| old.replicas > 0)?;
    Some(scale(release, old, 0))
}
