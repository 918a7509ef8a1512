//! What a rollout does next: one pure function from record, observation and time to the next step.
//!
//! The simulator calls it in virtual time, the runtime on the cluster. It is level-triggered: it looks at
//! what is, never at what happened, so a driver may crash, sleep or be replaced between any two calls.

use super::fence::{closed, fence, marked};
use super::release::{Bounds, Count, Mechanism, Release, Stage, TimeNs, share_down, share_up};
pub use super::step::{
    Autoscaler, Budget, Decision, Member, MemberState, ObjectState, Observation, Outcome, Reason, Shared,
    Workload, Write,
};
use super::verification::{is_told, verify};
use super::{deployments, nodes, partition};
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
        return closed(release, seen).map_or(Decision::Paused { batch: None }, Decision::Write);
    }
    match release.stage {
        Stage::Prepare => prepare(release, seen, now),
        Stage::Shift { batch, replicas } => match release.plan.mechanism {
            Mechanism::Deployments => deployments::forward(release, seen, now, batch, replicas),
            Mechanism::Partition => partition::forward(release, seen, now, batch, replicas),
            Mechanism::Nodes => nodes::forward(release, seen, now, batch, replicas),
        },
        Stage::Hold { batch, replicas } => hold(release, seen, now, batch, replicas),
        Stage::Finish => finish(release, seen, now),
        Stage::Done => match settled(release, seen, now) {
            Some(Decision::Write(write)) => Decision::Write(write),
            Some(_) | None => Decision::Done(Outcome::Released),
        },
        Stage::Back { replicas } => match release.plan.mechanism {
            Mechanism::Deployments => deployments::back(release, seen, now, replicas),
            Mechanism::Partition => partition::back(release, seen, now),
            Mechanism::Nodes => nodes::back(release, seen, now),
        },
        Stage::Cancel => match closed(release, seen) {
            Some(write) => Decision::Write(write),
            None => record(release.at(Stage::Aborted, now)),
        },
        Stage::Aborted => Decision::Done(Outcome::RolledBack),
    }
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
    match release.plan.mechanism {
        Mechanism::Deployments => deployments::begin(release, seen, now),
        Mechanism::Partition => partition::begin(release, seen, now),
        Mechanism::Nodes => nodes::begin(release, seen, now),
    }
}

fn hold(release: &Release, seen: &Observation, now: TimeNs, batch: usize, replicas: u32) -> Decision {
    if is_told(release, seen, batch) {
        return verify(release, seen, now, batch);
    }
    let (new, old) = (target(release, seen), previous(release, seen));
    let share = release.batch_target(batch, replicas);
    let last = share >= replicas;
    if !last && release.plan.mechanism == Mechanism::Deployments {
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
    let (have, rest) = counts(release, seen);
    if verified && release.waits_for_a_person(batch) && rest > 0 {
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
    let live = have + rest;
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
    let decision = match release.plan.mechanism {
        Mechanism::Deployments => {
            counted(release, new, now).or_else(|| deployments::left(release, seen)).map(Decision::Write)
        }
        Mechanism::Partition => {
            counted(release, new, now).map(Decision::Write).or_else(|| partition::settled(release, seen))
        }
        // The nodes are the count.
        Mechanism::Nodes => return nodes::settled(release, seen),
    };
    if decision.is_some() {
        return decision;
    }
    if !new.observed {
        return Some(wait(Reason::Controller(new.object.to_string())));
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

/// The first object that is not what the plan says.
fn converge(release: &Release, seen: &Observation) -> Option<Write> {
    let epoch = release.epoch;
    let exchanged = release.stage == Stage::Prepare && !release.in_place;
    for (object, (key, state)) in release.plan.objects.iter().zip(&seen.objects).enumerate() {
        let shared = matches!(key.kind.as_str(), "StatefulSet" | "DaemonSet");
        let scaled = shared || matches!(key.kind.as_str(), "Deployment" | "HorizontalPodAutoscaler");
        match state {
            // Its template is exchanged once what the way back leads to is written down.
            ObjectState::Differs if shared && exchanged => continue,
            ObjectState::Absent => return Some(Write::Birth { object, epoch }),
            ObjectState::Differs | ObjectState::Same { .. } => {}
        }
        // Before an apply without the count, somebody else must own it.
        if let Some(object) = scaled.then(|| unowned(seen, key)).flatten() {
            return Some(Write::Own { object, epoch });
        }
        if *state == ObjectState::Differs {
            return Some(marked(release, seen, object).unwrap_or(Write::Apply { object }));
        }
    }
    None
}

fn unowned(seen: &Observation, key: &ObjectKey) -> Option<ObjectKey> {
    seen.workloads.iter().find_map(|workload| {
        let object = (&workload.object == key).then_some(workload.count_owned);
        let scaler = workload.autoscaler.as_ref().filter(|scaler| &scaler.key == key);
        let owned = object.or(scaler.map(|scaler| scaler.bounds_owned))?;
        (!owned).then(|| key.clone())
    })
}

/// Turns a wait into a failure when pods cannot become ready or the time is over.
pub(super) fn guarded(
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
    let (object, epoch, from) = (workload.object.clone(), release.epoch, workload.replicas);
    Write::Scale { object, epoch, from, to }
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

/// The object vanished between two looks: waiting for it is the named end of that.
pub(super) fn missing(release: &Release) -> Decision {
    let kind = match release.plan.mechanism {
        Mechanism::Deployments => "Deployment",
        Mechanism::Partition => "StatefulSet",
        Mechanism::Nodes => "DaemonSet",
    };
    wait(Reason::Controller(format!("{kind} of revision {}", release.plan.revision)))
}

/// How many pods the plan's revision has, and how many others have.
fn counts(release: &Release, seen: &Observation) -> (u32, u32) {
    match release.plan.mechanism {
        Mechanism::Deployments => {
            let replicas = |workload: &Workload| workload.replicas;
            (target(release, seen).map_or(0, replicas), previous(release, seen).map_or(0, replicas))
        }
        Mechanism::Partition => partition::counts(release, seen),
        Mechanism::Nodes => nodes::counts(release, seen),
    }
}

pub(super) fn target<'a>(release: &Release, seen: &'a Observation) -> Option<&'a Workload> {
    seen.workloads.iter().find(|workload| workload.revision == release.plan.revision)
}

pub(super) fn previous<'a>(release: &Release, seen: &'a Observation) -> Option<&'a Workload> {
    let revision = release.previous.as_ref().filter(|revision| **revision != release.plan.revision)?;
    seen.workloads.iter().find(|workload| &workload.revision == revision)
}

pub(super) fn policy(release: &Release, now: TimeNs) -> Option<Bounds> {
    match release.plan.count {
        Count::Fixed(_) => None,
        Count::Auto(bounds) => Some(release.plan.raised(bounds, now)),
    }
}

pub(super) fn initial(release: &Release, now: TimeNs) -> u32 {
    match release.plan.count {
        Count::Fixed(count) => count,
        Count::Auto(bounds) => release.plan.raised(bounds, now).min,
    }
}
