//! What single requests inside a pod see, against closed forms: what no trace tells.

use crate::engine::random::Duration;
use crate::run::Run;
use crate::run::fixture::{self, SECOND};
use crate::run::statistics::{Chain, Mean, check};
use crate::scenario::{Client, Patience, Scenario};
use crate::world::World;

/// The mean service time.
const MS: u64 = 1_000_000;

/// One pod with one core, and callers who send so many requests a mean service time, until about so many have come.
fn sample(rate: f64, arrivals: f64) -> (World, Scenario) {
    let (mut world, mut scenario) = (fixture::world(1), fixture::asked(Duration::Constant(0)));
    world.pools[0].cpu_milli = 1_000;
    scenario.traffic[0].base_per_second = rate * (SECOND / MS) as f64;
    scenario.duration_ns = (arrivals / rate * MS as f64) as u64;
    (world, scenario)
}

/// How much CPU time each request needed, and how long it was there.
fn needed_and_took(seed: u64, cpu: Duration) -> Vec<(f64, f64)> {
    let ((world, mut scenario), objects) = (sample(0.8, 30_000.0), fixture::web(1));
    (scenario.seed, scenario.services[0].cpu) = (seed, cpu);
    let mut run = Run::new(&objects, &world, &scenario, &[]);
    let mut inside: Vec<(u32, f64, u64)> = Vec::new();
    let mut over = Vec::new();
    while run.take() {
        let (now, work) = (run.clock.now_ns(), &run.works[0]);
        inside.retain(|(known, needed, from_ns)| {
            let is_there = work.running.jobs().any(|job| job == *known);
            if !is_there {
                over.push((*needed, (now - from_ns) as f64));
            }
            is_there
        });
        for (done, job) in work.running.all() {
            if !inside.iter().any(|(known, ..)| *known == job) {
                inside.push((job, done - work.served_ns, now));
            }
        }
    }
    over
}

#[test]
fn on_a_shared_cpu_everybody_takes_as_many_times_as_long_as_alone() {
    // M/G/1-PS (Kleinrock, Queueing Systems 2, 1976): E[T|x] = x / (1 - load), so 2 ms take 10 ms at 0.8.
    let cpu = Duration::hyperexponential(MS, 4.0).unwrap();
    let groups = [(0.4, 0.6), (1.9, 2.1), (3.0, 20.0)];
    let slowdowns = |seed: u64| -> Vec<f64> {
        let requests = needed_and_took(seed, cpu);
        let of = |(from, to): (f64, f64)| {
            let group = |needed: f64| (from..to).contains(&(needed / MS as f64));
            let sums = requests.iter().filter(|(needed, _)| group(*needed));
            let (needed, took) = sums.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            took / needed
        };
        groups.map(of).to_vec()
    };
    let pilots: Vec<Vec<f64>> = Mean::pilots().map(slowdowns).collect();
    let seeds: Vec<Vec<f64>> = (1..=20).map(slowdowns).collect();
    for (index, (from, to)) in groups.into_iter().enumerate() {
        let mean = Mean::with_pilots(1.0 / (1.0 - 0.8), pilots.iter().map(|slowdowns| slowdowns[index]));
        check(&format!("{from} to {to} ms"), mean, |seed| seeds[seed as usize - 1][index]);
    }
}

/// The shares of those who give up while they wait and of those who wait at all, and how long they wait.
fn given_up_and_waited(seed: u64, workers: u32, rate: f64, impatience: f64, arrivals: f64) -> [f64; 3] {
    let ((world, mut scenario), objects) = (sample(rate, arrivals), fixture::web(1));
    let service = &mut scenario.services[0];
    (service.concurrency, service.queue, service.drops_abandoned) = (workers, 1_000_000, true);
    service.wait = Duration::Exponential(MS as f64);
    // Who is being served may give up too, but the worker goes on, so that the queue does not see it.
    let timeout = Some(Duration::Exponential(MS as f64 / impatience));
    let patience = Patience { timeout, ..Patience::default() };
    scenario.clients.push(Client { name: "all".into(), of: "web".into(), patience });
    scenario.seed = seed;
    let mut run = Run::new(&objects, &world, &scenario, &[]);
    let (mut came, mut waited, mut area, mut before_ns) = (0_u64, 0_u64, 0.0, 0);
    let (mut counted, mut inside, mut waiting) = run.works[0].counted();
    while run.take() {
        let now = run.clock.now_ns();
        area += waiting as f64 * (now - before_ns) as f64;
        let after = run.works[0].counted();
        if after.0.taken > counted.taken {
            came += 1;
            waited += u64::from(inside >= workers.into());
        }
        ((counted, inside, waiting), before_ns) = (after, now);
    }
    let all = came as f64;
    [run.counters[0].total.dropped as f64 / all, waited as f64 / all, area / MS as f64 / all]
}

#[test]
fn callers_who_leave_the_queue_when_they_give_up_are_erlang_a() {
    for (workers, rate, impatience, arrivals, wanted) in [
        (10_u32, 9.0, 0.5, 30_000.0, [0.067_012, 0.468_942, 0.134_023]),
        (10, 12.0, 0.5, 30_000.0, [0.195_656, 0.850_385, 0.391_312]),
        (100, 110.0, 1.0, 60_000.0, [0.099_192, 0.841_721, 0.099_192]),
    ] {
        // The more wait, the more give up: hundreds never do, and their shares are too small to be divided by.
        let room = workers as usize + 100;
        let chain = Chain::with_impatience(workers as usize, room, rate, impatience);
        let means = [chain.given_up(arrivals), chain.waits(arrivals), chain.waiting_time(arrivals)];
        let measured = |seed| given_up_and_waited(seed, workers, rate, impatience, arrivals);
        let seeds: Vec<[f64; 3]> = (1..=20).map(measured).collect();
        for (index, what) in ["given up", "waited", "waiting"].into_iter().enumerate() {
            assert!((means[index].value - wanted[index]).abs() < 1e-6, "{what}: {}", means[index].value);
            let what = format!("{what}, M/M/{workers}+M at {rate}");
            check(&what, means[index], |seed| seeds[seed as usize - 1][index]);
        }
    }
}
