//! What controllers count of a template's pods is what there is.

use super::Invariant;
use crate::model::workloads::pods::counted;
use crate::model::workloads::replica_set::Counts;
use crate::run::Run;

/// `pods-counted`
pub(super) static INVARIANT: Invariant = Invariant { name: "pods-counted", check };

fn check(run: &Run) -> Result<(), String> {
    for workload in &run.workloads {
        let mut counts = vec![Counts::default(); workload.revisions.len()];
        for pod in workload.pods.iter().chain(&workload.ending) {
            let pod = &run.pods[*pod as usize];
            let (counts, more) = (&mut counts[pod.revision as usize], counted(pod));
            counts.active += more.active;
            counts.ready += more.ready;
            counts.available += more.available;
            counts.terminating += more.terminating;
        }
        if !counts.iter().eq(workload.revisions.iter().map(|revision| &revision.counts)) {
            return Err(format!("{} counts other pods than it has", workload.key));
        }
    }
    Ok(())
}
