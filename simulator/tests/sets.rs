//! Releases of sets in small worlds, members and daemons: the same steps as on a cluster.

mod fixture;

use compiler::lower::lower;
use fixture::{Fixture, SECOND, fixture, fixture_beside};
use simulator::engine::trace::{Trace, What};
use simulator::scenario::Release;

const CLUSTER: &str = r#"pool "general" cpu=8 memory="32Gi" nodes=3"#;

/// A release of a component at the first minute, approved at once.
fn released(mut fixture: Fixture, component: &str) -> Trace {
    let image = format!("registry.example.com/{component}:2");
    fixture.scenario.duration_ns = 900 * SECOND;
    let release = Release { component: component.to_owned(), at_ns: 60 * SECOND, image, approve_ns: SECOND };
    let cell = &fixture.checked.cells()[0];
    let cell = fixture.checked.with_image(cell, component, &release.image).expect("the component exists");
    fixture.scenario.releases.push(release);
    let plan = compiler::plan::plan(&fixture.checked, &cell, &lower(&fixture.checked, &cell));
    simulator::simulate(&fixture.objects, &fixture.world, &fixture.scenario, &[plan])
}

fn steps(trace: &Trace) -> Vec<&str> {
    let mut said = Vec::new();
    for happening in &trace.happenings {
        if let What::Rollout { step, .. } = &happening.what {
            said.push(step.as_str());
        }
    }
    said
}

#[test]
fn members_follow_the_partition_from_the_highest_down() {
    let component = "kind \"stateful\"\nresources cpu=\"500m\" memory=\"512Mi\"\nreplicas 3\n\
                     release { batch 1 pause=#true; batch \"100%\"; }";
    let trace = released(fixture(component, CLUSTER), "api");
    let said = steps(&trace);
    let moved: Vec<&&str> = said.iter().filter(|step| step.contains("from member")).collect();
    assert_eq!(
        moved,
        [
            &"api from member 3 to member 2",
            &"api from member 2 to member 1",
            &"api from member 1 to member 0"
        ],
        "{said:#?}"
    );
    let paused = said.iter().position(|step| *step == "paused after batch 1");
    let second = said.iter().position(|step| step.contains("to member 1"));
    assert!(paused.is_some() && paused < second, "the canary is looked at first: {said:#?}");
    assert!(trace.releases[0].released, "{said:#?}");
    let samples = &trace.components[0].samples;
    assert!(samples.iter().all(|sample| sample.ready >= 2), "never fewer than promised");
    assert!(samples.iter().any(|sample| sample.ready == 2), "there is no place for another beside it");
    let requests = trace.components[0].requests;
    assert_eq!((requests.failed, requests.broken), (0, 0), "a rollout loses no request");
}

#[test]
fn a_daemon_goes_from_node_to_node() {
    let agent = r#"component "agent" kind="daemon" {
        image "registry.example.com/agent:1"
        resources cpu="100m" memory="64Mi"
        port "metrics" 9100
        readiness port="metrics"
        release { batch 1 pause=#true; batch "100%"; }
    }"#;
    let api = "resources cpu=\"500m\" memory=\"512Mi\"\nreplicas 1";
    let trace = released(fixture_beside(agent, api, CLUSTER), "agent");
    let said = steps(&trace);
    let replaced = said.iter().filter(|step| step.ends_with("is replaced")).count();
    assert_eq!(replaced, 3, "one a node: {said:#?}");
    assert!(trace.releases[0].released, "{said:#?}");
    let (mut away, mut most) = (0, 0);
    for happening in &trace.happenings {
        if let What::Rollout { step, .. } = &happening.what {
            away += i32::from(step.ends_with("is replaced"));
        } else if let What::PodReady { .. } = &happening.what {
            away -= 1;
        }
        most = most.max(away);
    }
    assert_eq!((away, most), (0, 1), "one node at a time, and all of them are ready again");
}
