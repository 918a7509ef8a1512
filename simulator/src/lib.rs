//! objects + world + scenario → what would happen. Pure: seeded, in whole nanoseconds, without a clock.
//!
//! ```text
//! objects ─┐
//! World   ─┤
//! Scenario ┼─simulate→ Trace ─report→ Report
//! plans   ─┘
//! ```
//!
//! - What is simulated is what would be applied: pods, autoscalers and placement come from the Kubernetes
//!   objects alone. [`world::World`] holds what no object says: nodes, prices, start times.
//! - A release of the scenario is driven by [`compiler::plan::rollout::decide`], as on a real cluster.
//! - The same input gives the same bytes: each mechanism in [`model`] draws from a stream of its own.

pub mod cluster;
pub mod engine;
pub mod invariants;
pub mod mechanism;
pub mod model;
pub mod report;
pub mod rules;
mod run;
pub mod scenario;
pub mod world;

use std::ops::ControlFlow;

use compiler::object::Object;
use compiler::plan::Plan;

use engine::trace::Trace;
use scenario::Scenario;
use world::World;

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Simulated time since the start.
    pub now_ns: u64,
    /// Simulated time at the end.
    pub end_ns: u64,
}

/// What would happen. `plans[i]` belongs to `scenario.releases[i]`.
pub fn simulate(objects: &[Object], world: &World, scenario: &Scenario, plans: &[Plan]) -> Trace {
    simulate_with(objects, world, scenario, plans, EVENTS_MAX, &mut |_| ControlFlow::Continue(()))
}

/// Events after which a run ends unless told otherwise: about a quarter of an hour of one core, and more than a day of
/// 50,000 requests a second.
pub const EVENTS_MAX: u64 = 15_000_000_000;

/// [`simulate`] with another limit of events, telling now and then how far it has come; a `Break` ends the run, and the
/// trace says when.
pub fn simulate_with(
    objects: &[Object],
    world: &World,
    scenario: &Scenario,
    plans: &[Plan],
    events_max: u64,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Trace {
    run::Run::new(objects, world, scenario, plans).finish(events_max, progress)
}
