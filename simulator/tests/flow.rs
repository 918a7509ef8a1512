//! Requests as rates: how near they are to requests one by one, and when the engine takes which.

mod fixture;

use fixture::{Fixture, MS, SECOND, fixture, fixture_beside};
use jiff::tz::TimeZone;
use serde_json::json;
use simulator::engine::histogram::Histogram;
use simulator::engine::random::Duration;
use simulator::engine::trace::{ComponentTrace, Trace, What};
use simulator::model::balancer::Policy;
use simulator::report::{report, text};
use simulator::scenario::{Call, Client, Daily, Detail, Measure, Metric, Patience, Service, Spike};

/// Requests that compute for 6 ms and wait for 6 ms on average.
fn php(component: &str) -> Service {
    Service {
        component: component.into(),
        cpu: Duration::Constant(6 * MS),
        wait: Duration::lognormal(6 * MS, 70 * MS).expect("a lognormal has both"),
        concurrency: 8,
        queue: 24,
        start_ns: SECOND,
        ..Service::default()
    }
}

/// `api` with so many pods of two cores and so many requests a second for so many minutes.
fn shop(pods: u32, per_second: f64, policy: Option<Policy>, minutes: u64) -> Fixture {
    let api = format!("resources cpu=\"2\" memory=\"512Mi\"\nreplicas {pods}");
    let mut fixture = fixture(&api, "pool \"general\" cpu=2 memory=\"256Gi\" nodes=40");
    fixture.scenario.services = vec![php("api")];
    fixture.scenario.traffic[0].base_per_second = per_second;
    fixture.scenario.traffic[0].balancer = policy;
    fixture.scenario.duration_ns = minutes * 60 * SECOND;
    fixture
}

fn ways(mut fixture: Fixture, details: [Detail; 2]) -> [Trace; 2] {
    details.map(|detail| {
        fixture.scenario.detail = detail;
        fixture.run()
    })
}

fn both_ways(fixture: Fixture) -> [Trace; 2] {
    ways(fixture, [Detail::Requests, Detail::Flow])
}

fn of<'a>(traces: &'a [Trace; 2], name: &str) -> [&'a ComponentTrace; 2] {
    [&traces[0], &traces[1]].map(|trace| {
        trace.components.iter().find(|component| component.name == name).expect("the component is there")
    })
}

/// How far a count, a time or an amount is from what it should be, in per cent.
fn off(flow: f64, requests: f64) -> f64 {
    100.0 * (flow / requests - 1.0)
}

fn quantile(latency: &Histogram, per_mille: u64) -> f64 {
    latency.quantile_ns(per_mille).expect("something was answered") as f64
}

/// CPU time of an attempt that a pod took, in nanoseconds.
fn cpu_each(trace: &ComponentTrace) -> f64 {
    let cpu: u64 = trace.samples.iter().map(|sample| sample.cpu_milli).sum();
    let taken = trace.requests.attempts - trace.requests.refused - trace.requests.unrouted;
    cpu as f64 * 1e6 / taken as f64
}

fn success(trace: &ComponentTrace) -> f64 {
    100.0 * trace.requests.answered as f64 / (trace.requests.answered + trace.requests.failed) as f64
}

/// The differences of CPU by attempt, p50, p99 and p99.9, in per cent.
fn differences([requests, flow]: [&ComponentTrace; 2]) -> [f64; 4] {
    let of = |per_mille| off(quantile(&flow.latency, per_mille), quantile(&requests.latency, per_mille));
    [off(cpu_each(flow), cpu_each(requests)), of(500), of(990), of(999)]
}

#[test]
fn rates_answer_as_requests_do() {
    for (pods, per_second, policy) in [
        (4, 200.0, None),
        (4, 700.0, None),
        (12, 2_700.0, None),
        (12, 2_700.0, Some(Policy::RoundRobin)),
        (12, 2_700.0, Some(Policy::LeastConnections)),
        (12, 2_700.0, Some(Policy::RandomOfTwo)),
    ] {
        let found = mean_over_seeds(|seed| {
            let mut fixture = shop(pods, per_second, policy, 5);
            fixture.scenario.seed = seed;
            let traces = both_ways(fixture);
            let [requests, flow] = of(&traces, "api");
            // What arrives by chance is within four deviations of what is expected.
            let expected = per_second * 300.0;
            let chance = (flow.requests.arrived as f64 - expected) / expected.sqrt();
            assert!(chance.abs() < 4.0, "{} arrived for {expected}", flow.requests.arrived);
            assert!(traces[1].events * 4 < traces[0].events, "and take little of the work");
            let [cpu, p50, p99, p999] = differences([requests, flow]);
            [cpu, p50, p99, p999, success(flow) - success(requests)]
        });
        // Three deviations of the mean of four seeds: what a pod makes of a load is found with 8000 requests, of which 8 are
        // above p99.9.
        let bounds = [0.1, 3.0, 5.0, 12.0, 0.02];
        let is_near = found.iter().zip(bounds).all(|(off, bound)| off.abs() <= bound);
        assert!(is_near, "{pods} pods, {per_second} a second, {policy:?}: {found:.2?} %");
    }
}

/// The means of differences over the seeds 1 to 4.
fn mean_over_seeds<const N: usize>(of_seed: impl Fn(u64) -> [f64; N]) -> [f64; N] {
    let mut sums = [0.0; N];
    for seed in 1..=4 {
        sums.iter_mut().zip(of_seed(seed)).for_each(|(sum, found)| *sum += found / 4.0);
    }
    sums
}

#[test]
fn pods_that_are_too_few_fail_as_many_requests_by_rates() {
    // Four pods for six hundred requests a second each: they answer 333.
    let patience =
        Patience { timeout: Some(Duration::Constant(2 * SECOND)), retries: 2, ..Patience::default() };
    let found = mean_over_seeds(|seed| {
        let mut fixture = shop(4, 2_400.0, None, 2);
        fixture.scenario.seed = seed;
        fixture.scenario.clients = vec![Client { name: "all".into(), of: "api".into(), patience }];
        let traces = both_ways(fixture);
        let [requests, flow] = of(&traces, "api");
        let attempts = off(flow.requests.attempts as f64, requests.requests.attempts as f64);
        let [cpu, p50, p99, _] = differences([requests, flow]);
        [success(flow) - success(requests), attempts, cpu, p50, p99]
    });
    let bounds = [1.0, 1.5, 0.5, 3.0, 3.0];
    assert!(found.iter().zip(bounds).all(|(off, bound)| off.abs() <= bound), "{found:.2?}");
    // Nobody is there at all.
    let mut fixture = shop(1, 100.0, None, 5);
    fixture.deployments().for_each(|spec| spec.replicas = Some(0));
    fixture.scenario.clients = vec![Client { name: "all".into(), of: "api".into(), patience }];
    let [_, flow] = both_ways(fixture);
    let requests = flow.components[0].requests;
    assert_eq!((requests.answered, requests.unrouted), (0, requests.attempts));
    assert!(off(requests.attempts as f64, 3.0 * requests.arrived as f64).abs() < 2.0, "{requests:?}");
}

/// `api` calls `stock` one and a half times for each request.
fn calling(stock_pods: u32, optional: bool, cache_ns: Option<u64>) -> Fixture {
    let stock = format!(
        "component \"stock\" {{ image \"registry.example.com/stock:1\"; port \"http\" 80; readiness port=\"http\"
         resources cpu=\"2\" memory=\"64Mi\"; replicas {stock_pods}; expose \"cluster\"; }}"
    );
    let api = "resources cpu=\"2\" memory=\"512Mi\"\nreplicas 8";
    let mut fixture = fixture_beside(&stock, api, "pool \"general\" cpu=2 memory=\"256Gi\" nodes=40");
    let call =
        Call { to: "stock".into(), per_request: 1.5, optional, cache_ns, patience: Patience::default() };
    let api = Service { calls: vec![call], concurrency: 64, ..php("api") };
    fixture.scenario.services = vec![api, php("stock")];
    fixture.scenario.traffic[0].base_per_second = 900.0;
    fixture.scenario.duration_ns = 300 * SECOND;
    fixture
}

#[test]
fn calls_come_from_the_rates_of_callers_and_take_as_long_as_they_take() {
    let traces = both_ways(calling(8, false, None));
    let [_, flow] = of(&traces, "stock");
    assert!(off(flow.requests.arrived as f64, 1.5 * 900.0 * 300.0).abs() < 1.0, "{:?}", flow.requests);
    assert!(off(flow.called.arrived as f64, flow.requests.arrived as f64).abs() < 0.01);
    for (name, bounds) in [("stock", [0.1, 3.0, 5.0]), ("api", [0.1, 8.0, 8.0])] {
        let found = differences(of(&traces, name));
        let is_near = found.iter().zip(bounds).all(|(off, bound)| off.abs() <= bound);
        assert!(is_near, "{name}: {found:.2?} %");
    }
}

#[test]
fn what_callers_keep_is_not_called() {
    let traces = both_ways(calling(8, false, Some(SECOND / 2)));
    let [requests, flow] = of(&traces, "stock");
    assert!(requests.called.cached > 5 * requests.called.arrived);
    let apart = off(flow.called.arrived as f64, requests.called.arrived as f64);
    assert!(apart.abs() < 10.0, "{apart} %");
    let apart = off(flow.called.cached as f64, requests.called.cached as f64);
    assert!(apart.abs() < 3.0, "{apart} %");
    let found = differences(of(&traces, "api"));
    assert!(found.iter().zip([0.1, 3.0, 8.0]).all(|(off, bound)| off.abs() <= bound), "{found:.2?} %");
}

#[test]
fn what_calls_those_who_fail_fails_with_them() {
    // Two pods of stock answer half of what they are asked.
    for (optional, within) in [(false, 3.0), (true, 0.1)] {
        let traces = both_ways(calling(2, optional, None));
        let [requests, flow] = of(&traces, "api");
        let (by_requests, by_rates) = (success(requests), success(flow));
        assert!((by_rates - by_requests).abs() < within, "{by_rates} for {by_requests}");
    }
}

#[test]
fn an_autoscaler_comes_to_the_same_count_by_rates() {
    let mut fixture = shop(3, 1_500.0, None, 10);
    let cpu = json!([{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}]);
    fixture.add_autoscaler(3, 40, &cpu);
    let traces = both_ways(fixture);
    // Nine cores are used, half of eighteen.
    let counts = of(&traces, "api").map(|trace| trace.samples.last().map(|sample| sample.ready));
    assert_eq!(counts, [Some(9), Some(9)]);
}

/// A day that rises fivefold, by rates, with an autoscaler.
fn day(seed: u64) -> Fixture {
    let mut fixture = shop(3, 400.0, None, 24 * 60);
    let cpu = json!([{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}]);
    fixture.add_autoscaler(2, 40, &cpu);
    let daily = Daily { peak_minute: 20 * 60, low_minute: 4 * 60, ratio: 5.0, zone: TimeZone::UTC };
    fixture.scenario.traffic[0].shape.daily = Some(daily);
    (fixture.scenario.detail, fixture.scenario.seed) = (Detail::Flow, seed);
    fixture
}

#[test]
fn pods_that_are_measured_together_scale_as_others_do() {
    // A metric that nobody asks for keeps metrics-server from hearing of pods at once.
    let metric = Metric { name: "queue".into(), of: None, is: Measure::Queue };
    let runs = |apart: bool| {
        let runs = (1..=4).map(|seed| {
            let mut fixture = day(seed);
            fixture.scenario.metrics = apart.then_some(metric.clone()).into_iter().collect();
            let trace = fixture.run();
            let ready: u32 = trace.components[0].samples.iter().map(|sample| sample.ready).sum();
            (f64::from(ready), trace.events as f64)
        });
        runs.fold((0.0, 0.0), |sum, run| (sum.0 + run.0, sum.1 + run.1))
    };
    let (together, one_by_one) = (runs(false), runs(true));
    let apart = off(together.0, one_by_one.0);
    assert!(apart.abs() < 1.0, "{apart} % of pod time");
    assert!(together.1 < 0.75 * one_by_one.1, "{} events for {}", together.1, one_by_one.1);
}

/// `api` at 1,500 requests a second, which need nine pods, and more in the window of a cron from 18:00 to 18:05 in
/// Shanghai, by rates from 17:00.
fn evening(hours: u64) -> Fixture {
    let api = "resources cpu=\"2\" memory=\"512Mi\"
        scale min=3 max=40 cpu=\"50%\" {
            cron \"eve\" from=\"0 0 18 * * *\" until=\"0 5 18 * * *\" time-zone=\"Asia/Shanghai\" replicas=20
        }";
    let cluster = "pool \"general\" cpu=2 memory=\"256Gi\" nodes=40
        installed \"cronhpa\" time-zone=\"Asia/Shanghai\"";
    let mut fixture = fixture(api, cluster);
    fixture.scenario.services = vec![php("api")];
    fixture.scenario.traffic[0].base_per_second = 1_500.0;
    (fixture.scenario.from_ns, fixture.scenario.detail) = (1_762_765_200 * SECOND as i64, Detail::Flow);
    fixture.scenario.duration_ns = hours * 3_600 * SECOND;
    fixture
}

#[test]
fn an_autoscaler_that_would_change_nothing_is_not_asked() {
    for per_second in [1_500.0, 0.0] {
        let [short, long] = [4, 8].map(|hours| {
            let mut fixture = evening(hours);
            fixture.scenario.traffic[0].base_per_second = per_second;
            fixture.run().events
        });
        // There are as many samples in both. Four hours more have 960 scrapes, and would have 960 syncs.
        assert!((960..1_060).contains(&(long - short)), "{} events at {per_second}/s", long - short);
    }
}

#[test]
fn an_autoscaler_that_is_asked_every_hour_is_asked_every_hour() {
    let [short, long] = [4, 8].map(|hours| {
        let mut fixture = evening(hours);
        fixture.world.figures.autoscaler.sync_period_ns = 3_600 * SECOND;
        fixture.run().events
    });
    assert!((964..1_060).contains(&(long - short)), "{} events", long - short);
}

#[test]
fn an_autoscaler_that_is_not_asked_does_what_it_would_have_done() {
    let scaled = |is_asked: bool| {
        let mut fixture = evening(2);
        // A metric that nobody asks for keeps the autoscaler from being quiet.
        let metric = Metric { name: "queue".into(), of: None, is: Measure::Queue };
        fixture.scenario.metrics = is_asked.then_some(metric).into_iter().collect();
        let happenings = fixture.run().happenings.into_iter();
        // Its nine pods of the beginning have been there for long.
        let late = happenings.filter(|one| one.at_ns > 1_800 * SECOND);
        late.filter(|one| matches!(one.what, What::Scaled { .. })).collect::<Vec<_>>()
    };
    let (quiet, asked) = (scaled(false), scaled(true));
    assert_eq!(quiet, asked);
    assert_eq!(quiet.len(), 2, "up with the cron's window, and down after it: {quiet:?}");
}

#[test]
fn every_pod_by_itself_comes_to_the_same() {
    let ways = ways(shop(12, 2_700.0, None, 5), [Detail::Flow, Detail::FlowByPod]);
    let [together, alone] = of(&ways, "api");
    // Sums in another order may round to another whole number.
    let counts = [together, alone].map(|trace| {
        let requests = trace.requests;
        [requests.arrived, requests.answered, requests.failed, requests.attempts]
    });
    assert!(counts[0].iter().zip(counts[1]).all(|(one, other)| one.abs_diff(other) <= 1), "{counts:?}");
    let found = differences([together, alone]);
    assert!(found.iter().all(|off| off.abs() < 0.01), "{found:?}");
    let used =
        |trace: &ComponentTrace| trace.samples.iter().map(|sample| sample.cpu_milli).collect::<Vec<_>>();
    let apart = used(together).iter().zip(used(alone)).map(|(one, other)| one.abs_diff(other)).max();
    assert!(apart <= Some(1), "thousandths of a core: {apart:?}");
}

/// A sale of two minutes within forty that is quiet.
fn sale() -> Fixture {
    let mut fixture = shop(12, 2_400.0, None, 40);
    let spike = Spike {
        at_ns: 900 * SECOND,
        times: 3.0,
        over_ns: 5 * SECOND,
        hold_ns: 120 * SECOND,
        fall_ns: 5 * SECOND,
    };
    fixture.scenario.traffic[0].spikes = vec![spike];
    fixture
}

#[test]
fn the_engine_takes_requests_where_they_matter_and_says_how_far_rates_are_from_them() {
    let mut fixture = sale();
    let traces = ways(sale(), [Detail::Requests, Detail::Auto]);
    let flow = traces[1].flow.clone().expect("most of it is quiet");
    let minutes = flow.on_ns / (60 * SECOND);
    assert!((34..=37).contains(&minutes) && flow.windows == 2, "{flow:?}");
    let [requests, auto] = of(&traces, "api");
    // Nobody fails but in the sale, and those fail one by one.
    assert!(requests.requests.failed > 100_000);
    assert!(off(auto.requests.failed as f64, requests.requests.failed as f64).abs() < 1.0);
    fixture.scenario.detail = Detail::Auto;
    let report = report(&fixture.scenario, &traces[1]);
    let apart = report.components[0].compared.as_ref().expect("there were windows");
    assert!(off(apart.rates.p99_ns as f64, apart.requests.p99_ns as f64).abs() < 8.0, "{apart:?}");
    assert!(off(apart.rates.core_seconds, apart.requests.core_seconds).abs() < 1.0, "{apart:?}");
    assert!(apart.rates.success_percent > 99.99 && apart.requests.success_percent > 99.99);
    let text = text(&report);
    assert!(text.contains("by rates alone; 2 windows, 10s in all, were simulated both ways"), "{text}");
    assert!(text.contains("% answered where requests had"), "{text}");
}

#[test]
fn an_autoscaler_takes_pods_away_after_a_sale_as_it_does_by_requests() {
    // From one way to the other and back while it counts down: no sample may be lost on the way.
    let [pod_time, peak] = mean_over_seeds(|seed| {
        let mut fixture = shop(9, 1_500.0, None, 50);
        let utilization = json!({"type": "Utilization", "averageUtilization": 50});
        let cpu = json!([{"type": "Resource", "resource": {"name": "cpu", "target": utilization}}]);
        fixture.add_autoscaler(3, 40, &cpu);
        let (at_ns, hold_ns) = (300 * SECOND, 600 * SECOND);
        let spike = Spike { at_ns, times: 3.0, over_ns: 60 * SECOND, hold_ns, fall_ns: 300 * SECOND };
        // A jolt while traffic falls, which is simulated request by request.
        let jolt = Spike { at_ns: 1_200 * SECOND, times: 1.5, over_ns: 0, hold_ns: SECOND, fall_ns: 0 };
        fixture.scenario.traffic[0].spikes = vec![spike, jolt];
        fixture.scenario.seed = seed;
        let traces = ways(fixture, [Detail::Requests, Detail::Auto]);
        assert!(traces[1].flow.as_ref().is_some_and(|flow| flow.windows > 2), "{:?}", traces[1].flow);
        let ready = of(&traces, "api").map(|trace| trace.samples.iter().map(|sample| sample.ready));
        let [requests, auto] = ready.clone().map(|ready| f64::from(ready.sum::<u32>()));
        let [requests_peak, auto_peak] = ready.map(|ready| f64::from(ready.max().unwrap_or(0)));
        [off(auto, requests), off(auto_peak, requests_peak)]
    });
    assert!(pod_time.abs() < 2.0 && peak.abs() < 4.0, "{pod_time} % of pod time, {peak} % at the peak");
}

#[test]
fn a_run_of_few_requests_has_no_rates() {
    let [requests, auto] = ways(shop(4, 400.0, None, 5), [Detail::Requests, Detail::Auto]);
    assert_eq!(requests, auto);
    assert_eq!(auto.flow, None);
}

#[test]
fn the_same_seed_gives_the_same_rates() {
    let mut fixture = sale();
    fixture.scenario.detail = Detail::Auto;
    let [once, again] = [fixture.run(), fixture.run()];
    assert_eq!(once, again);
    fixture.scenario.seed += 1;
    assert_ne!(once.components, fixture.run().components);
}
