//! What holds for every scenario: conservation, capacity, time, determinism.
//!
//! Node capacity and the accounting of pods and requests are invariants that debug builds check at each sample.

#[path = "../../compiler/tests/cases/mod.rs"]
mod cases;
mod fixture;

use std::collections::BTreeMap;

use cases::cases;
use compiler::object::Manifest;
use fixture::{Fixture, MS, SECOND, fixture, fixture_beside};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::json;
use simulator::engine::random::Duration;
use simulator::engine::trace::{Happening, Sample, Trace, What};
use simulator::model::balancer::Policy;
use simulator::scenario::{
    Arrivals, Bursts, Call, Client, Daily, Fault, FaultKind, Level, Measure, Memory, Metric, Patience, Pool,
    Service, Shape, Spike, Step, WarmUp, Weekly,
};
use simulator::world;

prop_compose! {
    fn any_fixture()(
        (min, extra, nodes, quota) in (1..4_u32, 0..12_u32, 1..3_u32, 0..6_u32),
        (rate, times, over, hold) in (1.0..80.0_f64, 0.5..8.0_f64, 0..5_u64, 0..40_u64),
        (cpu, wait, concurrency, queue) in (0..20_u64, 0..30_u64, 1..6_u32, 0..30_u32),
        (timeout, retries, backoff) in (0..400_u64, 0..4_u32, 0..300_u64),
        (base_mib, request_mib, broken_at, broken_for) in (0..600_u64, 0..100_u64, 0..120_u64, 0..60_u64),
        (seed, limited, tolerated) in (0..1_000_u64, any::<bool>(), any::<bool>()),
        (growth, reclaim, quiet) in (0..4_u32, prop_oneof![Just(0_u64), Just(40)], 20..60_u64),
        (policy, traffic_policy) in (0..POLICIES.len(), 0..3_usize),
        (pools, budget, jitter) in ((0..6_u32, 0..6_u32, 0..9_u64), 0..40_u32, any::<bool>()),
        (calls, call_timeout, call_retries, optional) in (0..5_u32, 0..100_u64, 0..3_u32, any::<bool>()),
        (call_wait, call_workers, call_queue) in (0..40_u64, 1..6_u32, 0..30_u32),
        shape in any_shape(),
    ) -> Fixture {
        let max = min + extra;
        let component = format!(
            "resources cpu=\"500m\" memory=\"512Mi\"\nscale min={min} max={max} {{ cpu \"60%\"; pods \"load\" average=\"3\"; }}\nburst \"when-short\""
        );
        let cluster = format!(
            "pool \"general\" cpu=2 memory=\"8Gi\" nodes={nodes} max={}\nvirtual-node \"eci\" quota={quota}",
            nodes + growth
        );
        let mut fixture = fixture_beside(REGISTRY, &component, &cluster);
        fixture.scenario.seed = seed;
        fixture.scenario.duration_ns = 120 * SECOND + seed;
        let traffic = &mut fixture.scenario.traffic[0];
        traffic.base_per_second = rate;
        traffic.balancer = POLICIES[policy];
        traffic.shape = shape;
        let (over_ns, hold_ns) = (over * SECOND, hold * SECOND);
        traffic.spikes.push(Spike { at_ns: 20 * SECOND, times, over_ns, hold_ns, fall_ns: over_ns });
        let service = &mut fixture.scenario.services[0];
        let cpu = match cpu % 3 {
            0 => Duration::Exponential((cpu * MS) as f64),
            _ => Duration::Constant(cpu * MS),
        };
        (service.cpu, service.wait) = (cpu, Duration::Exponential((wait * MS) as f64));
        (service.concurrency, service.queue, service.drops_abandoned) = (concurrency, queue, timeout % 2 == 0);
        service.warm_up = (hold % 2 == 0).then_some(WarmUp { for_ns: hold_ns, times: times.max(1.0) });
        // A container may keep 512 MiB.
        service.memory = Some(Memory { base_bytes: base_mib << 20, per_request_bytes: request_mib << 20 });
        let (at_ns, for_ns) = (broken_at * SECOND, broken_for * SECOND);
        fixture.scenario.faults.push(Fault { kind: FaultKind::Metrics, at_ns, for_ns });
        fixture.scenario.metrics.push(Metric { name: "load".into(), of: None, is: Measure::InFlight });
        let pool = |connections| Pool { connections, lifetime_ns: (pools.2 > 0).then_some(pools.2 * SECOND) };
        let patience = Patience {
            timeout: (timeout > 0).then_some(match timeout % 3 {
                0 => Duration::Exponential((timeout * MS) as f64),
                _ => Duration::Constant(timeout * MS),
            }),
            retries,
            backoff_ns: backoff * MS,
            jitter,
            retry_budget_percent: (budget > 0).then_some(budget),
            pool: (pools.0 > 0).then(|| pool(pools.0 * 10)),
        };
        fixture.scenario.clients.push(Client { name: "shoppers".into(), of: "api".into(), patience });
        let timeout = (call_timeout > 0).then_some(Duration::Constant(call_timeout * MS));
        let pool = (pools.1 > 0).then(|| pool(pools.1));
        let call = Call {
            to: "registry".into(),
            per_request: f64::from(calls) / 2.0,
            optional,
            // Every other time, so that what is not called is met as well.
            cache_ns: (call_retries % 2 == 1).then_some(SECOND),
            patience: Patience { timeout, retries: call_retries, pool, ..patience },
        };
        let registry = Service {
            component: "registry".into(),
            wait: Duration::Exponential((call_wait * MS) as f64),
            concurrency: call_workers,
            queue: call_queue,
            calls: Vec::new(),
            ..fixture.scenario.services[0].clone()
        };
        fixture.scenario.services.push(registry);
        fixture.scenario.services[0].calls.extend((calls > 0).then_some(call));
        if limited {
            limit(&mut fixture);
        }
        // Nodes that come and go within the run, and spot pods that are taken back in it.
        let figures = &mut fixture.world.figures;
        (figures.node_start_ns, figures.node_start_spread_ns) = (5 * SECOND, quiet * SECOND);
        (figures.node_unneeded_ns, figures.eci_spot_reclaim_percent) = (quiet * SECOND, reclaim);
        figures.autoscaler.downscale_stabilization_ns = 15 * SECOND;
        if reclaim > 0 {
            fixture.annotate(&[
                ("k8s.aliyun.com/eci-spot-strategy", "SpotAsPriceGo"),
                ("k8s.aliyun.com/eci-spot-duration", "0"),
            ]);
        }
        if !tolerated {
            fixture.without_toleration();
        }
        balance(&mut fixture, [None, Some("Local"), Some("Cluster")][traffic_policy]);
        fixture
    }
}

/// What `api` calls.
const REGISTRY: &str = "component \"registry\" {
    image \"registry.example.com/registry:1\"
    port \"http\" 80
    readiness port=\"http\"
    resources cpu=\"250m\" memory=\"512Mi\"
    replicas 2
    expose \"cluster\"
}";
prop_compose! {
    fn any_shape()(
        equidistant in any::<bool>(),
        steps in prop::collection::vec((0..120_u64, 0.1..80.0_f64, 0..60_u64), 0..3),
        trace in prop::collection::vec((0..120_u64, 0.0..80.0_f64), 0..4),
        daily in prop::option::of((0..1440_u16, 1..1440_u16, 1.0..9.0_f64)),
        factor in prop::option::of(0.1..2.0_f64),
        bursts in prop::option::of((1..30_u64, 1..30_u64, 0.1..5.0_f64)),
    ) -> Shape {
        let zone = TimeZone::UTC;
        let step = |(at, per_second, over)| Step { at_ns: at * SECOND, per_second, over_ns: over * SECOND };
        let level = |(at, per_second)| Level { at_ns: at * SECOND, per_second };
        Shape {
            arrivals: if equidistant { Arrivals::Equidistant } else { Arrivals::Poisson },
            steps: steps.into_iter().map(step).collect(),
            // One rate a time, in order.
            trace: BTreeMap::from_iter(trace).into_iter().map(level).collect(),
            daily: daily.map(|(low_minute, later, ratio)| {
                Daily { peak_minute: (low_minute + later) % 1440, low_minute, ratio, zone: zone.clone() }
            }),
            weekly: factor.map(|factor| Weekly { factors: [factor; 7], zone: zone.clone() }),
            bursts: bursts.map(|(on, off, times)| {
                Bursts { mean_on_ns: on * SECOND, mean_off_ns: off * SECOND, times }
            }),
        }
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
        for component in &trace.components {
            let requests = component.requests;
            let in_flight = component.samples.last().expect("a run has samples").in_flight;
            prop_assert_eq!(requests.arrived, requests.answered + requests.failed + in_flight);
            let sum = |count: fn(&Sample) -> u64| component.samples.iter().map(count).sum::<u64>();
            prop_assert_eq!(sum(|sample| sample.arrived), requests.arrived);
            prop_assert_eq!(sum(|sample| sample.answered), requests.answered);
            prop_assert_eq!(sum(|sample| sample.failed), requests.failed);
            prop_assert_eq!(component.latency.count(), requests.answered);
            prop_assert_eq!(component.called.latency.count(), component.called.answered);
            let called = (component.called.arrived, component.called.answered, component.called.failed);
            let all = (requests.arrived, requests.answered, requests.failed);
            // Requests come to `api` from outside alone, and to `registry` from `api` alone.
            prop_assert_eq!(called, if component.name == "api" { (0, 0, 0) } else { all });
        }
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

    #[test]
    fn a_mechanism_of_rate_zero_changes_nothing(mut fixture in any_fixture()) {
        let without = fixture.run();
        // Faults of no length, a quota of everything, a pool that may grow and that no pod fits on.
        for kind in [FaultKind::Eci, FaultKind::Metrics] {
            fixture.scenario.faults.push(Fault { kind, at_ns: 30 * SECOND, for_ns: 0 });
        }
        let namespace = fixture.namespace();
        let quota = json!({
            "metadata": {"name": "all", "namespace": namespace}, "spec": {"hard": {"pods": "100000"}},
        });
        fixture.add(Manifest::ResourceQuota(serde_json::from_value(quota).expect("it is one")));
        let tiny = world::Pool {
            name: "tiny".to_owned(),
            cpu_milli: 1,
            memory_bytes: 1,
            max: 3,
            ..world::Pool::default()
        };
        fixture.world.pools.push(tiny);
        let with = fixture.run();
        prop_assert_eq!(&with.components, &without.components);
        prop_assert_eq!(with.bill, without.bill);
        let others = |trace: &Trace| -> Vec<Happening> {
            let all = trace.happenings.iter();
            all.filter(|happening| !matches!(happening.what, What::Fault { .. })).cloned().collect()
        };
        prop_assert_eq!(others(&with), others(&without));
    }

    #[test]
    fn runs_beside_each_other_do_not_change_each_other(fixture in any_fixture()) {
        let bytes = || serde_json::to_vec(&fixture.run()).expect("a trace serialises");
        let alone = bytes();
        let beside: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(bytes)).collect();
            threads.into_iter().map(|thread| thread.join().expect("a run ends")).collect()
        });
        prop_assert!(beside.iter().all(|other| *other == alone));
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
