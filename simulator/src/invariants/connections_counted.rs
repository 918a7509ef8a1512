//! Balancers that count what is open count requests inside pods, and connections that callers keep.

use super::Invariant;
use crate::run::Run;

/// `connections-counted`
pub(super) static INVARIANT: Invariant = Invariant { name: "connections-counted", check };

fn check(run: &Run) -> Result<(), String> {
    let mut open = vec![0_u64; run.components.len()];
    let used = run.requests.ties.iter().filter_map(|tie| tie.connection);
    let kept = used.chain(run.links.all.iter().flat_map(|link| link.idle.iter().copied()));
    let kept = kept.filter(|connection| connection.choice.via.counts());
    for pod in run.jobs.counted().chain(kept.map(|connection| connection.choice.pod)) {
        open[run.workloads[run.pods[pod as usize].workload].component] += 1;
    }
    for (component, open) in run.components.iter().zip(open) {
        let Some(counted) = component.balancer.open_count() else { continue };
        if counted != open {
            let name = &component.name;
            return Err(format!("the balancer of {name} counts {counted} open, {open} are"));
        }
    }
    Ok(())
}
