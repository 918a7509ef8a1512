//! Every interleaving of two operators, their crashes and late writes, and commands, on rollouts that are small
//! enough to try them all: the protocol of `decide` and of the records keeps its promises in every state.

mod children;
mod deployments;
mod flaw;
mod operator;
mod promises;
mod records;
mod search;
mod state;
mod worlds;

use flaw::Flaw;
use search::{Found, search};
use worlds::{Case, cases};

/// What the protocol of this version is known to lack.
const KNOWN: &[Flaw] = &[Flaw::PauseLeft, Flaw::BlindApply, Flaw::BlindBirth];

fn run(case: Case, flaws: &'static [Flaw]) -> Found {
    let Case { name, world, first, children, left } = case;
    let found = search(&children::World { flaws, ..world }, first, children, left);
    println!("{name}, {left:?}, {flaws:?}: {} states, depth {}", found.states, found.depth);
    found
}

/// A creation or an apply carries no condition, and a run that finds a pause takes it over.
#[test]
fn what_is_in_flight_may_still_land_after_a_pause() {
    for case in cases() {
        let broken = run(case, KNOWN).broken.expect("it is known");
        println!("{}", broken.promise);
        assert!(broken.promise.starts_with("I6") || broken.promise.starts_with("I8"), "{}", broken.way);
    }
}
