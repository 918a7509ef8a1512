//! What holds at every moment of every run, one a file. Tests check it at every sample, and every run at some and at the end.

mod bills_add_up;
mod connections_counted;
mod littles_law;
mod node_capacity;
mod pods_accounted;
mod pods_counted;
mod pools_bounded;
mod requests_conserved;
mod times_in_order;

pub(crate) use littles_law::Open;

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
    &connections_counted::INVARIANT,
    &littles_law::INVARIANT,
    &node_capacity::INVARIANT,
    &pods_accounted::INVARIANT,
    &pods_counted::INVARIANT,
    &pools_bounded::INVARIANT,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::connection_pool::Links;
    use crate::run::fixture::{manifest, object, scenario, world};
    use crate::scenario::{Patience, Pool};

    /// What the invariants say of a run in which something was made wrong.
    fn broken(wrong: impl FnOnce(&mut Run)) -> Vec<&'static str> {
        let (world, scenario) = (world(2), scenario());
        let objects = [object(manifest("Deployment", "web:1", json!({"replicas": 4})))];
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        assert_all(&run);
        wrong(&mut run);
        ALL.iter()
            .filter(|invariant| (invariant.check)(&run).is_err())
            .map(|invariant| invariant.name)
            .collect()
    }

    #[test]
    fn each_finds_what_it_looks_for() {
        assert_eq!(
            broken(|run| run.pods[0].eci_from_ns = Some(0)),
            [""; 0],
            "nothing is billed at the beginning"
        );
        assert_eq!(broken(|run| run.components[0].spent_on_gone = 1_000_000), ["bills-add-up"]);
        assert_eq!(broken(|run| run.counters[0].open.ended(1)), ["littles-law"]);
        assert_eq!(broken(|run| run.nodes[0].cpu_requested += 1), ["node-capacity"]);
        assert_eq!(broken(|run| run.nodes[0].pods_max = 1), ["node-capacity"]);
        assert_eq!(broken(|run| run.pending.push(9, 0, 0)), ["pods-accounted"]);
        assert_eq!(broken(|run| run.workloads[0].revisions[0].counts.ready += 1), ["pods-counted"]);
        let link = |open| {
            let mut links = Links::default();
            links.add(&Patience {
                pool: Some(Pool { connections: 1, lifetime_ns: None }),
                ..Patience::default()
            });
            links.all[0].open = open;
            links
        };
        assert_eq!(broken(|run| run.links = link(0)), [""; 0]);
        assert_eq!(broken(|run| run.links = link(1)), ["pools-bounded"]);
        assert_eq!(broken(|run| run.links.to_pods.extend([((0, 0), 1)])), ["pools-bounded"]);
        assert_eq!(broken(|run| run.counters[0].total.arrived += 1), ["requests-conserved"]);
        assert_eq!(broken(|run| run.pods[0].running_ns = 1), ["times-in-order"]);
        assert_eq!(broken(|run| run.nodes[0].left_ns = Some(0)), ["times-in-order"]);
    }
}
