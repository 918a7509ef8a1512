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
            cron "eve" from="0 0 18 * * *" until="0 0 23 * * *" time-zone="Asia/Shanghai" replicas=20
        }}"#
    );
    let fixture = fixture(&component, CLUSTER);
    let report = report(&fixture.scenario, &fixture.run());
    assert_eq!(
        report.left_out,
        [
            "api: its autoscaler never sees queue_length, and so takes no pods away",
            "api: CronHorizontalPodAutoscaler does nothing, no window opens",
        ]
    );
    assert!(text(&report).contains("left out  api: its autoscaler never sees queue_length"));
}

#[test]
fn a_run_that_knows_everything_leaves_nothing_out() {
    let fixture = fixture(&format!("{RESOURCES}\nscale min=4 max=40 {{ cpu \"300m\"; }}"), CLUSTER);
    let report = report(&fixture.scenario, &fixture.run());
    assert!(report.left_out.is_empty() && !text(&report).contains("left out"));
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
