//! Components that do not call each other: each takes requests or rates for itself.

mod fixture;

use compiler::lower::lower;
use compiler::plan::{Plan, plan};
use fixture::{Fixture, MS, SECOND, fixture_beside};
use simulator::engine::random::Duration;
use simulator::engine::trace::{ComponentTrace, Trace};
use simulator::report::{report, text};
use simulator::scenario::{Call, Detail, Fault, FaultKind, Patience, Release, Service, Spike, Traffic};

const MINUTE: u64 = 60 * SECOND;
/// What each of the two gets a second: in an hour enough that not every request is simulated.
const PER_SECOND: f64 = 800.0;

/// `api` and `stock` for an hour, with the same traffic from outside; `auto` unless told otherwise.
fn two() -> Fixture {
    let stock = "component \"stock\" { image \"registry.example.com/stock:1\"; port \"http\" 80; readiness port=\"http\"
         resources cpu=\"2\" memory=\"64Mi\"; replicas 8; expose \"cluster\" { drain \"5s\"; }; }";
    let api =
        "resources cpu=\"2\" memory=\"512Mi\"\nreplicas 8\nrelease { batch 1 wait=\"5m\"; batch \"100%\"; }";
    let mut fixture = fixture_beside(stock, api, "pool \"general\" cpu=2 memory=\"256Gi\" nodes=40");
    let service = |component: &str| Service {
        component: component.into(),
        cpu: Duration::Constant(6 * MS),
        wait: Duration::lognormal(6 * MS, 70 * MS).expect("a lognormal has both"),
        concurrency: 8,
        queue: 24,
        start_ns: SECOND,
        ..Service::default()
    };
    let traffic = |component: &str| Traffic {
        component: component.into(),
        base_per_second: PER_SECOND,
        ..Traffic::default()
    };
    fixture.scenario.services = ["api", "stock"].map(service).into();
    fixture.scenario.traffic = ["api", "stock"].map(traffic).into();
    (fixture.scenario.detail, fixture.scenario.duration_ns) = (Detail::Auto, 60 * MINUTE);
    fixture
}

/// A release of `api` after twenty minutes.
fn released(fixture: &mut Fixture) -> Plan {
    let image = "registry.example.com/api:2".to_owned();
    let release = Release { component: "api".into(), at_ns: 20 * MINUTE, image, approve_ns: SECOND };
    let cell = &fixture.checked.cells()[0];
    let cell = fixture.checked.with_image(cell, "api", &release.image).expect("`api` exists");
    fixture.scenario.releases.push(release);
    plan(&fixture.checked, &cell, &lower(&fixture.checked, &cell))
}

fn of<'a>(trace: &'a Trace, name: &str) -> &'a ComponentTrace {
    trace.components.iter().find(|component| component.name == name).expect("the component is there")
}

/// For how long a component was simulated request by request.
fn one_by_one_ns(trace: &Trace, name: &str) -> u64 {
    60 * MINUTE - of(trace, name).rates_ns.expect("there are two groups")
}

/// Every request is accounted for, and as many come as are expected. That they are conserved and follow Little's law on
/// the way is looked at by the run itself, at every sample.
fn assert_accounted(trace: &Trace) {
    for component in ["api", "stock"].map(|name| of(trace, name)) {
        let requests = component.requests;
        let in_flight = component.samples.last().map(|sample| sample.in_flight);
        assert_eq!(Some(requests.arrived - requests.answered - requests.failed), in_flight);
        let sampled: u64 = component.samples.iter().map(|sample| sample.arrived).sum();
        assert_eq!(sampled, requests.arrived);
        let expected = PER_SECOND * 3_600.0;
        let chance = (requests.arrived as f64 - expected) / expected.sqrt();
        assert!(chance.abs() < 4.0, "{} of {expected} for {}", requests.arrived, component.name);
    }
}

#[test]
fn a_release_is_simulated_by_requests_and_those_that_it_does_not_concern_go_on_as_rates() {
    let mut fixture = two();
    let plan = released(&mut fixture);
    let trace = simulator::simulate(&fixture.objects, &fixture.world, &fixture.scenario, &[plan]);
    let release = &trace.releases[0];
    assert!(release.released, "{release:?}");
    let lasted_ns = release.ended_ns.expect("it is over") - release.began_ns;
    assert!(lasted_ns > 5 * MINUTE);
    // The 15 s before, and the window.
    let calm_ns = one_by_one_ns(&trace, "stock");
    assert!((15 * SECOND..30 * SECOND).contains(&calm_ns), "{calm_ns}");
    let restless_ns = one_by_one_ns(&trace, "api");
    assert!((lasted_ns + calm_ns..lasted_ns + 2 * MINUTE).contains(&restless_ns), "{restless_ns}");
    // Both get as many requests.
    let flow = trace.flow.as_ref().expect("most of it is quiet");
    assert_eq!((flow.groups, flow.windows), (Some(2), 3));
    assert!(flow.on_ns.abs_diff(60 * MINUTE - u64::midpoint(calm_ns, restless_ns)) < MS, "{flow:?}");
    assert_accounted(&trace);
    let said = text(&report(&fixture.scenario, &trace));
    assert!(
        said.contains(" of 1h by rates alone, on average over the requests of 2 groups; 3 windows"),
        "{said}"
    );
    assert!(said.contains("rates     alone for 59m"), "{said}");
    // Each request is an event or more: those of the release, and few others.
    let one_by_one = (calm_ns + restless_ns) as f64 / SECOND as f64 * PER_SECOND;
    assert!((one_by_one..10.0 * one_by_one).contains(&(trace.events as f64)), "{}", trace.events);
}

#[test]
fn what_comes_suddenly_to_one_is_simulated_by_requests_and_the_others_go_on_as_rates() {
    let mut fixture = two();
    let hold_ns = 2 * MINUTE;
    let spike = Spike { at_ns: 30 * MINUTE, times: 4.0, over_ns: SECOND, hold_ns, fall_ns: SECOND };
    fixture.scenario.traffic[0].spikes = vec![spike];
    let trace = fixture.run();
    let (api, stock) = (one_by_one_ns(&trace, "api"), one_by_one_ns(&trace, "stock"));
    assert!(stock < 30 * SECOND && api > hold_ns + stock, "{api} and {stock}");
    assert!(of(&trace, "api").requests.failed > 10_000 && of(&trace, "stock").requests.failed == 0);
    // Requests that fail do so one by one.
    fixture.scenario.detail = Detail::Requests;
    let [auto, requests] = [trace, fixture.run()].map(|trace| of(&trace, "api").requests.failed as f64);
    assert!((auto / requests - 1.0).abs() < 0.03, "{auto} for {requests}");
}

#[test]
fn what_breaks_in_the_cluster_is_simulated_by_requests_everywhere() {
    let mut fixture = two();
    let for_ns = 4 * MINUTE;
    fixture.scenario.faults = vec![Fault { kind: FaultKind::Metrics, at_ns: 20 * MINUTE, for_ns }];
    let trace = fixture.run();
    for name in ["api", "stock"] {
        let by_requests_ns = one_by_one_ns(&trace, name);
        assert!((for_ns..for_ns + 2 * MINUTE).contains(&by_requests_ns), "{name}: {by_requests_ns}");
    }
    assert_accounted(&trace);
}

#[test]
fn those_who_call_each_other_go_together() {
    let mut fixture = two();
    let call = Call {
        to: "stock".into(),
        per_request: 1.0,
        optional: false,
        cache_ns: None,
        patience: Patience::default(),
    };
    fixture.scenario.services[0].calls = vec![call];
    (fixture.scenario.traffic[0].base_per_second, fixture.scenario.traffic[1].base_per_second) =
        (500.0, 500.0);
    fixture.scenario.duration_ns = 120 * MINUTE;
    let plan = released(&mut fixture);
    let trace = simulator::simulate(&fixture.objects, &fixture.world, &fixture.scenario, &[plan]);
    let flow = trace.flow.expect("most of it is quiet");
    assert_eq!((flow.groups, flow.windows), (None, 2));
    assert!(flow.on_ns < 114 * MINUTE, "{flow:?}");
    assert!(trace.components.iter().all(|component| component.rates_ns.is_none()));
}
