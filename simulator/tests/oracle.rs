//! Closed forms of queueing theory that are no plain means over seeds: percentiles, laws, balancers.
//!
//! Tolerances are three asymptotic standard errors at a million requests, rounded up; no seed is chosen.

mod fixture;

use fixture::{Fixture, MS, SECOND, fixture};
use simulator::engine::random::Duration;
use simulator::model::balancer::Policy;

/// One pod whose mean service time is 1 ms; `load` of what its `workers` can do, for a million requests.
fn queue(workers: u32, load: f64) -> Fixture {
    let mut fixture = fixture(
        "resources cpu=\"1\" memory=\"512Mi\"\nreplicas 1",
        "pool \"general\" cpu=1 memory=\"4Gi\" nodes=1\nprofile \"ack-docs\"",
    );
    let per_second = 1000.0 * f64::from(workers) * load;
    fixture.scenario.traffic[0].base_per_second = per_second;
    fixture.scenario.duration_ns = (1e6 / per_second * SECOND as f64) as u64;
    let service = &mut fixture.scenario.services[0];
    (service.cpu, service.wait) = (Duration::Constant(0), Duration::Exponential(MS as f64));
    (service.concurrency, service.queue) = (workers, 1_000_000);
    fixture
}

/// Compares the mean time in the system, in mean service times.
fn check(fixture: &Fixture, expected: f64, tolerance: f64) {
    let mean = fixture.api().latency.mean_ns() / MS as f64;
    let error = (mean / expected - 1.0).abs();
    assert!(error <= tolerance, "mean {mean} for {expected}: {:.2}% off", error * 100.0);
}

#[test]
fn percentiles_of_m_m_1_are_exponential() {
    let api = queue(1, 0.8).api();
    let p99 = api.latency.quantile_ns(990).expect("requests were answered") as f64 / MS as f64;
    assert!((p99 / 23.0259 - 1.0).abs() < 0.08, "p99 {p99} for 23.0259");
}

#[test]
fn little_s_law_holds() {
    let trace = queue(1, 0.8).run();
    let api = &trace.components[0];
    let in_flight: u64 = api.samples.iter().map(|sample| sample.in_flight).sum();
    let mean_in_flight = in_flight as f64 / api.samples.len() as f64;
    let rate = api.requests.arrived as f64 / (trace.duration_ns as f64 / SECOND as f64);
    let expected = rate * api.latency.mean_ns() / SECOND as f64;
    assert!((mean_in_flight / expected - 1.0).abs() < 0.1, "{mean_in_flight} in flight for {expected}");
}

#[test]
fn random_of_two_waits_as_mitzenmacher_says_and_random_as_long_as_m_m_1() {
    let component = "resources cpu=\"1\" memory=\"512Mi\"\nreplicas 200";
    let mut fixture = fixture(component, "pool \"general\" cpu=100 memory=\"400Gi\" nodes=2");
    let service = &mut fixture.scenario.services[0];
    (service.cpu, service.wait) = (Duration::Constant(0), Duration::Exponential(MS as f64));
    (service.concurrency, service.queue) = (1, 1_000_000);
    fixture.scenario.traffic[0].base_per_second = 0.9 * 200.0 * 1000.0;
    fixture.scenario.duration_ns = 8 * SECOND;
    let mut with = |policy, expected, tolerance| {
        fixture.scenario.traffic[0].balancer = Some(policy);
        check(&fixture, expected, tolerance);
    };
    // The sum of 0.9 to the power of 2^i - 2, for endlessly many pods; 200 are a little slower.
    with(Policy::RandomOfTwo, 2.614_06, 0.03);
    // Queues that begin empty need a while to become as long as they stay.
    with(Policy::Random, 10.0, 0.1);
    // Whoever knows all pods sends a request to a free one nearly always.
    with(Policy::LeastConnections, 1.0, 0.05);
}
