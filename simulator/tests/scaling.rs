//! What a run makes of objects that scale in ways it does not know, and of pods that count late.

mod fixture;

use compiler::lower::lower;
use compiler::plan::plan;
use fixture::{SECOND, fixture};
use simulator::engine::trace::Trace;
use simulator::report::{report, text};
use simulator::scenario::Release;

const CLUSTER: &str = "pool \"general\" cpu=8 memory=\"32Gi\" nodes=4
    installed \"cronhpa\" time-zone=\"Asia/Shanghai\"";

const RESOURCES: &str = "resources cpu=\"500m\" memory=\"512Mi\"";

#[test]
fn a_report_says_what_its_run_left_out() {
    let component = format!(
        r#"{RESOURCES}
        scale min=4 max=40 {{
            cpu "60%"
            external "queue_length" value="1000"
        }}"#
    );
    let fixture = fixture(&component, CLUSTER);
    let report = report(&fixture.scenario, &fixture.run());
    let way = "say what it means, such as `metric \"queue_length\" of=\"api\" is=\"requests\"`";
    let unseen = format!("api: its autoscaler never sees queue_length, and so takes no pods away: {way}");
    assert_eq!(report.left_out, [unseen]);
    assert!(text(&report).contains("left out  api: its autoscaler never sees queue_length"));
}

#[test]
fn a_run_that_knows_everything_leaves_nothing_out() {
    let fixture = fixture(&format!("{RESOURCES}\nscale min=4 max=40 {{ cpu \"300m\"; }}"), CLUSTER);
    let report = report(&fixture.scenario, &fixture.run());
    assert!(report.left_out.is_empty() && !text(&report).contains("left out"));
}

/// Counts and bounds of a component with a window from 18:00 to 18:05 in Shanghai: wanted pods shortly before, inside
/// and shortly after.
fn through_a_window(cluster: &str) -> ([u32; 3], Trace) {
    let component = format!(
        r#"{RESOURCES}
        scale min=4 max=40 cpu="60%" {{
            cron "eve" from="0 0 18 * * *" until="0 5 18 * * *" time-zone="Asia/Shanghai" replicas=20
        }}"#
    );
    let mut fixture = fixture(&component, cluster);
    // 17:59 in Shanghai.
    fixture.scenario.from_ns = 1_762_768_740 * SECOND as i64;
    fixture.scenario.duration_ns = 900 * SECOND;
    let trace = fixture.run();
    let at = |second: u64| {
        let samples = &trace.components[0].samples;
        samples.iter().find(|sample| sample.at_ns == second * SECOND).expect("a sample a second").replicas
    };
    ([at(55), at(100), at(890)], trace)
}

#[test]
fn cronhpa_opens_and_closes_a_window_at_its_time() {
    let (replicas, trace) = through_a_window(CLUSTER);
    assert_eq!(replicas, [4, 20, 4]);
    let said = text(&report(&fixture(RESOURCES, CLUSTER).scenario, &trace));
    assert!(said.contains("+1:00  api: cron hpa job eve-from executed successfully."), "{said}");
}

#[test]
fn a_cron_job_opens_and_closes_a_window_where_there_is_no_cronhpa() {
    let pool = "pool \"general\" cpu=8 memory=\"32Gi\" nodes=4";
    let (replicas, trace) = through_a_window(pool);
    assert_eq!(replicas, [4, 20, 4]);
    assert!(trace.left_out.is_empty(), "{:?}", trace.left_out);
}

/// A release of four pods in two batches, with this policy.
fn released(policy: &str) -> Trace {
    let mut fixture = fixture(
        &format!("{RESOURCES}\nreplicas 4\nrelease {{ {policy} batch \"50%\"; batch \"100%\"; }}"),
        CLUSTER,
    );
    fixture.scenario.duration_ns = 400 * SECOND;
    let image = "registry.example.com/api:2".to_owned();
    let cell = fixture.checked.cells()[0].clone();
    let cell = fixture.checked.with_image(&cell, "api", &image).expect("there is such a component");
    let plan = plan(&fixture.checked, &cell, &lower(&fixture.checked, &cell));
    fixture.scenario.releases.push(Release {
        component: "api".into(),
        at_ns: 10 * SECOND,
        image,
        approve_ns: SECOND,
    });
    simulator::simulate(&fixture.objects, &fixture.world, &fixture.scenario, &[plan])
}

#[test]
fn a_pod_counts_once_it_has_been_ready_for_long_enough() {
    let took = |trace: &Trace| {
        let release = &trace.releases[0];
        assert!(release.released, "{}", release.outcome);
        (release.ended_ns.expect("it ended") - release.began_ns) / SECOND
    };
    let (at_once, later) = (took(&released("")), took(&released("min-ready \"30s\";")));
    // With a surge of one, four pods come one after another. The API server keeps whole seconds, so that each may count
    // up to one early.
    assert!(later >= at_once + 4 * 29, "{at_once} s and {later} s");
}
