//! What is measured of pods, what autoscalers make of it, and what becomes of pods that keep too much in memory.

mod fixture;

use compiler::diag::Diagnostics;
use compiler::source::Sources;
use fixture::{Fixture, MS, SECOND, fixture};
use simulator::engine::random::Duration;
use simulator::engine::trace::{Trace, What};
use simulator::report::{report, text};
use simulator::scenario::{Fault, FaultKind, Measure, Memory, Metric, Spike};

const CLUSTER: &str = "pool \"general\" cpu=8 memory=\"32Gi\" nodes=4";

const RESOURCES: &str = "resources cpu=\"500m\" memory=\"512Mi\"";

/// `spec.replicas` at the end of a run.
fn wanted(trace: &Trace) -> u32 {
    trace.components[0].samples.last().expect("a run has samples").replicas
}

#[test]
fn a_memory_target_scales_with_what_requests_keep() {
    let component = "resources cpu=\"500m\" memory=\"512Mi\" memory-limit=\"2Gi\"
        scale min=2 max=20 { memory \"50%\"; }";
    let mut fixture = fixture(component, CLUSTER);
    let way = "give `service \"api\"` its `memory`, such as `memory \"120Mi\" per-request=\"2Mi\"`";
    let unseen = format!("api: its autoscaler never sees memory, and so takes no pods away: {way}");
    assert_eq!(fixture.run().left_out, [unseen]);
    // 100 requests a second of 2 s are 200 inside, of 8 MiB each: with 64 MiB a pod, 256 MiB are 8.3 pods.
    let service = &mut fixture.scenario.services[0];
    (service.cpu, service.wait) = (Duration::Constant(0), Duration::Constant(2 * SECOND));
    (service.concurrency, service.memory) =
        (1_000, Some(Memory { base_bytes: 64 << 20, per_request_bytes: 8 << 20 }));
    fixture.scenario.traffic[0].base_per_second = 100.0;
    fixture.scenario.duration_ns = 300 * SECOND;
    let trace = fixture.run();
    let last = wanted(&trace);
    assert!((8..=10).contains(&last) && trace.left_out.is_empty(), "{last} pods, {:?}", trace.left_out);
}

/// How many pods an autoscaler ends with that keeps a metric of each pod, or of its container `api`, at 60 % of 500 m;
/// a sidecar beside it requests as much again. Six pods work at 90 % of 500 m.
fn beside_a_sidecar(metric: &str) -> (u32, Vec<String>) {
    let component = format!(
        "{RESOURCES}
        container \"proxy\" {{
            image \"registry.example.com/proxy:1\"
            resources cpu=\"500m\" memory=\"64Mi\"
        }}
        scale min=6 max=20 {{ {metric}; }}"
    );
    let mut fixture = fixture(&component, CLUSTER);
    // 2.7 cores.
    (fixture.scenario.services[0].cpu, fixture.scenario.traffic[0].base_per_second) =
        (Duration::Constant(9 * MS), 300.0);
    (fixture.scenario.services[0].concurrency, fixture.scenario.duration_ns) = (100, 300 * SECOND);
    let trace = fixture.run();
    (wanted(&trace), trace.left_out)
}

#[test]
fn the_metric_of_a_container_knows_no_request_of_a_sidecar() {
    assert_eq!(beside_a_sidecar("cpu \"60%\""), (6, vec![]), "45 % of what both request");
    let (pods, left_out) = beside_a_sidecar("container \"api\" { cpu \"60%\"; }");
    assert!((9..=10).contains(&pods) && left_out.is_empty(), "90 % of its own request: {pods} pods");
    let (pods, left_out) = beside_a_sidecar("container \"proxy\" { cpu \"60%\"; }");
    assert_eq!(pods, 6);
    assert_eq!(left_out, ["api: container proxy is taken to use nothing: the first container serves"]);
}

/// Three minutes of 60 requests at a time in one pod, whose memory has room for 41.
fn crowded(system: &str, cluster: &str) -> Fixture {
    let mut fixture = fixture(&format!("{system}\n{RESOURCES}\nreplicas 1"), cluster);
    let service = &mut fixture.scenario.services[0];
    (service.cpu, service.wait) = (Duration::Constant(0), Duration::Constant(2 * SECOND));
    (service.concurrency, service.memory) =
        (1_000, Some(Memory { base_bytes: 100 << 20, per_request_bytes: 10 << 20 }));
    fixture.scenario.traffic[0].base_per_second = 30.0;
    fixture.scenario.duration_ns = 180 * SECOND;
    fixture
}

fn kills(trace: &Trace) -> Vec<u64> {
    let kills = trace.happenings.iter().filter(|happening| matches!(happening.what, What::Killed { .. }));
    kills.map(|happening| happening.at_ns).collect()
}

#[test]
fn a_container_that_passes_its_limit_breaks_its_requests_and_backs_off() {
    let fixture = crowded("", CLUSTER);
    let trace = fixture.run();
    let kills = kills(&trace);
    let gaps: Vec<u64> = kills.windows(2).map(|pair| (pair[1] - pair[0]) / SECOND).collect();
    assert!(gaps.len() >= 3, "{gaps:?}");
    // Start, readiness and 42 requests take equally long each time; what differs is the back-off.
    for (gap, backoff) in gaps[1..].iter().zip([10, 20, 40, 80]) {
        assert!((gap - gaps[0]).abs_diff(backoff) <= 2, "{gaps:?}");
    }
    let requests = trace.components[0].requests;
    assert_eq!(requests.broken, 42 * kills.len() as u64, "{requests:?}");
    assert!(requests.unrouted > 1_000, "nobody serves meanwhile: {requests:?}");
    let last = trace.components[0].samples.last().expect("a run has samples");
    assert_eq!((last.pods, last.on_ecs), (1, 1), "the pod stays where it is");
    let said = text(&report(&fixture.scenario, &trace));
    assert!(said.contains(": a container, at its memory limit, 5 times, first at"), "{said}");
}

#[test]
fn windows_kills_no_container_for_its_memory() {
    let cluster = "pool \"windows\" os=\"windows\" build=\"ltsc2022\" cpu=4 memory=\"16Gi\" nodes=1";
    let trace = crowded("os \"windows\" build=\"ltsc2022\"", cluster).run();
    assert_eq!((kills(&trace), trace.components[0].requests.broken), (vec![], 0));
    assert!(trace.components[0].requests.answered > 5_000);
}

/// Where an autoscaler with this metric ends, between 2 and 20 pods, with 100 requests a second of 2 s; a pod works on
/// at most eight at a time and keeps 50 waiting.
fn scaled_by(target: &str, of: Option<&str>, is: Measure) -> (u32, Vec<String>) {
    let mut fixture = fixture(&format!("{RESOURCES}\nscale min=2 max=20 {{ {target}; }}"), CLUSTER);
    let service = &mut fixture.scenario.services[0];
    (service.cpu, service.wait) = (Duration::Constant(0), Duration::Constant(2 * SECOND));
    (service.concurrency, service.queue) = (8, 50);
    fixture.scenario.metrics = vec![Metric { name: "load".into(), of: of.map(str::to_owned), is }];
    fixture.scenario.traffic[0].base_per_second = 100.0;
    fixture.scenario.duration_ns = 400 * SECOND;
    let trace = fixture.run();
    (wanted(&trace), trace.left_out)
}

#[test]
fn metrics_of_pods_objects_and_from_outside_are_what_the_scenario_says() {
    let near = |(pods, left_out): (u32, Vec<String>), expected: u32| {
        assert!(pods.abs_diff(expected) <= 1 && left_out.is_empty(), "{pods} for {expected}, {left_out:?}");
    };
    // Four a second are what one pod can do; twenty would be needed, so that more than that is refused on the way.
    near(scaled_by("external \"load\" average=\"10\"", Some("api"), Measure::Arrivals), 10);
    near(scaled_by("pods \"load\" average=\"10\"", None, Measure::Arrivals), 10);
    // Two pods take four a second each once they are full, which is what is wanted.
    near(scaled_by("pods \"load\" average=\"4\"", Some("api"), Measure::Requests), 2);
    near(scaled_by("object \"load\" of=\"Ingress/api\" average=\"4\"", None, Measure::Requests), 2);
    // Every pod is full: 58 inside, 50 of them waiting.
    near(scaled_by("pods \"load\" average=\"20\"", Some("api"), Measure::InFlight), 20);
    near(scaled_by("pods \"load\" average=\"20\"", Some("api"), Measure::Queue), 20);
}

#[test]
fn a_metric_of_other_pods_is_none_of_the_pods_themselves() {
    let (pods, left_out) = scaled_by("pods \"load\" average=\"1\"", Some("web"), Measure::Arrivals);
    assert_eq!(pods, 2);
    assert!(left_out[0].starts_with("api: its autoscaler never sees load"), "{left_out:?}");
    let (pods, left_out) = scaled_by("external \"load\" average=\"1\"", Some("web"), Measure::Arrivals);
    assert_eq!((pods, left_out), (2, vec![]), "there is no such component, and so no value");
}

/// When an autoscaler first takes pods away after a rise of two minutes, and what a run with these faults says.
fn after_a_rise(faults: &[(u64, u64)]) -> (u64, String) {
    let mut fixture = fixture(&format!("{RESOURCES}\nscale min=2 max=20 {{ cpu \"60%\"; }}"), CLUSTER);
    let spike = Spike { at_ns: 30 * SECOND, times: 10.0, over_ns: 0, hold_ns: 120 * SECOND, fall_ns: 0 };
    fixture.scenario.traffic[0].base_per_second = 40.0;
    fixture.scenario.traffic[0].spikes.push(spike);
    fixture.scenario.duration_ns = 900 * SECOND;
    let fault = |(at_s, for_s): &(u64, u64)| Fault {
        kind: FaultKind::Metrics,
        at_ns: at_s * SECOND,
        for_ns: for_s * SECOND,
    };
    fixture.scenario.faults = faults.iter().map(fault).collect();
    let trace = fixture.run();
    let falls = trace.happenings.iter().filter_map(|happening| {
        let What::Scaled { from, to, .. } = &happening.what else { return None };
        (to < from).then_some(happening.at_ns / SECOND)
    });
    (falls.min().expect("pods are taken away"), text(&report(&fixture.scenario, &trace)))
}

#[test]
fn without_metrics_server_no_pod_is_taken_away_until_it_answers_again() {
    let (alone, said) = after_a_rise(&[]);
    // The rise ends at 150 s, and the window down is 300 s.
    assert!((450..500).contains(&alone) && !said.contains("metrics-server"), "{alone} s");
    let (with, said) = after_a_rise(&[(400, 200)]);
    // It comes back at 600 s; the second scrape is 15 s later, and a sync at most 15 s after that.
    assert!((615..=630).contains(&with), "{with} s");
    assert!(said.contains("+6:40  metrics-server: answers nothing"), "{said}");
    assert!(said.contains("+10:00  metrics-server: works again"), "{said}");
    let (overlapping, said) = after_a_rise(&[(400, 200), (500, 150)]);
    assert!((665..=680).contains(&overlapping), "{overlapping} s");
    assert_eq!(said.matches("metrics-server: works again").count(), 1, "{said}");
    let (short, _) = after_a_rise(&[(300, 2)]);
    assert!(short.abs_diff(alone) <= 15, "{short} s and {alone} s: it is forgotten by then");
}

/// What a scenario with these lines says, or what is wrong with it.
fn read(lines: &str) -> Result<simulator::scenario::Scenario, Vec<String>> {
    let fixture = fixture(&format!("{RESOURCES}\nreplicas 1"), CLUSTER);
    let text = format!(
        r#"scenario "sale" app="shop" environment="prod" {{
            from "2026-11-11T00:00:00+08:00"
            duration "10m"
            traffic "api" {{ base per-second=10; }}
            {lines}
        }}"#
    );
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let document = compiler::parse::parse(&sources.add("scenario.kdl", text), &mut diagnostics);
    let scenario = simulator::scenario::resolve(&document.nodes[0], &fixture.checked, &mut diagnostics);
    scenario.ok_or_else(|| diagnostics.sorted().iter().map(|found| found.message.clone()).collect())
}

#[test]
fn a_scenario_says_what_is_measured_and_what_fails() {
    let scenario = read(
        r#"service "api" { cpu "5ms"; memory "120Mi" per-request="2Mi"; }
        metric "http_requests_per_second" of="api" is="requests"
        metric "waiting" is="queue"
        fault "metrics" at="2026-11-11T00:01:00+08:00" for="2m"
        fault "metrics" at="2026-11-11T00:05:00+08:00" for="1m""#,
    );
    let scenario = scenario.expect("it is right");
    let memory = Memory { base_bytes: 120 << 20, per_request_bytes: 2 << 20 };
    assert_eq!(scenario.services[0].memory, Some(memory));
    let metric = |name: &str, of: Option<&str>, is| Metric { name: name.into(), of: of.map(Into::into), is };
    let [requests, waiting] = [
        metric("http_requests_per_second", Some("api"), Measure::Requests),
        metric("waiting", None, Measure::Queue),
    ];
    assert_eq!(scenario.metrics, [requests, waiting]);
    let fault =
        |at_s, for_s| Fault { kind: FaultKind::Metrics, at_ns: at_s * SECOND, for_ns: for_s * SECOND };
    assert_eq!(scenario.faults, [fault(60, 120), fault(300, 60)]);
}

#[test]
fn what_a_metric_and_a_fault_need_is_asked_for() {
    let wrong = read(
        r#"service "api" { cpu "5ms"; }
        metric "waiting" of="apo"
        fault "metrics" at="2026-11-11T01:00:00+08:00""#,
    );
    let wrong = wrong.expect_err("much is wrong");
    let said =
        ["metric `waiting` has no `is`", "fault `metrics` has no `for`", "the fault lies outside the run"];
    assert!(said.iter().all(|said| wrong.iter().any(|message| message == said)), "{wrong:?}");
    assert!(wrong.iter().any(|message| message.contains("`apo`")), "{wrong:?}");
}

#[test]
fn a_process_that_is_slower_than_its_startup_probe_allows_never_comes_up() {
    let mut fixture = fixture(&format!("{RESOURCES}\nreplicas 1"), CLUSTER);
    fixture.add_autoscaler(2, 2, &serde_json::json!([]));
    let probe = serde_json::json!({"tcpSocket": {"port": 80}, "periodSeconds": 5, "failureThreshold": 3});
    let probe: k8s_openapi::api::core::v1::Probe = serde_json::from_value(probe).unwrap();
    for spec in fixture.pod_specs() {
        spec.containers[0].startup_probe = Some(probe.clone());
    }
    fixture.scenario.duration_ns = 120 * SECOND;
    // Asked after 0, 5 and 10 s.
    fixture.scenario.services[0].start_ns = 10 * SECOND;
    let up = fixture.run();
    assert_eq!(up.components[0].samples.last().map(|sample| sample.ready), Some(2));
    fixture.scenario.services[0].start_ns = 11 * SECOND;
    let trace = fixture.run();
    assert_eq!(trace.components[0].samples.last().map(|sample| (sample.ready, sample.pods)), Some((1, 2)));
    let killed: Vec<u64> = trace
        .happenings
        .iter()
        .filter(|happening| matches!(happening.what, What::Killed { .. }))
        .map(|happening| happening.at_ns / SECOND)
        .collect();
    let waits: Vec<u64> = killed.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // Ten seconds of probes and two of the start, and back-offs of 0, 10, 20 s between them.
    assert_eq!(waits, [12, 22, 32], "{killed:?}");
    let shown = text(&report(&fixture.scenario, &trace));
    let said = "a container, for not being up in the time that its startup probe gives, 4 times, first at";
    assert!(shown.contains(said), "{shown}");
}
