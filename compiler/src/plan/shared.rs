//! What `StatefulSet` and `DaemonSet` have in common: every revision shares the object, so its pod template is exchanged
//! first, and pods follow.

use super::release::{Release, Stage, TimeNs};
use super::rollout::{Decision, Observation, Write, record};
use super::step::{Member, Shared, Workload};

/// The component's one StatefulSet or DaemonSet.
pub(super) fn set(seen: &Observation) -> Option<(&Workload, &Shared)> {
    seen.workloads.iter().find_map(|workload| Some((workload, workload.shared.as_ref()?)))
}

/// The same, if it has the plan's template.
pub(super) fn released<'a>(release: &Release, seen: &'a Observation) -> Option<(&'a Workload, &'a Shared)> {
    set(seen).filter(|(set, _)| set.revision == release.plan.revision)
}

/// The revision that the way back leads to, if it is written down what it is.
pub(super) fn kept(release: &Release) -> Option<&String> {
    release.previous.as_ref().filter(|_| release.previous_template.is_some())
}

/// The end of a way back on which there is no set: it leads to an object, or to nothing.
pub(super) fn gone(release: &Release, now: TimeNs) -> Decision {
    match kept(release) {
        Some(_) => record(release.failed("what both revisions share is gone".into())),
        None => record(release.at(Stage::Aborted, now)),
    }
}

/// Gives the set the plan's template, once it is written down what the way back leads to; `None` if it has it.
pub(super) fn exchange(release: &Release, set: &Workload, shared: &Shared, now: TimeNs) -> Option<Write> {
    if set.revision == release.plan.revision {
        return None;
    }
    if release.previous_template.is_some() {
        return Some(template(release, set, &release.plan.revision));
    }
    let bounds = set.autoscaler.as_ref().map(|scaler| release.plan.lowered(scaler.bounds, now));
    Some(Write::Record(Box::new(Release {
        previous: Some(set.revision.clone()),
        previous_template: Some(shared.template.clone()),
        previous_bounds: bounds,
        previous_replicas: Some(set.replicas),
        ..release.clone()
    })))
}

/// Gives the set the template of a revision.
pub(super) fn template(release: &Release, set: &Workload, revision: &str) -> Write {
    let (object, epoch) = (set.object.clone(), release.epoch);
    Write::Template { object, epoch, revision: revision.to_owned() }
}

/// Replaces the members of a wave, one write each, once it is recorded which they are; `None` if there are none.
pub(super) fn replace(release: &Release, shared: &Shared, wave: &[&Member]) -> Option<Decision> {
    let first = wave.first()?;
    let recorded = |member: &&&Member| release.replacing.contains(&member.uid);
    // `fence` has stamped those that are recorded.
    if let Some(member) = wave.iter().find(recorded) {
        let (pod, uid, epoch) = (member.pod.clone(), member.uid.clone(), release.epoch);
        return Some(Decision::Write(Write::Replace { pod, uid, epoch }));
    }
    // A deletion of an earlier wave whose answer was lost may be on its way as long as its pod is there.
    let there = shared.members.iter().filter(|member| recorded(&member));
    let replacing = there.chain(wave.iter().copied()).map(|member| member.uid.clone()).collect();
    debug_assert!(!recorded(&first), "what is recorded is replaced");
    Some(record(Release { replacing, ..release.clone() }))
}

/// How many members may be away at a time: the share that the plan allows, and at least one, since there is no place
/// for another beside it.
pub(super) fn away(release: &Release, replicas: u32) -> u32 {
    super::release::share_down(replicas, release.plan.unavailable_percent).max(1)
}
