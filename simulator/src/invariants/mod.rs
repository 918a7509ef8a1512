//! What holds at every moment of every run, one a file. Tests check it at every sample, and every run at some and at the end.

mod bills_add_up;
mod node_capacity;
mod pods_accounted;
mod pods_counted;
mod requests_conserved;
mod times_in_order;

use crate::run::Run;

/// One thing that always holds.
pub(crate) struct Invariant {
    /// What is broken if it does not.
    pub name: &'static str,
    /// Says what is wrong, if anything is.
    pub check: fn(&Run) -> Result<(), String>,
}

/// Every invariant, sorted by name. That time never runs back is asserted by the clock itself.
static ALL: &[&Invariant] = &[
    &bills_add_up::INVARIANT,
    &node_capacity::INVARIANT,
    &pods_accounted::INVARIANT,
    &pods_counted::INVARIANT,
    &requests_conserved::INVARIANT,
    &times_in_order::INVARIANT,
];

/// Checks all of them; what fails is a bug of the simulator.
pub(crate) fn assert_all(run: &Run) {
    for invariant in ALL {
        if let Err(wrong) = (invariant.check)(run) {
            panic!("{} at {} ns: {wrong}", invariant.name, run.clock.now_ns());
        }
    }
}
