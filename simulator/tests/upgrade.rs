//! An upgrade of Windows nodes in a small world: pods go where their build is, and wait for it.

mod fixture;

use compiler::lower::lower;
use fixture::{Fixture, SECOND, fixture};
use simulator::engine::trace::{Trace, What};
use simulator::scenario::Release;

const CLUSTER: &str = r#"
    pool "general" cpu=4 memory="16Gi" nodes=1
    pool "windows" cpu=4 memory="16Gi" nodes=2 os="windows" build="ltsc2022" {
        upgrade "ltsc2025" nodes=2
    }"#;

fn of_build(build: &str) -> Fixture {
    let component = format!(
        "os \"windows\" build=\"{build}\"\nresources cpu=\"1\" memory=\"2Gi\"\nreplicas 4\n\
         release {{ batch 1; batch \"100%\"; }}"
    );
    fixture(&component, CLUSTER)
}

/// The component as it is released: from the old build to the new one.
fn released(old: &Fixture) -> Trace {
    let new = of_build("ltsc2025");
    let cell = &new.checked.cells()[0];
    let plan = compiler::plan::plan(&new.checked, cell, &lower(&new.checked, cell));
    simulator::simulate(&old.objects, &old.world, &old.scenario, &[plan])
}

fn upgraded() -> Fixture {
    let mut old = of_build("ltsc2022");
    old.scenario.duration_ns = 600 * SECOND;
    let image = "registry.example.com/api:1".to_owned();
    old.scenario.releases.push(Release { component: "api".into(), at_ns: 60 * SECOND, image, approve_ns: 0 });
    old
}

#[test]
fn a_pool_between_two_builds_has_nodes_of_both() {
    let world = upgraded().world;
    let of = |build| {
        let nodes = world.nodes().into_iter().map(|(_, node)| node);
        nodes.filter(|node| node.build == Some(build)).map(|node| node.name).collect::<Vec<_>>()
    };
    assert_eq!(of("10.0.20348"), ["windows-0", "windows-1"]);
    assert_eq!(of("10.0.26100"), ["windows-2", "windows-3"]);
}

#[test]
fn pods_move_to_the_nodes_of_the_new_build_without_losing_a_request() {
    let trace = released(&upgraded());
    assert!(trace.releases[0].released);
    let mut nodes = Vec::new();
    for happening in &trace.happenings {
        if let What::Scheduled { node, .. } = &happening.what {
            nodes.push(node.as_str());
        }
    }
    assert_eq!(nodes.len(), 4, "{nodes:?}");
    assert!(nodes.iter().all(|node| ["windows-2", "windows-3"].contains(node)), "{nodes:?}");
    let requests = trace.components[0].requests;
    assert_eq!((requests.failed, requests.broken), (0, 0));
    assert!(trace.components[0].samples.iter().all(|sample| sample.ready >= 4), "never fewer than promised");
}

#[test]
fn without_a_node_of_the_new_build_nothing_begins() {
    let mut old = upgraded();
    old.world.pools.retain(|pool| pool.build != Some("10.0.26100"));
    let trace = released(&old);
    assert!(!trace.releases[0].released);
    assert!(trace.components[0].samples.iter().all(|sample| (sample.pods, sample.pending) == (4, 0)));
    assert_eq!(trace.components[0].requests.failed, 0);
}
