//! Objects that cannot work: a run ends, and its report says what a cluster would show.

mod fixture;

use compiler::object::Manifest;
use fixture::{Fixture, fixture};
use serde_json::json;
use simulator::report::{report, text};

fn small() -> Fixture {
    fixture(
        "resources cpu=1 memory=\"1Gi\"; replicas 1; burst \"never\";",
        "pool \"general\" cpu=4 memory=\"16Gi\" nodes=1;",
    )
}

/// The trouble that an added object makes.
fn trouble(add: impl FnOnce(&mut Fixture)) -> Vec<String> {
    let mut fixture = small();
    add(&mut fixture);
    let trace = fixture.run();
    let shown = text(&report(&fixture.scenario, &trace));
    assert!(trace.troubles.iter().all(|line| shown.contains(&format!("trouble   {line}"))), "{shown}");
    trace.troubles
}

#[test]
fn a_clean_application_has_no_trouble() {
    assert_eq!(trouble(|_| ()), [""; 0]);
}

#[test]
fn an_autoscaler_of_nothing_cannot_get_the_scale() {
    let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "nobody"});
    let object = json!({"metadata": {"name": "lost"}, "spec": {"maxReplicas": 3, "scaleTargetRef": target}});
    let manifest = Manifest::HorizontalPodAutoscaler(serde_json::from_value(object).unwrap());
    let found = trouble(|fixture| fixture.add(manifest));
    let said = "AbleToScale is False/FailedGetScale: deployments.apps \"nobody\" not found";
    assert_eq!(found, [format!("HorizontalPodAutoscaler lost: {said}")]);
}

#[test]
fn a_selector_that_matches_nobody_has_no_endpoints() {
    let service = json!({"metadata": {"name": "lost"}, "spec": {"selector": {"app": "nobody"}}});
    let service = Manifest::Service(serde_json::from_value(service).unwrap());
    let found = trouble(|fixture| fixture.add(service));
    assert_eq!(found, ["Service lost: no endpoints: its selector app=nobody matches no pod"]);
}

#[test]
fn a_workload_that_does_not_select_its_own_pods_is_refused() {
    let found = trouble(|fixture| {
        for spec in fixture.deployments() {
            spec.selector.match_labels = Some([("app".to_owned(), "other".to_owned())].into());
        }
    });
    assert!(found[0].contains("the API server refuses it: `selector` app=other"), "{found:?}");
}

#[test]
fn a_cron_that_never_fires_says_so() {
    let patch = ["patch", "horizontalpodautoscaler/api", "--patch={\"spec\":{\"minReplicas\":3}}"];
    let container = json!({"name": "kubectl", "command": ["kubectl"], "args": patch});
    let pod = json!({"spec": {"template": {"spec": {"containers": [container]}}}});
    let job = json!({"metadata": {"name": "sale"}, "spec": {"schedule": "0 0 30 2 *", "jobTemplate": pod}});
    let job = Manifest::CronJob(serde_json::from_value(job).unwrap());
    let found = trouble(|fixture| fixture.add(job));
    assert_eq!(found, ["CronJob sale: its schedule `0 0 30 2 *` never comes"]);
}

#[test]
fn a_pod_that_no_node_can_hold_waits_with_its_reason() {
    let mut fixture = small();
    fixture.world.pools[0].cpu_milli = 500;
    let trace = fixture.run();
    let report = report(&fixture.scenario, &trace);
    assert!(report.unschedulable[0].ends_with("0 of 1 nodes: 1 without room"), "{:?}", report.unschedulable);
    assert_eq!(trace.components[0].requests.unrouted, trace.components[0].requests.attempts);
}
