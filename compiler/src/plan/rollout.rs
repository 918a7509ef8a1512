//! What a rollout does next: one pure function from record, observation and time to the next step.
//!
//! The simulator calls it in virtual time, the runtime on the cluster. It is level-triggered: it looks at
//! what is, never at what happened, so a driver may crash, sleep or be replaced between any two calls.

use super::release::{Bounds, Count, Release, Stage, TimeNs, share_down, share_up};
use super::shift::{Shift, shift};
pub use super::step::{Autoscaler, Decision, ObjectState, Observation, Outcome, Reason, Workload, Write};
use super::verification::{is_told, verify};
use crate::object::ObjectKey;

/// The next step of a rollout.
pub fn decide(release: &Release, seen: &Observation, now: TimeNs) -> Decision {
    if let Some(decision) = fence(release, seen) {
        return decision;
    }
    if let Some(reason) = &release.failed {
        return Decision::Failed { reason: reason.clone() };
    }
    if release.paused {
        return Decision::Paused { batch: None };
    }
    match release.stage {
        Stage::Prepare => prepare(release, seen, now),
        Stage::Shift { batch, replicas } => forward(release, seen, now, batch, replicas),
        Stage::Hold { batch, replicas } => hold(release, seen, now, batch, replicas),
        Stage::Finish => finish(release, seen, now),
        Stage::Done => match settled(release, seen, now) {
            Some(Decision::Write(write)) => Decision::Write(write),
            Some(_) | None => Decision::Done(Outcome::Released),
        },
        Stage::Back { replicas } => back(release, seen, now, replicas),
        Stage::Aborted => Decision::Done(Outcome::RolledBack),
    }
}

/// Stamps every child with the record's epoch before anything else is written.
fn fence(release: &Release, seen: &Observation) -> Option<Decision> {
    for workload in &seen.workloads {
        let scaler = workload.autoscaler.as_ref().map(|scaler| (&scaler.key, scaler.epoch));
        for (object, epoch) in [(&workload.deployment, workload.epoch)].into_iter().chain(scaler) {
            if epoch > Some(release.epoch) {
                let reason = format!("another holder has taken over {object}");
                return Some(Decision::Failed { reason });
            }
            if epoch != Some(release.epoch) {
                let (object, to) = (object.clone(), release.epoch);
                return Some(Decision::Write(Write::Stamp { object, from: epoch, to }));
            }
        }
    }
    None
}

fn prepare(release: &Release, seen: &Observation, now: TimeNs) -> Decision {
    if let Some(name) = seen.unready_dependencies.first() {
        return wait(Reason::Dependency(name.clone()));
    }
    if let Some(need) = &seen.unready_need {
        return wait(Reason::Need(need.clone()));
    }
    if let Some(write) = converge(release, seen) {
        return Decision::Write(write);
    }
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

fn forward(release: &Release, seen: &Observation, now: TimeNs, batch: usize, replicas: u32) -> Decision {
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

fn hold(release: &Release, seen: &Observation, now: TimeNs, batch: usize, replicas: u32) -> Decision {
    if is_told(release, seen, batch) {
        return verify(release, seen, now, batch);
    }
    let (new, old) = (target(release, seen), previous(release, seen));
    let share = release.batch_target(batch, replicas);
    let last = share >= replicas;
    if !last {
        // Both revisions autoscale while people look: the two ranges add up to at least the policy's.
        let before = release.previous_bounds.map(|bounds| release.plan.raised(bounds, now));
        let shared = [(new, policy(release, now), share), (old, before, replicas - share)];
        for (workload, whole, part) in shared {
            if let (Some(workload), Some(whole)) = (workload, whole)
                && let Some(write) = bound(release, workload, portion(whole, part, replicas))
            {
                return Decision::Write(write);
            }
        }
    }
    let verified = release.is_verified(batch);
    // A person is asked last, with the answers at hand.
    if verified && release.waits_for_a_person(batch) && old.is_some_and(|old| old.live > 0) {
        return Decision::Paused { batch: Some(batch) };
    }
    let until = release.entered_ns + release.plan.batches.get(batch).map_or(0, |planned| planned.wait_ns);
    if now < until && !last {
        return Decision::Wait { until: Some(until), reason: Reason::BatchWait(batch) };
    }
    if !verified {
        if let Some(failure) = new.and_then(|new| new.failure.as_ref()) {
            return record(release.failed(format!("batch {}: {failure}", batch + 1)));
        }
        return verify(release, seen, now, batch);
    }
    if last {
        return record(release.at(Stage::Finish, now));
    }
    let have = new.map_or(0, |new| new.replicas);
    let live = have + old.map_or(0, |old| old.replicas);
    // A batch that asks for no more than is there would only repeat this one.
    let last = release.plan.batches.len().saturating_sub(1);
    let next = (batch + 1..last).find(|batch| release.batch_target(*batch, live) > have).unwrap_or(last);
    record(release.at(Stage::Shift { batch: next, replicas: live }, now))
}

fn finish(release: &Release, seen: &Observation, now: TimeNs) -> Decision {
    if let Some(decision) = settled(release, seen, now) {
        let failure = target(release, seen).and_then(|new| new.failure.as_ref());
        return guarded(release, now, decision, failure, "the end of the rollout");
    }
    for (object, state) in release.plan.objects.iter().zip(&seen.objects) {
        if let ObjectState::Same { waiting: Some(waiting) } = state {
            let reason = Reason::Gate { object: object.clone(), waiting: waiting.clone() };
            return guarded(release, now, wait(reason), None, "the end of the rollout");
        }
    }
    record(release.at(Stage::Done, now))
}

/// What keeps the cluster from being what the plan says, once every pod is of the plan's revision.
fn settled(release: &Release, seen: &Observation, now: TimeNs) -> Option<Decision> {
    if let Some(write) = converge(release, seen) {
        return Some(Decision::Write(write));
    }
    let new = target(release, seen)?;
    let write =
        counted(release, new, now).or_else(|| superfluous(release, seen)).or_else(|| awake(release, seen));
    if let Some(write) = write {
        return Some(Decision::Write(write));
    }
    if !new.observed {
        return Some(wait(Reason::Controller(new.deployment.to_string())));
    }
    // The autoscaler raises the count to its lower bound in one sync.
    let want = policy(release, now).map_or(new.replicas, |bounds| new.replicas.max(bounds.min));
    let (revision, have) = (new.revision.clone(), new.available);
    (have < want).then(|| wait(Reason::Available { revision, have, want }))
}

/// Brings the count, or the autoscaler's bounds, to what the plan says.
fn counted(release: &Release, new: &Workload, now: TimeNs) -> Option<Write> {
    match release.plan.count {
        Count::Fixed(count) => match &new.autoscaler {
            Some(scaler) => Some(Write::Remove { object: scaler.key.clone(), epoch: release.epoch }),
            None => (new.replicas != count).then(|| scale(release, new, count)),
        },
        // An autoscaler that is switched off at zero would leave the component without pods for ever.
        Count::Auto(bounds) => {
            let bounds = release.plan.raised(bounds, now);
            bound(release, new, bounds)
                .or_else(|| (new.replicas == 0).then(|| scale(release, new, bounds.min)))
        }
    }
}

/// The previous revision has no pods once the rollout is over. What scales by the clock may have woken it in the
/// moment in which it was still the one that serves.
fn awake(release: &Release, seen: &Observation) -> Option<Write> {
    let old = previous(release, seen).filter(|old| old.replicas > 0)?;
    Some(scale(release, old, 0))
}

/// A revision that neither serves nor is the way back; the previous one stays for a quick return.
fn superfluous(release: &Release, seen: &Observation) -> Option<Write> {
    let kept = [Some(&release.plan.revision), release.previous.as_ref()];
    let stale = seen.workloads.iter().find(|workload| !kept.contains(&Some(&workload.revision)))?;
    let object = stale.autoscaler.as_ref().map_or(&stale.deployment, |scaler| &scaler.key).clone();
    Some(Write::Remove { object, epoch: release.epoch })
}

fn back(release: &Release, seen: &Observation, now: TimeNs, replicas: u32) -> Decision {
    let (new, old) = (target(release, seen), previous(release, seen));
    if old.is_none() && release.previous.as_ref().is_some_and(|previous| *previous != release.plan.revision) {
        // Without the way back, taking pods away would leave nothing that serves.
        return record(release.failed("the previous revision's Deployment is gone".into()));
    }
    let back_to = old.map_or(0, |_| replicas);
    let bounds = release.previous_bounds.map(|bounds| release.plan.raised(bounds, now));
    let swap = Shift { up: old, down: new, target: back_to, replicas: back_to, ceiling: bounds };
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

/// The first object that is not what the plan says.
fn converge(release: &Release, seen: &Observation) -> Option<Write> {
    let epoch = release.epoch;
    for (object, (key, state)) in release.plan.objects.iter().zip(&seen.objects).enumerate() {
        let scaled = matches!(key.kind.as_str(), "Deployment" | "HorizontalPodAutoscaler");
        match state {
            ObjectState::Absent if scaled => return Some(Write::Birth { object, epoch }),
            ObjectState::Absent => return Some(Write::Apply { object }),
            ObjectState::Differs | ObjectState::Same { .. } => {}
        }
        // Before an apply without the count, somebody else must own it.
        if let Some(object) = scaled.then(|| unowned(seen, key)).flatten() {
            return Some(Write::Own { object, epoch });
        }
        if *state == ObjectState::Differs {
            return Some(Write::Apply { object });
        }
    }
    None
}

fn unowned(seen: &Observation, key: &ObjectKey) -> Option<ObjectKey> {
    seen.workloads.iter().find_map(|workload| {
        let deployment = (&workload.deployment == key).then_some(workload.count_owned);
        let scaler = workload.autoscaler.as_ref().filter(|scaler| &scaler.key == key);
        let owned = deployment.or(scaler.map(|scaler| scaler.bounds_owned))?;
        (!owned).then(|| key.clone())
    })
}

/// Turns a wait into a failure when pods cannot become ready or the time is over.
fn guarded(
    release: &Release,
    now: TimeNs,
    decision: Decision,
    failure: Option<&String>,
    what: &str,
) -> Decision {
    let Decision::Wait { until, reason } = decision else { return decision };
    if let Some(failure) = failure {
        return record(release.failed(format!("{what}: {failure}")));
    }
    let deadline = release.entered_ns.saturating_add(release.plan.deadline_ns);
    if now >= deadline {
        return record(release.failed(format!("{what} took too long: {reason}")));
    }
    Decision::Wait { until: Some(until.unwrap_or(deadline).min(deadline)), reason }
}

/// A part of a policy's bounds: lower bounds add up to no more than the policy's, upper bounds to no less.
fn portion(whole: Bounds, part: u32, of: u32) -> Bounds {
    let of = u64::from(of.max(1));
    let product = |bound: u32| u64::from(bound) * u64::from(part);
    let (min, max) = ((product(whole.min) / of) as u32, product(whole.max).div_ceil(of) as u32);
    Bounds { min: min.max(1), max: max.max(1) }
}

pub(super) fn bound(release: &Release, workload: &Workload, to: Bounds) -> Option<Write> {
    let scaler = workload.autoscaler.as_ref().filter(|scaler| scaler.bounds != to)?;
    let (autoscaler, epoch, from) = (scaler.key.clone(), release.epoch, scaler.bounds);
    Some(Write::Bound { autoscaler, epoch, from, to })
}

pub(super) fn scale(release: &Release, workload: &Workload, to: u32) -> Write {
    let (deployment, epoch, from) = (workload.deployment.clone(), release.epoch, workload.replicas);
    Write::Scale { deployment, epoch, from, to }
}

pub(super) fn wait(reason: Reason) -> Decision {
    Decision::Wait { until: None, reason }
}

/// Surge rounds up, unavailable down, as Kubernetes does; both zero would never move.
pub(super) fn slack(release: &Release, replicas: u32) -> (u32, u32) {
    let surge = share_up(replicas, release.plan.surge_percent);
    let unavailable = share_down(replicas, release.plan.unavailable_percent);
    if surge == 0 && unavailable == 0 { (1, 0) } else { (surge, unavailable) }
}

pub(super) fn record(release: Release) -> Decision {
    Decision::Write(Write::Record(Box::new(release)))
}

/// The Deployment vanished between two looks: waiting for it is the named end of that.
fn missing(release: &Release) -> Decision {
    wait(Reason::Controller(format!("Deployment of revision {}", release.plan.revision)))
}

fn target<'a>(release: &Release, seen: &'a Observation) -> Option<&'a Workload> {
    seen.workloads.iter().find(|workload| workload.revision == release.plan.revision)
}

fn previous<'a>(release: &Release, seen: &'a Observation) -> Option<&'a Workload> {
    let revision = release.previous.as_ref().filter(|revision| **revision != release.plan.revision)?;
    seen.workloads.iter().find(|workload| &workload.revision == revision)
}

fn policy(release: &Release, now: TimeNs) -> Option<Bounds> {
    match release.plan.count {
        Count::Fixed(_) => None,
        Count::Auto(bounds) => Some(release.plan.raised(bounds, now)),
    }
}

fn initial(release: &Release, now: TimeNs) -> u32 {
    match release.plan.count {
        Count::Fixed(count) => count,
        Count::Auto(bounds) => release.plan.raised(bounds, now).min,
    }
}
