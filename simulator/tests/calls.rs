//! Services that call services: what a request waits for, what fails with it, and how callers hold back.

mod fixture;
mod statistics;

use std::collections::BTreeMap;

use compiler::diag::Diagnostics;
use compiler::source::Sources;
use fixture::{Fixture, MS, SECOND, fixture_beside};
use simulator::engine::random::Duration;
use simulator::engine::trace::{ComponentTrace, Trace};
use simulator::report::{report, text};
use simulator::scenario::{self, Call, Client, Patience, Pool, Scenario, Service, WarmUp};
use statistics::{Mean, check};

/// A request costs nothing but its calls, and there is a worker for each.
fn free(component: &str) -> Service {
    Service {
        component: component.into(),
        concurrency: 1_000_000,
        queue: 1_000_000,
        start_ns: SECOND,
        ..Service::default()
    }
}

fn call(to: &str, patience: Patience) -> Call {
    Call { to: to.into(), per_request: 1.0, optional: false, cache_ns: None, patience }
}

/// `api` with a pod that calls one pod of each of the others, which serve as told, at so many requests a second.
fn calling(per_second: f64, seconds: u64, others: Vec<Service>) -> Fixture {
    let component = |service: &Service| {
        let name = &service.component;
        format!(
            "component \"{name}\" {{ image \"registry.example.com/{name}:1\"; port \"http\" 80; readiness port=\"http\"
             resources cpu=\"100m\" memory=\"64Mi\"; replicas 1; expose \"cluster\"; }}\n"
        )
    };
    let components: String = others.iter().map(component).collect();
    let api = "resources cpu=\"1\" memory=\"512Mi\"\nreplicas 1";
    let mut fixture = fixture_beside(&components, api, "pool \"general\" cpu=8 memory=\"32Gi\" nodes=1");
    let calls = others.iter().map(|service| call(&service.component, Patience::default()));
    fixture.scenario.services = vec![Service { calls: calls.collect(), ..free("api") }];
    fixture.scenario.services.extend(others);
    fixture.scenario.traffic[0].base_per_second = per_second;
    fixture.scenario.duration_ns = seconds * SECOND;
    fixture
}

/// One that calls `stock`, which waits as told.
fn stock(per_second: f64, seconds: u64, wait: Duration) -> Fixture {
    calling(per_second, seconds, vec![Service { wait, ..free("stock") }])
}

fn of<'a>(trace: &'a Trace, name: &str) -> &'a ComponentTrace {
    trace.components.iter().find(|component| component.name == name).expect("the component is there")
}

fn client(fixture: &mut Fixture, patience: Patience) {
    fixture.scenario.clients = vec![Client { name: "all".into(), of: "api".into(), patience }];
}

#[track_caller]
fn near(value: f64, expected: f64, tolerance: f64) {
    assert!((value / expected - 1.0).abs() <= tolerance, "{value} for {expected}");
}

#[test]
fn calls_one_after_the_other_to_single_workers_are_a_tandem_of_queues() {
    let server = |name: &str, rate: f64| Service {
        wait: Duration::Exponential(MS as f64 / rate),
        concurrency: 1,
        ..free(name)
    };
    let servers = vec![server("first", 1.0), server("second", 1.2), server("third", 2.0)];
    let trace = calling(700.0, 1_400, servers).run();
    // Jackson: the sum of 1 / (rate - 0.7).
    near(of(&trace, "api").latency.mean_ns() / MS as f64, 6.102_564, 0.03);
    near(of(&trace, "second").latency.mean_ns() / MS as f64, 2.0, 0.03);
}

#[test]
fn a_request_keeps_its_worker_while_it_calls() {
    let mut fixture = stock(800.0, 1_200, Duration::Exponential(MS as f64));
    fixture.scenario.services[0].concurrency = 1;
    // So the caller is M/M/1 at 0.8, and what it calls has never more than one request.
    let trace = fixture.run();
    near(of(&trace, "api").latency.mean_ns() / MS as f64, 5.0, 0.05);
    near(of(&trace, "stock").latency.mean_ns() / MS as f64, 1.0, 0.01);
    assert!(of(&trace, "stock").samples.iter().all(|sample| sample.in_flight <= 1));
}

#[test]
fn a_fraction_of_a_call_is_a_chance() {
    for (per_request, tolerance) in [(0.5, 0.04), (2.5, 0.01)] {
        let mut fixture = stock(1_000.0, 20, Duration::Constant(MS));
        fixture.scenario.services[0].calls[0].per_request = per_request;
        let trace = fixture.run();
        let (api, stock) = (of(&trace, "api"), of(&trace, "stock"));
        near(stock.requests.arrived as f64 / api.requests.arrived as f64, per_request, tolerance);
        assert_eq!(stock.called.arrived, stock.requests.arrived);
    }
}

#[test]
fn a_call_that_fails_after_its_retries_fails_its_request() {
    let mut fixture = stock(50.0, 30, Duration::Constant(10 * SECOND));
    let patience = Patience {
        timeout: Some(Duration::Constant(100 * MS)),
        retries: 1,
        backoff_ns: 50 * MS,
        ..Patience::default()
    };
    fixture.scenario.services[0].calls[0].patience = patience;
    let trace = fixture.run();
    let (api, stock) = (of(&trace, "api").requests, of(&trace, "stock").requests);
    assert!(api.failed > 1_000 && api.answered == 0, "{api:?}");
    assert_eq!((api.errored, api.failed), (stock.failed, stock.failed), "{api:?} {stock:?}");
    assert!(stock.answered == 0 && stock.timed_out > 2 * stock.failed, "{stock:?}");
    let shown = text(&report(&fixture.scenario, &trace));
    let arrived = format!("{},{:03}", stock.arrived / 1_000, stock.arrived % 1_000);
    assert!(shown.contains(&format!("{arrived} arrived ({arrived} from other components)")), "{shown}");
    assert!(shown.contains(" answered with an error of a call"), "{shown}");
}

#[test]
fn a_call_that_is_optional_only_takes_its_time() {
    let mut fixture = stock(50.0, 30, Duration::Constant(10 * SECOND));
    let call = &mut fixture.scenario.services[0].calls[0];
    call.optional = true;
    call.patience = Patience {
        timeout: Some(Duration::Constant(100 * MS)),
        retries: 1,
        backoff_ns: 50 * MS,
        ..Patience::default()
    };
    let trace = fixture.run();
    let api = of(&trace, "api");
    assert_eq!((api.requests.failed, api.requests.errored), (0, 0));
    assert_eq!((api.latency.max_ns(), api.latency.mean_ns()), (250 * MS, 250.0 * MS as f64));
}

#[test]
fn what_was_called_goes_on_when_the_caller_has_given_up() {
    let mut fixture = stock(50.0, 30, Duration::Constant(100 * MS));
    client(&mut fixture, Patience { timeout: Some(Duration::Constant(50 * MS)), ..Patience::default() });
    let trace = fixture.run();
    let (api, stock) = (of(&trace, "api").requests, of(&trace, "stock").requests);
    assert_eq!((api.answered, api.timed_out), (0, api.failed));
    assert_eq!((stock.arrived, stock.failed), (api.arrived, 0));
    assert!(stock.answered > stock.arrived - 20, "{stock:?}");
}

#[test]
fn a_cache_answers_whoever_asks_again_in_time_and_keeps_no_failure() {
    let mut fixture = stock(10.0, 60, Duration::Constant(100 * MS));
    let call = &mut fixture.scenario.services[0].calls[0];
    (call.per_request, call.cache_ns) = (2.0, Some(SECOND));
    let trace = fixture.run();
    let (api, stock) = (of(&trace, "api"), of(&trace, "stock"));
    assert_eq!((api.requests.failed, api.latency.max_ns()), (0, 100 * MS), "the second call costs nothing");
    let called = &stock.called;
    assert_eq!(called.arrived + called.cached, 2 * api.requests.arrived);
    // Once a second and a tenth, and about two who come while the answer is under way.
    assert!((100..=140).contains(&called.arrived), "{}", called.arrived);
    let shown = text(&report(&fixture.scenario, &trace));
    let words = format!("({} from other components, whose caches answered ", called.arrived);
    assert!(shown.contains(&words), "{shown}");
    // What is given up is asked for again by the next request.
    fixture.scenario.services[0].calls[0].patience.timeout = Some(Duration::Constant(50 * MS));
    let trace = fixture.run();
    let (api, stock) = (of(&trace, "api"), of(&trace, "stock"));
    assert_eq!((stock.called.cached, api.requests.answered), (0, 0));
}

#[test]
fn each_pod_keeps_its_own_answer() {
    let mut fixture = stock(100.0, 60, Duration::Constant(0));
    fixture.scenario.services[0].calls[0].cache_ns = Some(3600 * SECOND);
    let called = |fixture: &Fixture| of(&fixture.run(), "stock").called.arrived;
    assert_eq!(called(&fixture), 1);
    fixture.deployments().next().expect("there is one").replicas = Some(2);
    assert_eq!(called(&fixture), 2, "each pod has its own");
}

#[test]
fn answers_that_are_kept_are_a_cache_that_expires() {
    for (rate, seconds, asked, hits) in [
        (0.1, 30.0, 20_000.0, 0.75),
        (1.0, 30.0, 20_000.0, 0.967_742),
        (10.0, 30.0, 60_000.0, 0.996_678),
        (10.0, 5.0, 20_000.0, 0.980_392),
    ] {
        // A hundredth of the time, and a hundred times as many requests in it: the same, with fewer samples.
        let mut fixture = stock(rate * 100.0, (asked / rate / 100.0) as u64, Duration::Constant(0));
        fixture.scenario.services[0].calls[0].cache_ns = Some((seconds * SECOND as f64 / 100.0) as u64);
        // One call, and then the hits before the next: Poisson, so of one mean and variance.
        let (kept, cycle) = (rate * seconds, 1.0 + rate * seconds);
        let what = format!("a cache of {seconds} s at {rate} a second");
        assert!((kept / cycle - hits).abs() < 1e-6, "{what}: {hits}");
        // Renewals, of which the first is at once: half a call more than in the long run.
        let calls = asked / cycle + 0.5;
        let error = (asked * kept / cycle.powi(3)).sqrt();
        let mean = Mean { value: 1.0 - calls / asked, standard_error: error / asked };
        check(&what, mean, |seed| {
            fixture.scenario.seed = seed;
            let called = of(&fixture.run(), "stock").called.clone();
            let upstream = called.arrived as f64 / (asked / rate);
            // The time between two calls varies with the wait for the first request alone.
            let tolerance = (3.0 / cycle / calls.sqrt()).max(0.01);
            near(upstream, rate / cycle, tolerance);
            called.cached as f64 / (called.cached + called.arrived) as f64
        });
    }
}

#[test]
fn objectives_are_about_requests_from_outside() {
    let bound = compiler::resolve::quantity::bound;
    let unit = compiler::resolve::quantity::BoundUnit::Percent;
    let mut fixture = stock(50.0, 30, Duration::Constant(10 * MS));
    let call = &mut fixture.scenario.services[0].calls[0];
    (call.optional, call.patience.timeout) = (true, Some(Duration::Constant(MS)));
    fixture.scenario.objective.success = bound(">=100%", unit);
    let report = report(&fixture.scenario, &fixture.run());
    let shown: Vec<(&str, Option<f64>)> =
        report.components.iter().map(|shown| (shown.name.as_str(), shown.success_percent)).collect();
    assert_eq!(shown, [("api", Some(100.0)), ("stock", Some(0.0))]);
    assert!(report.met());
}

/// Attempts for each request, at a pod that answers within the timeout with the chance `answered`.
fn amplification(answered: f64, patience: Patience) -> f64 {
    let mut fixture = stock(1_000.0, 100, Duration::Exponential(10.0 * MS as f64));
    fixture.scenario.services[0].calls.clear();
    fixture.scenario.services[0].wait = Duration::Exponential(10.0 * MS as f64);
    let timeout_ns = -(1.0 - answered).ln() * 10.0 * MS as f64;
    client(&mut fixture, Patience { timeout: Some(Duration::Constant(timeout_ns as u64)), ..patience });
    let api = of(&fixture.run(), "api").requests;
    api.attempts as f64 / api.arrived as f64
}

#[test]
fn retries_multiply_attempts_unless_a_budget_bounds_them() {
    // (1 - p^(R+1)) / (1 - p) for a chance p to fail and R retries.
    for jitter in [false, true] {
        let tries = |retries| Patience { retries, backoff_ns: MS, jitter, ..Patience::default() };
        near(amplification(0.5, tries(2)), 1.75, 0.01);
        near(amplification(0.1, tries(3)), 3.439, 0.01);
        let budget = Patience { retry_budget_percent: Some(20), ..tries(3) };
        // A fifth of the first attempts, and ten a second of a thousand.
        near(amplification(0.1, budget), 1.21, 0.01);
        let ample = Patience { retry_budget_percent: Some(100), ..tries(2) };
        near(amplification(0.5, ample), 1.75, 0.01);
    }
}

#[test]
fn full_jitter_waits_half_as_long_on_average() {
    let mean_ns = |jitter| {
        let mut fixture = stock(200.0, 100, Duration::Constant(SECOND));
        let call = &mut fixture.scenario.services[0].calls[0];
        call.optional = true;
        call.patience = Patience {
            timeout: Some(Duration::Constant(MS)),
            retries: 2,
            backoff_ns: 100 * MS,
            jitter,
            ..Patience::default()
        };
        of(&fixture.run(), "api").latency.mean_ns()
    };
    near(mean_ns(false), 303.0 * MS as f64, 0.001);
    near(mean_ns(true), 153.0 * MS as f64, 0.02);
}

#[test]
fn attempts_that_wait_for_a_connection_are_a_queue_with_as_many_servers() {
    let mut fixture = stock(1_500.0, 700, Duration::Constant(0));
    fixture.scenario.services[0].calls.clear();
    fixture.scenario.services[0].wait = Duration::Exponential(MS as f64);
    let pool = |connections| Some(Pool { connections, lifetime_ns: Some(SECOND) });
    client(&mut fixture, Patience { pool: pool(2), ..Patience::default() });
    // Erlang C for two servers at 0.75: 1 + C / (c (1 - load)).
    near(fixture.api().latency.mean_ns() / MS as f64, 1.0 + 1.285_714, 0.03);
    // Calls of a pod the same.
    let mut fixture = stock(1_500.0, 700, Duration::Exponential(MS as f64));
    fixture.scenario.services[0].calls[0].patience.pool = pool(2);
    near(fixture.api().latency.mean_ns() / MS as f64, 1.0 + 1.285_714, 0.03);
}

#[test]
fn waiting_for_a_connection_counts_against_the_timeout() {
    let mut fixture = stock(50.0, 30, Duration::Constant(100 * MS));
    let pool = Some(Pool { connections: 1, lifetime_ns: None });
    let patience = Patience { timeout: Some(Duration::Constant(250 * MS)), pool, ..Patience::default() };
    fixture.scenario.services[0].calls[0].patience = patience;
    let trace = fixture.run();
    let stock = of(&trace, "stock");
    assert!(stock.requests.timed_out > 1_000, "{:?}", stock.requests);
    assert!(stock.latency.max_ns() <= 250 * MS);
    assert!(stock.requests.answered > 0, "{:?}", stock.requests);
}

const SPEC: &str = r#"
app "shop" {
    component "web" { image "registry.example.com/web:1"; resources cpu="500m" memory="512Mi"; replicas 2; }
    component "stock" { image "registry.example.com/stock:1"; resources cpu="500m" memory="512Mi"; replicas 2; }
    environment "prod"
}
platform "shop" {
    cluster "one" kubernetes="1.34" provider="kubernetes" { pool "general" cpu=4 memory="16Gi" nodes=2; }
    environment "prod" cluster="one"
}
scenario "sale" app="shop" environment="prod" {
    from "2026-11-11T00:00:00+08:00"
    duration "10m"
    traffic "web" { base per-second=100; }
    CLIENT
    service "web" { cpu "5ms"; CALLS; }
    STOCK
}"#;

/// The scenario, and what is wrong with it.
fn read(client: &str, calls: &str, stock: &str) -> (Option<Scenario>, Vec<String>) {
    let text = SPEC.replace("CLIENT", client).replace("CALLS", calls).replace("STOCK", stock);
    let mut sources = Sources::default();
    let source = sources.add("spec.kdl", text);
    let mut diagnostics = Diagnostics::default();
    let document = compiler::parse::parse(&source, &mut diagnostics);
    let checked =
        compiler::compile(&document, &BTreeMap::new(), &mut diagnostics).expect("the cell is right");
    let node = document.named("scenario").next().expect("there is a scenario");
    let scenario = scenario::resolve(node, &checked, &mut diagnostics);
    (scenario, diagnostics.sorted().iter().map(|found| found.message.clone()).collect())
}

#[test]
fn a_scenario_says_how_callers_try() {
    let calls = r#"calls "stock" per-request=0.5 optional=#true cache="30s" timeout="500ms" retries=2 backoff="50ms" jitter="full" \
        retry-budget="20%" { pool 50 lifetime="60s"; }"#;
    let callers = r#"client "all" of="web" { timeout "exponential" mean="2s"; pool 8; }"#;
    let (scenario, found) = read(callers, calls, "service \"stock\" { cpu \"1ms\"; }");
    assert_eq!(found, [""; 0]);
    let scenario = scenario.expect("it is right");
    let call = Call {
        to: "stock".into(),
        per_request: 0.5,
        optional: true,
        cache_ns: Some(30 * SECOND),
        patience: Patience {
            timeout: Some(Duration::Constant(500 * MS)),
            retries: 2,
            backoff_ns: 50 * MS,
            jitter: true,
            retry_budget_percent: Some(20),
            pool: Some(Pool { connections: 50, lifetime_ns: Some(60 * SECOND) }),
        },
    };
    assert_eq!(scenario.services[0].calls, [call]);
    let pool = Some(Pool { connections: 8, lifetime_ns: None });
    let timeout = Some(Duration::Exponential(2.0 * SECOND as f64));
    assert_eq!(scenario.clients[0].patience, Patience { timeout, pool, ..Patience::default() });
}

#[test]
fn a_scenario_says_how_the_pods_that_are_called_serve() {
    let stock = |lines: &str| format!("service \"stock\" {{ {lines}; }}");
    let lines = r#"cpu "exponential" mean="2ms"; drop-abandoned #true; warm-up for="30s" times=3"#;
    let (scenario, found) = read("", "calls \"stock\"", &stock(lines));
    assert_eq!(found, [""; 0]);
    let services = scenario.expect("it is right").services;
    assert_eq!(services[1].cpu, Duration::Exponential(2.0 * MS as f64));
    assert_eq!(services[1].warm_up, Some(WarmUp { for_ns: 30 * SECOND, times: 3.0 }));
    assert_eq!([0, 1].map(|index| services[index].drops_abandoned), [false, true]);
    let (_, found) = read("", "calls \"stock\"", &stock("cpu \"lognormal\" mean=\"2ms\""));
    assert_eq!(found, ["`cpu` cannot be drawn: it has no p99"]);
    let (_, found) = read("", "calls \"stock\" timeout=\"normal\"", &stock("cpu \"2ms\""));
    assert!(found.len() == 1 && found[0].starts_with("`timeout` takes a duration, or one of"), "{found:?}");
    let (_, found) = read("", "calls \"stock\"", &stock("cpu \"2ms\"; warm-up for=\"30s\" times=0.5"));
    assert_eq!(found, ["a container that warms up is not faster at first"]);
}

#[test]
fn a_call_needs_a_component_that_serves_and_does_not_call_back() {
    let (_, found) = read("", "calls \"stack\"", "");
    assert_eq!(found, ["there is no component `stack`"]);
    let (_, found) = read("", "calls \"stock\"", "");
    assert_eq!(found, ["nothing says how component `stock` serves what calls it"]);
    let (_, found) = read("", "calls \"web\"", "");
    assert_eq!(found, ["component `web` calls itself: `web` calls `web`"]);
    let (_, found) = read("", "calls \"stock\"", "service \"stock\" { cpu \"1ms\"; calls \"web\"; }");
    assert_eq!(found, ["component `stock` calls itself: `stock` calls `web`, which calls `stock`"]);
}
