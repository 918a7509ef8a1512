//! One DaemonSet: its pods are replaced node by node. Nodes that are not ready are skipped.

use super::birth::NOTHING;
use super::release::{Release, Stage, TimeNs};
use super::rollout::{Decision, Observation, Reason, guarded, missing, record, wait};
use super::shared::{away, exchange, gone, kept, released, replace, set, template};
use super::step::{Member, Shared, Workload};

/// Where a rollout goes from its preparation.
pub(super) fn begin(release: &Release, seen: &Observation, now: TimeNs) -> Decision {
    let Some((set, shared)) = set(seen) else { return missing(release) };
    if release.in_place {
        return record(release.at(Stage::Finish, now));
    }
    if let Some(write) = exchange(release, set, shared, now) {
        return Decision::Write(write);
    }
    if !set.observed {
        return wait(Reason::Controller(set.object.to_string()));
    }
    // Where nothing serves yet, there is nothing that a canary could protect: straight to the last batch.
    let last = release.plan.batches.len().saturating_sub(1);
    let first = release.previous.as_deref().is_none_or(|previous| previous == NOTHING);
    let batch = if first { last } else { 0 };
    record(release.at(Stage::Shift { batch, replicas: set.replicas }, now))
}

/// Nodes get pods of the new template, up to the end of a batch.
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
    // The pod has run, so the node was ready when its pod was replaced.
    let lost = |member: &&Member| member.revision == release.plan.revision && member.is_lost();
    let lost = shared.members.iter().find(lost).filter(|_| release.previous_template.is_some());
    if let Some(member) = lost {
        return record(
            release.failed(format!("{what}: node {} is not ready since its pod was replaced", member.node)),
        );
    }
    let all = batch + 1 >= release.plan.batches.len();
    let target = if all { u32::MAX } else { release.batch_target(batch, replicas) };
    match follow(release, seen, (set, shared), &release.plan.revision, target) {
        None => record(release.at(Stage::Hold { batch, replicas }, now)),
        Some(decision) => guarded(release, now, decision, set.failure.as_ref(), &what),
    }
}

/// Nodes get pods of the previous template back.
pub(super) fn back(release: &Release, seen: &Observation, now: TimeNs) -> Decision {
    let Some((set, shared)) = set(seen) else { return gone(release, now) };
    let Some(previous) = kept(release) else { return record(release.at(Stage::Aborted, now)) };
    if set.revision != *previous {
        return Decision::Write(template(release, set, previous));
    }
    follow(release, seen, (set, shared), previous, u32::MAX)
        .unwrap_or_else(|| record(release.at(Stage::Aborted, now)))
}

/// What keeps a released set from being what the plan says: a pod of its revision on every node that is ready.
pub(super) fn settled(release: &Release, seen: &Observation) -> Option<Decision> {
    let (set, shared) = set(seen)?;
    follow(release, seen, (set, shared), &release.plan.revision, u32::MAX)
}

/// How many nodes that are ready have a pod of the plan's revision, and how many have another.
pub(super) fn counts(release: &Release, seen: &Observation) -> (u32, u32) {
    let Some((_, shared)) = set(seen) else { return (0, 0) };
    let (new, old): (Vec<&Member>, Vec<&Member>) = shared
        .members
        .iter()
        .filter(|member| member.reachable)
        .partition(|m| m.revision == release.plan.revision);
    (new.len() as u32, old.len() as u32)
}

/// Replaces pods until `target` nodes have one of the revision; `None` once they are available.
fn follow(
    release: &Release,
    seen: &Observation,
    (set, shared): (&Workload, &Shared),
    revision: &str,
    target: u32,
) -> Option<Decision> {
    if !set.observed {
        return Some(wait(Reason::Controller(set.object.to_string())));
    }
    let skipped = shared.members.iter().filter(|member| !member.reachable).count() as u32;
    let nodes = set.replicas.saturating_sub(skipped);
    let target = target.min(nodes);
    let reachable = || shared.members.iter().filter(|member| member.reachable);
    let of = |member: &&Member| member.revision == revision && !member.is_terminating();
    let (new, have) = (
        reachable().filter(of).count() as u32,
        reachable().filter(of).filter(|m| m.is_available()).count() as u32,
    );
    let available = reachable().filter(|member| member.is_available()).count() as u32;
    let mut old: Vec<&Member> =
        reachable().filter(|member| member.revision != revision && !member.is_terminating()).collect();
    // Those that do not work are replaced first, and at no cost.
    old.sort_by_key(|member| member.is_available());
    let free = old.iter().filter(|member| !member.is_available()).count() as u32;
    let most = if seen.unmet().is_some() { 0 } else { away(release, nodes) };
    let away = most.saturating_sub(nodes.saturating_sub(available));
    // Where a pod was deleted, its controller makes the next one of the template.
    let coming = nodes.saturating_sub(new + old.len() as u32);
    let wave = (free + away).min(target.saturating_sub(new + coming));
    old.truncate(wave as usize);
    replace(release, shared, &old).or_else(|| {
        let (revision, want) = (revision.to_owned(), target);
        (have < target).then(|| wait(Reason::Available { revision, have, want }))
    })
}
