//! Every pod is without a node, on exactly one, or gone.

use super::Invariant;
use crate::cluster::Phase;
use crate::run::Run;

/// `pods-accounted`
pub(super) static INVARIANT: Invariant = Invariant { name: "pods-accounted", check };

fn check(run: &Run) -> Result<(), String> {
    let placed: usize = run.nodes.iter().map(|node| node.pods.len()).sum();
    let gone = run.pods.iter().filter(|pod| pod.phase == Phase::Gone).count();
    let accounted = placed + gone + run.pending.len();
    if accounted != run.pods.len() {
        return Err(format!("{} pods were made, {accounted} are accounted for", run.pods.len()));
    }
    Ok(())
}
