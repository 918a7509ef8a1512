//! What holds at every moment of every run, one a file; checked at each sample of debug builds and tests.

mod connections_counted;
mod node_capacity;
mod pods_accounted;
mod pods_counted;
mod requests_conserved;

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
    &connections_counted::INVARIANT,
    &node_capacity::INVARIANT,
    &pods_accounted::INVARIANT,
    &pods_counted::INVARIANT,
    &requests_conserved::INVARIANT,
];

/// Checks all of them; what fails is a bug of the simulator.
pub(crate) fn assert_all(run: &Run) {
    for invariant in ALL {
        if let Err(wrong) = (invariant.check)(run) {
            panic!("{} at {} ns: {wrong}", invariant.name, run.clock.now_ns());
        }
    }
}
