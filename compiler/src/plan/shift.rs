//! How pods move from one revision to another: never fewer than promised, never more than the surge.

use super::release::{Bounds, Release};
use super::rollout::{Decision, Reason, Workload, bound, scale, slack, wait};

/// One swap: `up` grows to `target` of `replicas`, `down` shrinks to the rest.
pub(super) struct Shift<'a> {
    pub up: Option<&'a Workload>,
    pub down: Option<&'a Workload>,
    pub target: u32,
    pub replicas: u32,
    /// The bounds of the policy that `up` scales under, if it autoscales.
    pub ceiling: Option<Bounds>,
    /// Why no pod that is available may be taken away at present.
    pub unmet: Option<Reason>,
}

/// The next step of a swap; `None` once both sides are where they belong. With a small surge one pass moves
/// only a part: the room it leaves is what the next pass raises into.
pub(super) fn shift(release: &Release, swap: &Shift) -> Option<Decision> {
    raise(release, swap).or_else(|| lower(release, swap))
}

/// `up` grows as far as the surge allows, and its pods become available.
fn raise(release: &Release, swap: &Shift) -> Option<Decision> {
    let up = swap.up?;
    let (surge, _) = slack(release, swap.replicas);
    let others = swap.down.map_or(0, |down| down.replicas.max(down.live));
    let room = (swap.replicas + surge).saturating_sub(others);
    let goal = swap.target.min(room.max(up.replicas));
    if let Some(policy) = swap.ceiling {
        // The autoscaler keeps at least the goal, and may use the batch's share of the policy's maximum.
        let share =
            (u64::from(policy.max) * u64::from(swap.target)).div_ceil(u64::from(swap.replicas.max(1)));
        let to = Bounds { min: goal.max(1), max: (share as u32).max(goal).max(1) };
        if let Some(write) = bound(release, up, to) {
            return Some(Decision::Write(write));
        }
    }
    // An autoscaler is inert at zero replicas, so the first pods are always asked for directly.
    if up.replicas < goal && (up.autoscaler.is_none() || up.replicas == 0) {
        return Some(Decision::Write(scale(release, up, goal)));
    }
    if !up.observed {
        return Some(wait(Reason::Controller(up.object.to_string())));
    }
    let have = up.kept();
    (have < goal).then(|| wait(Reason::Available { revision: up.revision.clone(), have, want: goal }))
}

/// `down` shrinks by what `up` has made good.
fn lower(release: &Release, swap: &Shift) -> Option<Decision> {
    let down = swap.down?;
    let (_, unavailable) = slack(release, swap.replicas);
    let available = swap.up.map_or(0, Workload::kept);
    let rest = swap.replicas - swap.target.min(swap.replicas);
    let goal = rest.max((swap.replicas - unavailable).saturating_sub(available));
    let goal = match &swap.unmet {
        Some(reason) if goal < down.kept() && down.replicas <= down.kept() => {
            return Some(wait(reason.clone()));
        }
        Some(_) => goal.max(down.kept().min(down.replicas)),
        None => goal,
    };
    if down.replicas > goal {
        // At zero the autoscaler switches itself off; above zero its upper bound does the work in one sync.
        match &down.autoscaler {
            Some(scaler) if goal > 0 => {
                let to = Bounds { min: scaler.bounds.min.min(goal), max: goal };
                if let Some(write) = bound(release, down, to) {
                    return Some(Decision::Write(write));
                }
            }
            Some(_) | None => return Some(Decision::Write(scale(release, down, goal))),
        }
    }
    let gone = down.observed && down.replicas <= goal && down.live <= goal;
    let reason =
        Reason::Gone { revision: down.revision.clone(), have: down.live.max(down.replicas), want: goal };
    (!gone).then(|| wait(reason))
}
