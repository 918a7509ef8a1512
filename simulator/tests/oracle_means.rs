//! The means of queues, loss and traffic against closed forms, over twenty seeds each.

mod fixture;
mod statistics;

use fixture::{Fixture, MS, SECOND, fixture};
use jiff::tz::TimeZone;
use simulator::engine::random::Duration;
use simulator::engine::trace::ComponentTrace;
use simulator::scenario::{Arrivals, Bursts, Daily, Spike};
use statistics::{Chain, Mean, check, one_worker};

/// Waiting room that nobody fills.
const ENDLESS: u32 = 1_000_000;

/// One pod whose mean service time is 1 ms, `rate` requests in that time, and so many of them.
fn queue(workers: u32, room: u32, rate: f64, arrivals: f64) -> Fixture {
    let mut fixture = fixture(
        "resources cpu=\"1\" memory=\"512Mi\"\nreplicas 1",
        "pool \"general\" cpu=1 memory=\"4Gi\" nodes=1\nprofile \"ack-docs\"",
    );
    fixture.scenario.traffic[0].base_per_second = 1000.0 * rate;
    fixture.scenario.duration_ns = (arrivals / rate * MS as f64) as u64;
    let service = &mut fixture.scenario.services[0];
    (service.cpu, service.wait) = (Duration::Constant(0), Duration::Exponential(MS as f64));
    (service.concurrency, service.queue) = (workers, room);
    fixture
}

/// What the one component did with a seed.
fn with_seed(fixture: &mut Fixture, seed: u64) -> ComponentTrace {
    fixture.scenario.seed = seed;
    fixture.api()
}

/// Compares the mean time in the system, in mean service times.
fn check_time(what: &str, fixture: &mut Fixture, mean: Mean) {
    check(what, mean, |seed| with_seed(fixture, seed).latency.mean_ns() / MS as f64);
}

#[test]
fn the_formulas_give_the_values_of_textbooks() {
    let close =
        |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 1e-4, "{found} for {wanted}");
    close(one_worker(0.8, [1.0, 2.0, 6.0, 24.0], 1.0).value, 5.0);
    close(one_worker(0.95, [1.0; 4], 1.0).value, 10.5);
    close(Chain::of(2, 400, 1.5).time_in_system(1.0).value, 1.0 + 1.285_714);
    close(Chain::of(10, 900, 9.0).time_in_system(1.0).value, 1.0 + 0.668_732);
    for (workers, room, rate, loss, time) in [
        (1, 10, 0.8, 0.023_493, 3.797_098),
        (1, 10, 1.2, 0.192_586, 6.926_138),
        (4, 20, 3.6, 0.016_805, 2.195),
        (4, 20, 8.0, 0.500_001, 4.750_019),
        (10, 10, 9.0, 0.167_963, 1.0),
    ] {
        let chain = Chain::of(workers, room, rate);
        close(chain.loss(1.0).value, loss);
        close(chain.time_in_system(1.0).value, time);
    }
    // Two ways to one variance: a chain without an end, and a single worker.
    let (chain, worker) = (Chain::of(1, 800, 0.8), one_worker(0.8, [1.0, 2.0, 6.0, 24.0], 1.0));
    close(chain.time_in_system(1.0).standard_error, worker.standard_error);
    // With one place and no queue every request is lost or not on its own: whoever came last is there or has gone.
    let lost = Chain::of(1, 1, 0.5).loss(1.0);
    close(lost.standard_error.powi(2), lost.value * (1.0 - lost.value));
}

#[test]
fn one_worker_is_m_m_1() {
    for (rate, arrivals) in [(0.5, 50_000.0), (0.8, 100_000.0)] {
        let mean = one_worker(rate, [1.0, 2.0, 6.0, 24.0], arrivals);
        check_time(&format!("M/M/1 at {rate}"), &mut queue(1, ENDLESS, rate, arrivals), mean);
    }
}

#[test]
fn several_workers_are_m_m_c() {
    for (workers, rate, arrivals) in [(2_u32, 1.5, 50_000.0), (10, 9.0, 100_000.0), (100, 95.0, 100_000.0)] {
        let mean = Chain::of(workers as usize, workers as usize + 900, rate).time_in_system(arrivals);
        check_time(&format!("M/M/{workers}"), &mut queue(workers, ENDLESS, rate, arrivals), mean);
    }
}

#[test]
fn a_constant_service_time_is_m_d_1() {
    for rate in [0.5, 0.8] {
        let mut fixture = queue(1, ENDLESS, rate, 50_000.0);
        let service = &mut fixture.scenario.services[0];
        (service.cpu, service.wait) = (Duration::Constant(MS), Duration::Constant(0));
        check_time(&format!("M/D/1 at {rate}"), &mut fixture, one_worker(rate, [1.0; 4], 50_000.0));
    }
}

#[test]
fn a_shared_cpu_is_m_g_1_ps_however_the_cpu_times_vary() {
    let (rate, arrivals) = (0.8, 60_000.0);
    // With exponential times as many are there as with one worker; the other two have no formula for the error.
    let exponential = Chain::of(1, 800, rate).time_in_system(arrivals);
    let of_seed = |seed: u64, cpu: Duration| {
        let mut fixture = queue(100_000, 0, rate, arrivals);
        let service = &mut fixture.scenario.services[0];
        (service.cpu, service.wait) = (cpu, Duration::Constant(0));
        with_seed(&mut fixture, seed).latency.mean_ns() / MS as f64
    };
    let hyperexponential = Duration::hyperexponential(MS, 4.0).expect("its variation is above 1");
    for (what, cpu) in [
        ("M/M/1-PS", Duration::Exponential(MS as f64)),
        ("M/D/1-PS", Duration::Constant(MS)),
        ("M/H2/1-PS", hyperexponential),
    ] {
        let mean = match cpu {
            Duration::Exponential(_) => exponential,
            Duration::Constant(_)
            | Duration::Hyperexponential { .. }
            | Duration::Lognormal { .. }
            | Duration::Table(_) => {
                Mean::with_pilots(exponential.value, Mean::pilots().map(|seed| of_seed(seed, cpu)))
            }
        };
        assert!((mean.value - 5.0).abs() < 1e-6, "1 / (1 - load): {}", mean.value);
        check(what, mean, |seed| of_seed(seed, cpu));
    }
}

#[test]
fn a_lognormal_service_time_is_m_g_1() {
    let mut fixture = queue(1, ENDLESS, 0.7, 50_000.0);
    let wait = Duration::lognormal(MS, 3 * MS).expect("a lognormal has both");
    let Duration::Lognormal { sigma, .. } = wait else { panic!("it is a lognormal") };
    fixture.scenario.services[0].wait = wait;
    // With mean 1 the k-th moment is exp(k (k - 1) sigma² / 2).
    let moments = [1.0, 2.0, 3.0, 4.0].map(|k: f64| (k * (k - 1.0) * sigma * sigma / 2.0).exp());
    check_time("M/G/1", &mut fixture, one_worker(0.7, moments, 50_000.0));
}

#[test]
fn a_full_queue_is_m_m_c_k() {
    for (workers, room, rate) in
        [(1_u32, 10_u32, 0.8), (1, 10, 1.2), (4, 20, 3.6), (4, 20, 8.0), (10, 10, 9.0)]
    {
        let (what, arrivals) = (format!("M/M/{workers}/{room} at {rate}"), 30_000.0);
        let chain = Chain::of(workers as usize, room as usize, rate);
        let mut fixture = queue(workers, room - workers, rate, arrivals);
        check_time(&what, &mut fixture, chain.time_in_system(arrivals));
        check(&what, chain.loss(arrivals), |seed| {
            let requests = with_seed(&mut fixture, seed).requests;
            requests.failed as f64 / requests.arrived as f64
        });
    }
}

#[test]
fn an_overload_fills_and_drains_as_a_fluid_does() {
    // 2,000 a second for a minute where 1,000 are served, then 500.
    let mut fixture = queue(1, ENDLESS, 0.5, 1.0);
    fixture.scenario.duration_ns = 200 * SECOND;
    let service = &mut fixture.scenario.services[0];
    (service.cpu, service.wait) = (Duration::Constant(MS), Duration::Constant(0));
    let traffic = &mut fixture.scenario.traffic[0];
    traffic.shape.arrivals = Arrivals::Equidistant;
    traffic.spikes.push(Spike { at_ns: 0, times: 4.0, over_ns: 0, hold_ns: 60 * SECOND, fall_ns: 0 });
    let api = fixture.api();
    let at = |second: usize| api.samples[second - 1].in_flight;
    let peak = api.samples.iter().map(|sample| sample.in_flight).max();
    assert_eq!(peak, Some(at(60)), "the peak is when the overload ends");
    assert!(at(60).abs_diff(60_000) <= 2, "(rate - capacity) · time: {}", at(60));
    assert!(at(120).abs_diff(30_000) <= 2, "half is drained after half of the time: {}", at(120));
    assert!(at(179) >= 500 && at(181) <= 2, "peak / (capacity - rate) later: {} and {}", at(179), at(181));
    let wait_ns = api.latency.max_ns();
    assert!(wait_ns.abs_diff(60 * SECOND) <= 3 * MS, "who comes last waits longest: {wait_ns}");
    // 60,000 · 180 s / 2 of waiting, and the service of each.
    let area = api.latency.mean_ns() * api.latency.count() as f64 / SECOND as f64;
    let wanted = 5.4e6 + api.latency.count() as f64 / 1000.0;
    assert!((area / wanted - 1.0).abs() < 1e-4, "{area} for {wanted}");
}

#[test]
fn a_day_of_slow_requests_is_m_t_m_infinity() {
    // Two days, so that by the second nothing is left of the empty beginning: ten times the mean service time of two hours.
    let hour = 3600 * SECOND;
    let (per_second, service_hours, ratio) = (0.2, 2.0, 3.0);
    let mut fixture = queue(100_000, 0, 1.0, 1.0);
    let scenario = &mut fixture.scenario;
    (scenario.duration_ns, scenario.traffic[0].base_per_second) = (48 * hour, per_second);
    scenario.services[0].wait = Duration::Exponential(service_hours * hour as f64);
    scenario.traffic[0].shape.daily =
        Some(Daily { peak_minute: 18 * 60, low_minute: 6 * 60, ratio, zone: TimeZone::UTC });
    // Eick, Massey and Whitt, The physics of the M(t)/G/∞ queue, Operations Research 41, 1993: with rate a + b sin(w t)
    // the number is Poisson with mean a/m + b (m sin(w t) - w cos(w t)) / (m² + w²); the rate here is a - b sin(w t).
    let (a, b) = (per_second * 3600.0, -per_second * 3600.0 * (ratio - 1.0) / (ratio + 1.0));
    let (m, w) = (1.0 / service_hours, std::f64::consts::TAU / 24.0);
    let wanted = |hours: f64| a / m + b * (m * (w * hours).sin() - w * (w * hours).cos()) / (m * m + w * w);
    let seeds: Vec<Vec<f64>> = (1..=20)
        .map(|seed| {
            let api = with_seed(&mut fixture, seed);
            let at = |hours: u64| api.samples.iter().find(|sample| sample.at_ns >= hours * hour);
            [24, 32, 40, 46].map(|hours| at(hours).map_or(0.0, |sample| sample.in_flight as f64)).to_vec()
        })
        .collect();
    for (index, hours) in [24.0, 32.0, 40.0, 46.0].into_iter().enumerate() {
        let value = wanted(hours);
        // What is Poisson has its mean as its variance.
        let mean = Mean { value, standard_error: value.sqrt() };
        check(&format!("M(t)/M/∞ at {hours} h"), mean, |seed| seeds[seed as usize - 1][index]);
    }
}

#[test]
fn bursts_bring_as_many_requests_as_their_chain_says() {
    let (on, off, times, rate, seconds) = (2.0, 6.0, 3.0, 50.0, 1000.0);
    let mut fixture = queue(1_000, 0, 1.0, 1.0);
    let second = SECOND as f64;
    fixture.scenario.duration_ns = (seconds * second) as u64;
    let bursts = Bursts { mean_on_ns: (on * second) as u64, mean_off_ns: (off * second) as u64, times };
    let traffic = &mut fixture.scenario.traffic[0];
    (traffic.base_per_second, traffic.shape.bursts) = (rate, Some(bursts));
    let share = on / (on + off);
    let value = rate * (1.0 + share * (times - 1.0));
    // Fischer and Meier-Hellstern, The Markov-modulated Poisson process cookbook, Performance Evaluation 18, 1993: the
    // variance of the count grows by its mean and by 2 p (1 - p) (difference of the rates)² / (sum of the chain's rates).
    let apart = rate * (times - 1.0);
    let variance = value + 2.0 * share * (1.0 - share) * apart * apart / (1.0 / on + 1.0 / off);
    let mean = Mean { value, standard_error: (variance / seconds).sqrt() };
    check("bursts", mean, |seed| with_seed(&mut fixture, seed).requests.arrived as f64 / seconds);
}
