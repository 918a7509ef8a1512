//! Requests in = answered + failed + in flight, exactly.

use super::Invariant;
use crate::run::Run;

/// `requests-conserved`
pub(super) static INVARIANT: Invariant = Invariant { name: "requests-conserved", check };

fn check(run: &Run) -> Result<(), String> {
    let open: u64 = run.counters.iter().map(crate::run::Counters::in_flight).sum();
    let there = run.requests.open_count();
    if open != there {
        return Err(format!("{open} requests should be in flight, {there} are"));
    }
    Ok(())
}
