//! Balancers that count open requests count those that are inside pods.

use super::Invariant;
use crate::run::Run;

/// `connections-counted`
pub(super) static INVARIANT: Invariant = Invariant { name: "connections-counted", check };

fn check(run: &Run) -> Result<(), String> {
    for (index, component) in run.components.iter().enumerate() {
        let Some(counted) = component.balancer.open_count() else { continue };
        let own = |pod: &usize| run.workloads[run.pods[*pod].workload].component == index;
        let inside = (0..run.pods.len()).filter(own).map(|pod| u64::from(run.works[pod].inside()));
        let inside: u64 = inside.sum();
        if counted != inside {
            let name = &component.name;
            return Err(format!("the balancer of {name} counts {counted} open requests, {inside} are"));
        }
    }
    Ok(())
}
