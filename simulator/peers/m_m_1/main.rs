//! How fast the engine is beside others: the same M/M/1 on each, in one run.
//!
//! ```text
//! cargo bench --manifest-path simulator/peers/Cargo.toml
//! ```
//!
//! Some minutes to build: the peers bring seventy crates, and all are optimised together.
//!
//! Two events make a customer: it arrives, and it is done. All draw from the same generator, on one thread; each
//! must come near the mean wait of theory, or its speed would mean nothing.

mod bare;
mod whole;
mod with_nexosim;
mod with_simcore;

use std::time::Instant;

/// Customers that arrive while one is served, on average.
const UTILIZATION: f64 = 0.8;
/// How long they wait on average, in mean service times: u / (1 - u).
const WAIT: f64 = 4.0;
/// The mean of two million waits has a standard error of about 0.6 %.
const WAIT_TOLERANCE: f64 = 0.05;
/// Customers served in a round.
const CUSTOMERS: u64 = 2_000_000;
/// Each round runs all engines one after the other, so that a busy machine slows all of them.
const ROUNDS: usize = 5;

/// What an engine made of it.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    /// Events taken.
    events: u64,
    /// The mean wait of those served, in mean service times.
    wait: f64,
}

/// An engine, and its M/M/1 of a number of customers.
type Engine = (&'static str, fn(u64) -> Outcome);

const ENGINES: [Engine; 5] = [
    ("engine alone", bare::run),
    ("whole simulator", whole::run),
    ("simcore", with_simcore::run),
    ("nexosim, two models", with_nexosim::run_connected),
    ("nexosim, one model", with_nexosim::run_alone),
];

fn main() {
    // `cargo test --benches` only asks whether it runs.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let (customers, rounds) = if is_bench { (CUSTOMERS, ROUNDS) } else { (CUSTOMERS / 10, 1) };
    let mut speeds = ENGINES.map(|_| Vec::new());
    let mut waits = ENGINES.map(|_| 0.0);
    for _ in 0..rounds {
        for (index, (name, run)) in ENGINES.into_iter().enumerate() {
            let began = Instant::now();
            let Outcome { events, wait } = run(customers);
            speeds[index].push(events as f64 / began.elapsed().as_secs_f64());
            let tolerance = WAIT_TOLERANCE * (CUSTOMERS as f64 / customers as f64).sqrt();
            assert!((wait / WAIT - 1.0).abs() < tolerance, "{name}: a mean wait of {wait} for {WAIT}");
            waits[index] = wait;
        }
    }
    let medians = speeds.map(|mut speeds| {
        speeds.sort_unstable_by(f64::total_cmp);
        speeds[speeds.len() / 2]
    });
    let [alone, whole, ..] = medians;
    println!(
        "M/M/1 at {UTILIZATION}, {customers} customers, medians of {rounds}; a wait of {WAIT} by theory\n"
    );
    println!(
        "{:20} {:>14} {:>8} {:>14} {:>15}",
        "", "million events/s", "wait", "engine alone ×", "whole simulator ×"
    );
    for (index, (name, _)) in ENGINES.iter().enumerate() {
        let (speed, wait) = (medians[index], waits[index]);
        println!(
            "{name:20} {:>16.2} {wait:>8.3} {:>14.2} {:>17.2}",
            speed / 1e6,
            alone / speed,
            whole / speed
        );
    }
}
