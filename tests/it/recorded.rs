//! A run that was recorded on a real node, beside its simulation: `specs/hpa-fast`.
//!
//! Nothing is fitted to it: the scenario has the settings of the run and what a request was measured to cost. When
//! controllers look is by chance there and here, so what counts is the middle of twenty seeds.

use compiler::diag::Diagnostics;
use compiler::lower::lower;
use compiler::source::Sources;
use libtest_mimic::Trial;
use simulator::engine::trace::{ComponentTrace, Sample};
use simulator::scenario::{self, Scenario};
use simulator::world::World;

use crate::fields::checked;
use crate::process::{note, root, trial};

const SECOND_NS: u64 = 1_000_000_000;
/// One sync of the autoscaler and one scrape of metrics-server.
const NEAR_SECONDS: f64 = 5.0 + 10.0;

/// What happens to the count, and when it did in the recorded run, in seconds since the load began.
const RECORDED: [(&str, f64); 4] = [
    ("4 replicas or more", 58.0),
    ("7 replicas or more", 78.0),
    ("fewer again", 243.0),
    ("1 replica", 253.0),
];
/// Requests that were answered of those that ended from second 41 to second 80, in per cent.
const SUCCESS_PERCENT: f64 = 77.5;
/// The median latency of the steady part.
const P50_MS: f64 = 7.3;

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![trial(
        "recorded::the_simulation_comes_near_a_recorded_run",
        the_simulation_comes_near_a_recorded_run,
    )]
}

/// One run of a seed.
struct Figures {
    times: [f64; 4],
    success_percent: f64,
    p50_ms: f64,
}

fn the_simulation_comes_near_a_recorded_run() {
    let folder = root().join("specs/hpa-fast");
    let checked = checked(&folder);
    let text = std::fs::read_to_string(folder.join("scenario.kdl")).expect("it is there");
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let document = compiler::parse::parse(&sources.add("scenario.kdl", text), &mut diagnostics);
    let node = document.named("scenario").next().expect("the file has one");
    let scenario = scenario::resolve(node, &checked, &mut diagnostics).expect("it is clean");
    let cell = scenario.cell(&checked).expect("it names a cell");
    let (objects, world) = (lower(&checked, cell).objects, World::new(checked.cluster(cell)));
    let runs: Vec<Figures> = (1..=20)
        .map(|seed| {
            let scenario = Scenario { seed, ..scenario.clone() };
            figures(&simulator::simulate(&objects, &world, &scenario, &[]).components.remove(0))
        })
        .collect();
    for (index, (what, recorded)) in RECORDED.into_iter().enumerate() {
        let times: Vec<f64> = runs.iter().map(|run| run.times[index]).collect();
        let near = times.iter().filter(|time| (*time - recorded).abs() <= NEAR_SECONDS).count();
        let middle = median(times);
        note(&format!(
            "recorded: {what} at {recorded} s, simulated {middle:.0} s; {near} of 20 seeds within 15 s"
        ));
        assert!((middle - recorded).abs() <= NEAR_SECONDS, "{what}: {middle} s for {recorded} s");
    }
    let success = median(runs.iter().map(|run| run.success_percent).collect());
    let p50 = median(runs.iter().map(|run| run.p50_ms).collect());
    note(&format!(
        "recorded: {SUCCESS_PERCENT} % answered while it scales, simulated {success:.1} %; steady p50 {P50_MS} ms, \
         simulated {p50:.1} ms"
    ));
    assert!((success - SUCCESS_PERCENT).abs() <= 6.0, "{success} %");
    assert!((p50 / P50_MS - 1.0).abs() <= 0.2, "{p50} ms");
}

fn figures(server: &ComponentTrace) -> Figures {
    let at = |from_ns: u64, holds: &dyn Fn(u32) -> bool| {
        let found = server.samples.iter().find(|sample| sample.at_ns >= from_ns && holds(sample.replicas));
        found.map_or(f64::INFINITY, |sample| sample.at_ns as f64 / SECOND_NS as f64)
    };
    let fall_ns = 220 * SECOND_NS;
    let before =
        server.samples.iter().find(|sample| sample.at_ns >= fall_ns).map_or(0, |sample| sample.replicas);
    let times =
        [at(0, &|n| n >= 4), at(0, &|n| n >= 7), at(fall_ns, &|n| n < before), at(fall_ns, &|n| n == 1)];
    let scaling = |sample: &&Sample| (41..=80).contains(&(sample.at_ns / SECOND_NS));
    let sum = |of: fn(&Sample) -> u64| server.samples.iter().filter(scaling).map(of).sum::<u64>() as f64;
    let (answered, failed) = (sum(|sample| sample.answered), sum(|sample| sample.failed));
    let p50_ns = server.latency.quantile_ns(500).unwrap_or(0);
    Figures { times, success_percent: 100.0 * answered / (answered + failed), p50_ms: p50_ns as f64 / 1e6 }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    f64::midpoint(values[half - 1], values[half])
}
