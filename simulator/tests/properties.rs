//! What holds for every scenario: conservation, capacity, time, determinism.
//!
//! Node capacity and the accounting of pods and requests are invariants that debug builds check at each sample.

#[path = "../../compiler/tests/cases/mod.rs"]
mod cases;
mod fixture;

use cases::cases;
use compiler::object::Manifest;
use fixture::{Fixture, MS, SECOND, fixture};
use proptest::prelude::*;
use simulator::engine::random::Duration;
use simulator::model::balancer::Policy;
use simulator::scenario::{Client, Spike};

prop_compose! {
    fn any_fixture()(
        (min, extra, nodes, quota) in (1..4_u32, 0..12_u32, 1..3_u32, 0..6_u32),
        (rate, times, over, hold) in (1.0..80.0_f64, 0.5..8.0_f64, 0..5_u64, 0..40_u64),
        (cpu, wait, concurrency, queue) in (0..20_u64, 0..30_u64, 1..6_u32, 0..30_u32),
        (timeout, retries, backoff) in (0..400_u64, 0..4_u32, 0..300_u64),
        (seed, limited, tolerated) in (0..1_000_u64, any::<bool>(), any::<bool>()),
        (policy, traffic_policy) in (0..POLICIES.len(), 0..3_usize),
    ) -> Fixture {
        let max = min + extra;
        let component = format!(
            "resources cpu=\"500m\" memory=\"512Mi\"\nscale min={min} max={max} {{ cpu \"60%\"; }}\nburst \"when-short\""
        );
        let cluster = format!(
            "pool \"general\" cpu=2 memory=\"8Gi\" nodes={nodes}\nvirtual-node \"eci\" quota={quota}"
        );
        let mut fixture = fixture(&component, &cluster);
        fixture.scenario.seed = seed;
        fixture.scenario.duration_ns = 120 * SECOND + seed;
        let traffic = &mut fixture.scenario.traffic[0];
        traffic.base_per_second = rate;
        traffic.balancer = POLICIES[policy];
        let (over_ns, hold_ns) = (over * SECOND, hold * SECOND);
        traffic.spikes.push(Spike { at_ns: 20 * SECOND, times, over_ns, hold_ns, fall_ns: over_ns });
        let service = &mut fixture.scenario.services[0];
        (service.cpu_ns, service.wait) = (cpu * MS, Duration::Exponential((wait * MS) as f64));
        (service.concurrency, service.queue) = (concurrency, queue);
        fixture.scenario.clients.push(Client {
            name: "shoppers".into(),
            of: "api".into(),
            timeout_ns: (timeout > 0).then_some(timeout * MS),
            retries,
            backoff_ns: backoff * MS,
        });
        if limited {
            limit(&mut fixture);
        }
        if !tolerated {
            fixture.without_toleration();
        }
        balance(&mut fixture, [None, Some("Local"), Some("Cluster")][traffic_policy]);
        fixture
    }
}

/// What a scenario may say of its balancer.
const POLICIES: [Option<Policy>; 6] = [
    None,
    Some(Policy::Random),
    Some(Policy::RoundRobin),
    Some(Policy::Weighted),
    Some(Policy::LeastConnections),
    Some(Policy::RandomOfTwo),
];

/// Puts a load balancer in front, with a traffic policy.
fn balance(fixture: &mut Fixture, traffic_policy: Option<&str>) {
    for object in &mut fixture.objects {
        if let (Manifest::Service(service), Some(policy)) = (&mut object.manifest, traffic_policy) {
            let spec = service.spec.get_or_insert_default();
            spec.type_ = Some("LoadBalancer".to_owned());
            spec.external_traffic_policy = Some(policy.to_owned());
        }
    }
}

fn limit(fixture: &mut Fixture) {
    for object in &mut fixture.objects {
        if let Manifest::Deployment(deployment) = &mut object.manifest {
            let spec = deployment.spec.as_mut().and_then(|spec| spec.template.spec.as_mut());
            for container in &mut spec.expect("a lowered Deployment has a pod spec").containers {
                let resources = container.resources.get_or_insert_default();
                resources.limits = resources.requests.clone();
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn requests_in_are_answered_failed_or_in_flight(fixture in any_fixture()) {
        let trace = fixture.run();
        let api = &trace.components[0];
        let in_flight = api.samples.last().expect("a run has samples").in_flight;
        prop_assert_eq!(api.requests.arrived, api.requests.answered + api.requests.failed + in_flight);
        let sum = |count: fn(&simulator::engine::trace::Sample) -> u64| api.samples.iter().map(count).sum::<u64>();
        prop_assert_eq!(sum(|sample| sample.arrived), api.requests.arrived);
        prop_assert_eq!(sum(|sample| sample.answered), api.requests.answered);
        prop_assert_eq!(sum(|sample| sample.failed), api.requests.failed);
        prop_assert_eq!(api.latency.count(), api.requests.answered);
    }

    #[test]
    fn time_runs_forward_and_pods_stay_within_quota(fixture in any_fixture()) {
        let trace = fixture.run();
        let quota = fixture.world.virtual_node.as_ref().map_or(0, |node| node.quota);
        prop_assert!(trace.happenings.windows(2).all(|pair| pair[0].at_ns <= pair[1].at_ns));
        for component in &trace.components {
            prop_assert!(component.samples.windows(2).all(|pair| pair[0].at_ns < pair[1].at_ns));
            prop_assert!(component.samples.iter().all(|sample| sample.on_eci <= quota));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes(fixture in any_fixture()) {
        let bytes = || serde_json::to_vec(&fixture.run()).expect("a trace serialises");
        prop_assert_eq!(bytes(), bytes());
    }
}

#[test]
fn another_seed_gives_another_run() {
    let mut fixture = fixture(
        "resources cpu=\"500m\" memory=\"512Mi\"\nreplicas 1",
        "pool \"general\" cpu=2 memory=\"8Gi\" nodes=1",
    );
    let first = fixture.run();
    fixture.scenario.seed += 1;
    let second = fixture.run();
    assert_ne!(
        first,
        simulator::engine::trace::Trace { seed: first.seed, ..second },
        "not the figure alone differs"
    );
}
