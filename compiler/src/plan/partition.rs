//! One StatefulSet: its partition falls member by member, so that those with the highest ordinals come first.

use super::release::{Bounds, Release, Stage, TimeNs};
use super::rollout::{
    Decision, Observation, Reason, Write, bound, guarded, initial, missing, record, scale, wait,
};
use super::shared::{away, exchange, gone, kept, released, replace, set, template};
use super::step::{Member, Shared, Workload};

/// Where a rollout goes from its preparation.
pub(super) fn begin(release: &Release, seen: &Observation, now: TimeNs) -> Decision {
    let Some((set, shared)) = set(seen) else { return missing(release) };
    if release.in_place {
        return record(release.at(Stage::Finish, now));
    }
    if let Some(write) = exchange(release, set, shared, now) {
        // Nothing of the set changes before it is written down what the way back leads to.
        let written_down = release.previous_template.is_some();
        return Decision::Write(written_down.then(|| held(release, set, shared)).flatten().unwrap_or(write));
    }
    let last = release.plan.batches.len().saturating_sub(1);
    let serves = release.previous_template.is_some() && set.replicas > 0;
    let (batch, replicas) = if serves { (0, set.replicas) } else { (last, initial(release, now)) };
    record(release.at(Stage::Shift { batch, replicas }, now))
}

/// Members follow the template, up to the end of a batch.
pub(super) fn forward(
    release: &Release,
    seen: &Observation,
    now: TimeNs,
    batch: usize,
    replicas: u32,
) -> Decision {
    let what = format!("batch {}", batch + 1);
    let Some((set, shared)) = released(release, seen) else {
        return guarded(release, now, missing(release), None, &what);
    };
    // An autoscaler is inert at zero replicas, so the first members are always asked for directly.
    if set.replicas == 0 && replicas > 0 {
        return Decision::Write(scale(release, set, replicas));
    }
    let goal = replicas.saturating_sub(release.batch_target(batch, replicas));
    match lower(release, seen, (set, shared), &release.plan.revision, goal) {
        None => record(release.at(Stage::Hold { batch, replicas }, now)),
        Some(decision) => guarded(release, now, decision, set.failure.as_ref(), &what),
    }
}

/// Members go back to the previous template.
pub(super) fn back(release: &Release, seen: &Observation, now: TimeNs) -> Decision {
    let aborted = || record(release.at(Stage::Aborted, now));
    let Some((set, shared)) = set(seen) else { return gone(release, now) };
    let Some(previous) = kept(release) else {
        if set.replicas > 0 {
            return Decision::Write(scale(release, set, 0));
        }
        let gone = set.observed && set.live == 0;
        let reason = Reason::Gone { revision: set.revision.clone(), have: set.live, want: 0 };
        return if gone { aborted() } else { wait(reason) };
    };
    if set.revision != *previous {
        let write = held(release, set, shared).unwrap_or_else(|| template(release, set, previous));
        return Decision::Write(write);
    }
    // A member that is not available would stay as it is: its controller waits for it for ever.
    let stuck =
        |member: &&Member| member.revision != *previous && !member.is_available() && !member.is_terminating();
    let stuck: Vec<&Member> = shared.members.iter().filter(stuck).collect();
    // Below the partition it would be made again of what its controller takes for the current revision.
    if let Some(lowest) =
        stuck.iter().map(|member| member.ordinal).min().filter(|low| *low < shared.partition)
    {
        return Decision::Write(partition(release, set, shared, lowest));
    }
    if let Some(decision) =
        replace(release, shared, &stuck).or_else(|| lower(release, seen, (set, shared), previous, 0))
    {
        return decision;
    }
    let bounds = release.previous_bounds.map(|bounds| release.plan.raised(bounds, now));
    bounds.and_then(|bounds| bound(release, set, bounds)).map_or_else(aborted, Decision::Write)
}

/// What keeps a released set from being what the plan says: every member of its revision.
pub(super) fn settled(release: &Release, seen: &Observation) -> Option<Decision> {
    let (set, shared) = set(seen)?;
    lower(release, seen, (set, shared), &release.plan.revision, 0)
}

/// How many members are of the plan's revision, and how many are not.
pub(super) fn counts(release: &Release, seen: &Observation) -> (u32, u32) {
    let Some((set, shared)) = set(seen) else { return (0, 0) };
    let new = |member: &&Member| member.revision == release.plan.revision && !member.is_terminating();
    let new = shared.members.iter().filter(new).count() as u32;
    (new, set.replicas.saturating_sub(new))
}

/// What must hold before the template changes: no member takes it at once, and none that takes it later dies first,
/// as the one with the highest ordinal would when the autoscaler lowers the count.
fn held(release: &Release, set: &Workload, shared: &Shared) -> Option<Write> {
    if shared.partition < set.replicas {
        return Some(partition(release, set, shared, set.replicas));
    }
    let scaler = set.autoscaler.as_ref()?;
    let Bounds { min, max } = scaler.bounds;
    (set.replicas > 0)
        .then(|| Bounds { min: min.max(set.replicas).min(max), max })
        .and_then(|to| bound(release, set, to))
}

/// Lowers the partition by one member at a time, each once those before it are available; `None` at the goal.
fn lower(
    release: &Release,
    seen: &Observation,
    (set, shared): (&Workload, &Shared),
    revision: &str,
    goal: u32,
) -> Option<Decision> {
    if !set.observed {
        return Some(wait(Reason::Controller(set.object.to_string())));
    }
    let follows = |member: &&Member| {
        member.ordinal >= shared.partition && member.revision == revision && member.is_available()
    };
    let (have, want) =
        (shared.members.iter().filter(follows).count() as u32, set.replicas.saturating_sub(shared.partition));
    if have < want {
        return Some(wait(Reason::Available { revision: revision.to_owned(), have, want }));
    }
    if shared.partition <= goal {
        return None;
    }
    let to = shared.partition.min(set.replicas.max(1)) - 1;
    let to = to.max(goal);
    let available = shared.members.iter().filter(|member| member.is_available()).count() as u32;
    let next = shared.members.iter().find(|member| member.ordinal == to);
    let costs = next.is_some_and(|member| member.is_available() && member.revision != revision);
    if let Some(reason) = seen.unmet().filter(|_| costs) {
        return Some(wait(reason));
    }
    if costs && set.replicas.saturating_sub(available) >= away(release, set.replicas) {
        let waiting = format!("its members: {available} of {} are available", set.replicas);
        return Some(wait(Reason::Gate { object: set.object.clone(), waiting }));
    }
    Some(Decision::Write(partition(release, set, shared, to)))
}

fn partition(release: &Release, set: &Workload, shared: &Shared, to: u32) -> Write {
    Write::Partition { object: set.object.clone(), epoch: release.epoch, from: shared.partition, to }
}
