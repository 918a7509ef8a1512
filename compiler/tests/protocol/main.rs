//! Every interleaving of two operators, their crashes and late writes, and commands, on rollouts that are small
//! enough to try them all: the protocol of `decide` and of the records keeps its promises in every state.
#![allow(clippy::print_stdout, reason = "how many states there are is the test's output")]

mod children;
mod deployments;
mod flaw;
mod landing;
mod operator;
mod promises;
mod records;
mod search;
mod state;
mod worlds;

use compiler::plan::Count;
use flaw::Flaw;
use search::{Found, search};
use worlds::{Case, cases};

fn run(case: Case, flaws: &'static [Flaw]) -> Found {
    let Case { name, world, first, children, left } = case;
    let found = search(&children::World { flaws, ..world }, first, children, left);
    println!("{name}, {left:?}, {flaws:?}: {} states, depth {}", found.states, found.depth);
    found
}

const CANARY: &str = "a count of 2, a canary with a pause";

fn keeps(case: Case) {
    let name = case.name;
    if let Some(broken) = run(case, &[]).broken {
        panic!("{name}: {}\n{}", broken.promise, broken.way);
    }
}

/// The flaw is found in a rollout, and what it breaks is one of these promises.
fn breaks(name: &str, flaws: &'static [Flaw], promises: &[&str]) {
    let case =
        cases().into_iter().find(|case| case.name == name).expect("the rollout is one of those searched");
    let broken = run(case, flaws).broken.expect("the search finds what is wrong");
    println!("{}", broken.promise);
    assert!(promises.iter().any(|promise| broken.promise.starts_with(promise)), "{}", broken.promise);
}

#[test]
fn every_interleaving_with_a_count_keeps_every_promise() {
    cases().into_iter().filter(|case| matches!(case.world.plan.count, Count::Fixed(_))).for_each(keeps);
}

#[test]
fn every_interleaving_with_autoscalers_keeps_every_promise() {
    cases().into_iter().filter(|case| matches!(case.world.plan.count, Count::Auto(_))).for_each(keeps);
}

#[test]
fn writes_without_conditions_break_promises() {
    breaks(CANARY, &[Flaw::Blind], &["I6", "I7"]);
}

#[test]
fn writes_that_test_only_the_value_break_promises() {
    breaks(CANARY, &[Flaw::ValueOnly], &["I6", "I7"]);
}

#[test]
fn commands_that_leave_the_epoch_break_promises() {
    breaks(CANARY, &[Flaw::Unbumped], &["I8"]);
}

#[test]
fn holders_that_stamp_nothing_first_break_promises() {
    breaks(CANARY, &[Flaw::Unstamped], &["I8"]);
}

#[test]
fn a_pause_that_leaves_its_stamps_to_others_breaks_promises() {
    breaks(CANARY, &[Flaw::PauseLeft], &["I8"]);
}

#[test]
fn applies_without_conditions_break_promises() {
    breaks(CANARY, &[Flaw::BlindApply], &["I6", "I8"]);
}

#[test]
fn creations_that_change_what_is_there_break_promises() {
    breaks("nothing before", &[Flaw::BlindBirth], &["I6", "I8"]);
}
