//! Nothing before its time: a pod is made, placed, started and ready in that order, on a node that is there.

use super::Invariant;
use crate::cluster::{Phase, Pod};
use crate::run::Run;

/// `times-in-order`
pub(super) static INVARIANT: Invariant = Invariant { name: "times-in-order", check };

fn check(run: &Run) -> Result<(), String> {
    let now = run.clock.now_ns();
    for (number, pod) in run.pods.iter().enumerate() {
        if let Some(wrong) = wrong(run, pod, now.cast_signed()) {
            return Err(format!("pod {number} {wrong}"));
        }
    }
    let last = run.trace.happenings.last();
    if last.is_some_and(|last| last.at_ns > now) {
        return Err("something has happened that is still to come".to_owned());
    }
    Ok(())
}

fn wrong(run: &Run, pod: &Pod, now: i64) -> Option<&'static str> {
    let created = pod.created_ns.cast_signed();
    // What ran before the beginning has its times before it.
    let made_before = pod.start_time_ns < 0;
    let node = pod.node.map(|node| &run.nodes[node]);
    let ran = matches!(pod.phase, Phase::Running);
    if created > now || pod.start_time_ns > now || pod.running_ns > now || pod.transition_ns > now {
        Some("has a time that is still to come")
    } else if !made_before && pod.node.is_some() && pod.start_time_ns < created {
        Some("had a node before it was made")
    } else if ran && pod.running_ns < pod.start_time_ns {
        Some("ran before it had a node")
    } else if pod.ready && pod.transition_ns < pod.running_ns {
        Some("was ready before it ran")
    } else if pod.phase == Phase::Pending && pod.node.is_some() || ran && pod.node.is_none() {
        Some("runs without a node, or waits on one")
    } else if node.is_some_and(|node| node.left_ns.is_some()) {
        Some("is on a node that has left")
    } else if node.is_some_and(|node| node.billed_from_ns.cast_signed() > pod.start_time_ns.max(0)) {
        Some("was on a node that was not there yet")
    } else if pod.metric.is_some_and(|sample| sample.at_ns > now || sample.window_ns < 0) {
        Some("has a sample of the time to come")
    } else {
        None
    }
}
