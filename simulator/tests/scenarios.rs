//! What happens to pods, requests and releases in small worlds.

mod fixture;

use compiler::lower::lower;
use compiler::plan::plan;
use fixture::{Fixture, MS, SECOND, fixture, fixture_beside};
use simulator::engine::random::Duration;
use simulator::engine::trace::What;
use simulator::report::{json, report, text};
use simulator::scenario::{Client, Patience, Release, Spike};

const SCALED: &str = "resources cpu=\"500m\" memory=\"512Mi\"
    scale min=4 max=40 { cpu \"60%\"; }
    burst \"when-short\"
    release { batch 1 pause=#true; batch \"50%\" wait=\"10s\"; batch \"100%\"; }";

/// A component that scales from 4 to 40, on nodes for 8 of its pods and a virtual node.
fn scaled() -> Fixture {
    let cluster = "pool \"general\" cpu=2 memory=\"8Gi\" nodes=2\nvirtual-node \"eci\" quota=100";
    let mut fixture = fixture(SCALED, cluster);
    fixture.scenario.duration_ns = 600 * SECOND;
    let spike =
        Spike { at_ns: 60 * SECOND, times: 20.0, over_ns: 5 * SECOND, hold_ns: 600 * SECOND, fall_ns: 0 };
    fixture.scenario.traffic[0].base_per_second = 60.0;
    fixture.scenario.traffic[0].spikes.push(spike);
    fixture
}

#[test]
fn with_the_toleration_pods_run_on_eci_and_without_it_they_stay_pending() {
    let mut fixture = scaled();
    let with = fixture.api();
    let last = with.samples.last().expect("a run has samples");
    assert!(last.on_eci >= 10, "{} pods on ECI", last.on_eci);
    assert_eq!((last.on_ecs, last.pending), (8, 0), "nodes are filled first");
    fixture.without_toleration();
    let trace = fixture.run();
    let last = trace.components[0].samples.last().expect("a run has samples");
    assert_eq!((last.on_ecs, last.on_eci), (8, 0));
    // The controller counts pending pods as idle, so it stops asking where they outweigh the busy ones.
    assert!(last.pending >= 4, "{} pods pending", last.pending);
    let report = report(&fixture.scenario, &trace);
    assert!(report.unschedulable[0].contains("1 with a taint that the pod does not tolerate"), "{report:?}");
    assert!(text(&report).contains("pending"), "a person reads why");
}

#[test]
fn the_autoscaler_doubles_at_most_and_reaches_what_the_load_needs() {
    let trace = scaled().run();
    let (mut counts, mut times) = (vec![4], Vec::new());
    for happening in &trace.happenings {
        if let What::Scaled { from, to, .. } = &happening.what {
            assert_eq!(counts.last(), Some(from));
            assert!(*to <= (from * 2).max(4), "{from} to {to}");
            counts.push(*to);
            times.push(happening.at_ns);
        }
    }
    let synced = times.windows(2).all(|pair| (pair[1] - pair[0]).is_multiple_of(15 * SECOND));
    assert!(times.len() > 2 && synced, "it looks every 15 s: {times:?}");
    // 1200 requests a second of 5 ms are 6 cores: 20 pods at 60 % of half a core.
    let last = counts.last().copied().unwrap_or(0);
    assert!((18..=24).contains(&last), "{counts:?}");
}

#[test]
fn a_pod_starts_after_scheduling_pull_process_and_probe() {
    let trace = scaled().run();
    let mut scheduled = std::collections::BTreeMap::new();
    for happening in &trace.happenings {
        if let What::Scheduled { pod, node } = &happening.what {
            scheduled.insert(*pod, (happening.at_ns, node == "eci"));
        }
        if let What::PodReady { pod } = &happening.what {
            let (at_ns, on_eci) = scheduled[pod];
            let took = (happening.at_ns - at_ns) / SECOND;
            // A node has the image and needs 2 s and the second probe; ECI has an image cache and needs 15 s.
            assert_eq!(took, if on_eci { 20 } else { 7 }, "pod {pod}, on ECI: {on_eci}");
        }
    }
    assert!(scheduled.len() > 10);
}

fn release(fixture: &mut Fixture) -> compiler::plan::Plan {
    let image = "registry.example.com/api:2".to_owned();
    let release = Release { component: "api".into(), at_ns: 60 * SECOND, image, approve_ns: 45 * SECOND };
    let cell = &fixture.checked.cells()[0];
    let cell = fixture.checked.with_image(cell, "api", &release.image).expect("`api` exists");
    fixture.scenario.releases.push(release);
    plan(&fixture.checked, &cell, &lower(&fixture.checked, &cell))
}

#[test]
fn a_release_under_traffic_runs_canary_pause_approval_and_the_rest() {
    let mut fixture = scaled();
    fixture.scenario.traffic[0].spikes.clear();
    let plan = release(&mut fixture);
    let trace = simulator::simulate(&fixture.objects, &fixture.world, &fixture.scenario, &[plan]);
    let steps: Vec<(u64, &str)> = trace
        .happenings
        .iter()
        .filter_map(|happening| {
            let What::Rollout { step, .. } = &happening.what else { return None };
            Some((happening.at_ns, step.as_str()))
        })
        .collect();
    let at = |wanted: &str| {
        let found = steps.iter().find(|(_, step)| step.starts_with(wanted));
        found.unwrap_or_else(|| panic!("`{wanted}` in {steps:#?}")).0
    };
    let order = [
        at("batch 1 begins: 1 of 4 pods"),
        at("paused after batch 1"),
        at("somebody resumes"),
        at("batch 2 is complete"),
        at("batch 3 begins"),
        at("the plan is what runs"),
        at("released"),
    ];
    assert!(order.is_sorted(), "{steps:#?}");
    assert_eq!(order[2] - order[1], 45 * SECOND, "approval takes as long as the scenario says");
    assert!(order[4] - order[3] >= 10 * SECOND, "batch 2 is looked at for as long as the release says");
    assert!(trace.releases[0].released);
    let requests = trace.components[0].requests;
    assert_eq!((requests.failed, requests.broken), (0, 0), "a rollout loses no request");
    assert!(trace.components[0].samples.iter().all(|sample| sample.ready >= 4), "never fewer than promised");
}

/// What operators ask; a run answers the two that it measures.
const QUESTIONS: &str = "monitoring {
    prometheus \"http://prometheus.monitoring:9090\"
    query \"error-rate\" \"errors\"
    query \"p99\" \"latency\"
    query \"orders\" \"orders\"
}";

/// The outcome of a verified release of a component whose requests take 5 ms, and what the report says of it.
fn verified(verifications: &str) -> (String, String) {
    let component = format!(
        "resources cpu=\"500m\" memory=\"512Mi\"
        replicas 4
        release {{ batch 1; batch \"100%\"; deadline \"3m\"; {verifications}; }}"
    );
    let mut fixture =
        fixture(&component, &format!("pool \"general\" cpu=8 memory=\"32Gi\" nodes=2\n{QUESTIONS}"));
    fixture.scenario.duration_ns = 600 * SECOND;
    let plan = release(&mut fixture);
    let trace = simulator::simulate(&fixture.objects, &fixture.world, &fixture.scenario, &[plan]);
    (trace.releases[0].outcome.clone(), text(&report(&fixture.scenario, &trace)))
}

#[test]
fn a_release_is_verified_by_what_the_run_measures() {
    let (outcome, said) =
        verified("verify \"error-rate\" below=\"1%\"; verify \"p99\" below=\"100ms\" for=\"30s\"");
    assert_eq!(outcome, "released", "{said}");
    let steps = ["batch 1 is being verified", "batch 1 is verified", "batch 2 begins", "batch 2 is verified"];
    let places: Vec<Option<usize>> = steps.iter().map(|step| said.find(step)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{said}");
    assert!(!said.contains("counts as passed"), "{said}");
    let (outcome, said) = verified("verify \"p99\" below=\"1ms\"");
    assert!(outcome.starts_with("failed: batch 1: `p99` says "), "{outcome}");
    assert!(!said.contains("batch 2 begins"), "{said}");
}

#[test]
fn what_no_run_can_answer_counts_as_passed_and_is_said() {
    let (outcome, said) =
        verified("verify \"orders\" above=10; verify \"smoke\" webhook=\"https://checks.example.com/api\"");
    assert_eq!(outcome, "released", "{said}");
    for name in ["orders", "smoke"] {
        let line = format!("left out  api: verification `{name}` counts as passed, nothing answers it");
        assert!(said.contains(&line), "{said}");
    }
}

#[test]
fn requests_inside_a_pod_that_ends_are_accounted_for() {
    let mut fixture = scaled();
    let plan = release(&mut fixture);
    // Requests outlast the grace period, so pods end under them.
    fixture.scenario.services[0].wait = Duration::Constant(60 * SECOND);
    (fixture.scenario.services[0].concurrency, fixture.scenario.services[0].cpu) =
        (100_000, Duration::Constant(MS));
    let trace = simulator::simulate(&fixture.objects, &fixture.world, &fixture.scenario, &[plan]);
    let requests = trace.components[0].requests;
    assert!(requests.broken > 100, "{requests:?}");
    assert_eq!(requests.failed, requests.broken, "without retries every broken attempt is a failed request");
}

#[test]
fn impatient_callers_and_a_long_queue_keep_a_service_down() {
    let cluster = "pool \"general\" cpu=1 memory=\"8Gi\" nodes=1";
    let mut fixture = fixture("resources cpu=\"1\" memory=\"512Mi\"\nreplicas 1", cluster);
    let spike = Spike { at_ns: 30 * SECOND, times: 4.0, over_ns: 0, hold_ns: 20 * SECOND, fall_ns: 0 };
    fixture.scenario.traffic[0].base_per_second = 120.0;
    fixture.scenario.traffic[0].spikes.push(spike);
    fixture.scenario.duration_ns = 180 * SECOND;
    let patience =
        Patience { timeout: Some(Duration::Constant(500 * MS)), retries: 3, ..Patience::default() };
    let client = Client { name: "shoppers".into(), of: "api".into(), patience };
    fixture.scenario.clients.push(client);
    let mut answered_at_the_end = |queue| {
        fixture.scenario.services[0].queue = queue;
        let api = fixture.api();
        let end = &api.samples[150..];
        let count =
            |count: fn(&simulator::engine::trace::Sample) -> u64| end.iter().map(count).sum::<u64>() as f64;
        count(|sample| sample.answered) / count(|sample| sample.arrived)
    };
    let (short, long) = (answered_at_the_end(20), answered_at_the_end(100_000));
    assert!(short > 0.99, "with a short queue it recovers: {short}");
    assert!(long < 0.1, "with a long one it works for callers who are gone: {long}");
}

#[test]
fn a_report_reads_the_same_every_time_and_knows_its_objectives() {
    let mut fixture = scaled();
    let bound = |text, unit| compiler::resolve::quantity::bound(text, unit);
    fixture.scenario.objective.success = bound(">=10%", compiler::resolve::quantity::BoundUnit::Percent);
    fixture.scenario.objective.cost = bound("<=0.01CNY", compiler::resolve::quantity::BoundUnit::Money);
    let made = || report(&fixture.scenario, &fixture.run());
    let (first, second) = (made(), made());
    assert_eq!((text(&first), json(&first)), (text(&second), json(&second)));
    let verdicts: Vec<(&str, bool)> =
        first.objectives.iter().map(|verdict| (verdict.objective, verdict.met)).collect();
    assert_eq!(verdicts, [("success", true), ("cost", false)]);
    let shown = text(&first);
    let total = shown.lines().find_map(|line| line.strip_prefix("cost      ")?.split(' ').next());
    assert_eq!(first.objectives[1].value, total.map(|total| format!("{total}CNY")), "one amount, one figure");
    assert!(!first.met());
}

/// Two Linux nodes and a Windows one of 4 cores, and an ECI behind them.
const MIXED: &str = "pool \"general\" cpu=4 memory=\"16Gi\" nodes=2
    pool \"windows\" os=\"windows\" build=\"ltsc2022\" cpu=4 memory=\"16Gi\" nodes=1
    virtual-node \"eci\" quota=100";

#[test]
fn members_and_daemons_take_their_room_on_the_nodes_of_their_system() {
    let others = "component \"db\" kind=\"stateful\" {
            image \"registry.example.com/db:1\"
            resources cpu=\"1\" memory=\"1Gi\"
            replicas 2
        }
        component \"agent\" kind=\"daemon\" {
            image \"registry.example.com/agent:1\"
            resources cpu=\"1\" memory=\"1Gi\"
        }";
    let api = "resources cpu=\"1\" memory=\"1Gi\"; replicas 8; burst \"when-short\"";
    let trace = fixture_beside(others, api, MIXED).run();
    let of = |name: &str| {
        let component = trace.components.iter().find(|component| component.name == name);
        let last = component.and_then(|component| component.samples.last()).copied();
        last.map(|last| (last.on_ecs, last.on_eci, last.pending))
    };
    assert_eq!(of("agent"), Some((2, 0, 0)), "one on each Linux node, none on Windows and none on ECI");
    assert_eq!(of("db"), Some((2, 0, 0)));
    // Of 8 cores on Linux nodes two are the agent's and two the members'.
    assert_eq!(of("api"), Some((4, 4, 0)));
}

#[test]
fn a_windows_pod_finds_the_node_of_its_build() {
    let others = "component \"erp\" {
            os \"windows\" build=\"ltsc2022\"
            image \"registry.example.com/erp:1\"
            resources cpu=\"3\" memory=\"1Gi\"
            replicas 1
        }";
    let mut fixture = fixture_beside(others, "resources cpu=\"3\" memory=\"1Gi\"; replicas 3", MIXED);
    fixture.scenario.duration_ns = SECOND;
    let trace = fixture.run();
    let last = |name: &str| {
        let found = trace.components.iter().find(|component| component.name == name);
        found.and_then(|component| component.samples.last()).map(|last| (last.on_ecs, last.pending))
    };
    assert_eq!(last("erp"), Some((1, 0)));
    assert_eq!(last("api"), Some((2, 1)), "the third pod does not go to Windows");
}
