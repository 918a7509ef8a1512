//! Pools that grow for pending pods and shrink again, and what their nodes cost.

mod fixture;

use compiler::object::Manifest;
use fixture::{Fixture, SECOND, fixture, fixture_beside};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::json;
use simulator::engine::trace::{Trace, What};
use simulator::world::ARTICLE_2020;

/// Ten pods of two cores on nodes of eight, of which there are two.
fn crowded(pools: &str) -> Fixture {
    let mut fixture = fixture("resources cpu=2 memory=\"2Gi\"; replicas 10; burst \"never\";", pools);
    fixture.scenario.traffic.clear();
    fixture.scenario.duration_ns = 600 * SECOND;
    fixture
}

/// When nodes joined, and their names.
fn joined(trace: &Trace) -> Vec<(u64, &str)> {
    let joined = trace.happenings.iter().filter_map(|happening| {
        let What::NodeJoined { node } = &happening.what else { return None };
        Some((happening.at_ns / SECOND, node.as_str()))
    });
    joined.collect()
}

fn ordered(trace: &Trace) -> Vec<(&str, u32, u32)> {
    let ordered = trace.happenings.iter().filter_map(|happening| {
        let What::NodesOrdered { pool, nodes, pods } = &happening.what else { return None };
        Some((pool.as_str(), *nodes, *pods))
    });
    ordered.collect()
}

#[test]
fn pending_pods_get_as_many_nodes_as_they_fill() {
    let trace = crowded("pool \"general\" cpu=8 memory=\"32Gi\" nodes=1 max=5;").run();
    assert_eq!(ordered(&trace), [("general", 2, 6)], "four pods fit on a node, six are left");
    let joined = joined(&trace);
    assert_eq!(joined.iter().map(|(_, node)| *node).collect::<Vec<_>>(), ["general-1", "general-2"]);
    // A look within ten seconds, and a batch within 45 to 120 s.
    assert!(joined.iter().all(|(at, _)| (45..=131).contains(at)), "{joined:?}");
    assert_eq!(joined[0].0, joined[1].0, "they come in one batch");
    let last = trace.components[0].samples.last().unwrap();
    assert_eq!((last.ready, last.pending), (10, 0));
    let pool = &trace.pools[0];
    assert_eq!((pool.began, pool.peak, pool.ended), (1, 3, 3));
}

#[test]
fn a_pool_stops_at_its_most_nodes() {
    let trace = crowded("pool \"general\" cpu=8 memory=\"32Gi\" nodes=1 max=2;").run();
    assert_eq!(ordered(&trace), [("general", 1, 4)]);
    assert_eq!(trace.components[0].samples.last().unwrap().pending, 2);
}

#[test]
fn the_pool_that_wastes_least_grows() {
    let pools = "pool \"full\" cpu=2 memory=\"4Gi\" nodes=1; \
                 pool \"wide\" cpu=32 memory=\"128Gi\" nodes=0 max=9; \
                 pool \"near\" cpu=6 memory=\"8Gi\" nodes=0 max=9;";
    let trace = crowded(pools).run();
    assert_eq!(ordered(&trace), [("near", 3, 9)]);
}

#[test]
fn a_pod_that_no_node_of_a_pool_could_hold_orders_none() {
    let mut fixture = crowded("pool \"small\" cpu=2 memory=\"4Gi\" nodes=1 max=9;");
    fixture.world.pools[0].cpu_milli = 1_000;
    let trace = fixture.run();
    assert_eq!(ordered(&trace), []);
    assert_eq!(trace.components[0].samples.last().unwrap().pending, 10);
}

#[test]
fn daemons_take_their_part_of_a_new_node() {
    let daemon = r#"component "agent" kind="daemon" {
        image "registry.example.com/agent:1"; resources cpu=2 memory="1Gi"; port "http" 80; readiness port="http"
    }"#;
    let mut fixture = fixture_beside(
        daemon,
        "resources cpu=2 memory=\"2Gi\"; replicas 10; burst \"never\";",
        "pool \"general\" cpu=8 memory=\"32Gi\" nodes=1 max=9;",
    );
    fixture.scenario.traffic.clear();
    fixture.scenario.duration_ns = 600 * SECOND;
    let trace = fixture.run();
    assert_eq!(ordered(&trace), [("general", 3, 7)], "three pods fit beside the agent, seven are left");
    let agents = trace.components[0].samples.last().unwrap();
    assert_eq!((agents.pods, agents.pending), (4, 0), "each new node has an agent");
    assert_eq!(trace.components[1].samples.last().unwrap().pending, 0);
}

#[test]
fn pods_apart_from_each_other_get_a_node_each() {
    let mut fixture = crowded("pool \"general\" cpu=8 memory=\"32Gi\" nodes=1 max=20;");
    for spec in fixture.deployments() {
        let apart = json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "kubernetes.io/hostname", "labelSelector": spec.selector},
        ]}});
        spec.template.spec.as_mut().unwrap().affinity = Some(serde_json::from_value(apart).unwrap());
    }
    assert_eq!(ordered(&fixture.run()), [("general", 9, 9)]);
}

/// An autoscaler between 2 and 10 pods that idle.
fn idle(fixture: &mut Fixture) {
    let target = json!({"type": "Utilization", "averageUtilization": 60});
    let metrics = json!([{"type": "Resource", "resource": {"name": "cpu", "target": target}}]);
    fixture.add_autoscaler(2, 10, &metrics);
}

fn left(trace: &Trace) -> Vec<(u64, &str)> {
    let left = trace.happenings.iter().filter_map(|happening| {
        let What::NodeLeft { node } = &happening.what else { return None };
        Some((happening.at_ns / SECOND, node.as_str()))
    });
    left.collect()
}

#[test]
fn a_little_used_node_goes_after_a_while_and_its_pods_move() {
    let mut fixture = crowded("pool \"general\" cpu=8 memory=\"32Gi\" nodes=1 max=5;");
    fixture.scenario.duration_ns = 3_000 * SECOND;
    idle(&mut fixture);
    let trace = fixture.run();
    let pool = &trace.pools[0];
    assert_eq!((pool.began, pool.peak, pool.ended), (1, 3, 1));
    let left = left(&trace);
    // The autoscaler waits five minutes, the cluster autoscaler ten.
    assert!(left.len() == 2 && left.iter().all(|(at, _)| *at >= 900), "{left:?}");
    let last = trace.components[0].samples.last().unwrap();
    assert_eq!((last.ready, last.pending, last.on_ecs), (2, 0, 2));
    assert!(
        trace.components[0].samples.iter().all(|sample| sample.at_ns < 300 * SECOND || sample.ready >= 1)
    );
}

#[test]
fn a_budget_that_allows_nobody_to_go_keeps_its_nodes() {
    let mut fixture = crowded("pool \"general\" cpu=8 memory=\"32Gi\" nodes=1 max=5;");
    fixture.scenario.duration_ns = 3_000 * SECOND;
    idle(&mut fixture);
    let mut budgets = 0;
    for object in &mut fixture.objects {
        if let Manifest::PodDisruptionBudget(budget) = &mut object.manifest {
            let spec = budget.spec.as_mut().unwrap();
            (spec.min_available, spec.max_unavailable) = (None, Some(IntOrString::Int(0)));
            budgets += 1;
        }
    }
    assert_eq!(budgets, 1, "specc makes one");
    let trace = fixture.run();
    let kept: Vec<&str> = trace
        .happenings
        .iter()
        .filter_map(|happening| {
            let What::NodeClosed { node, pods } = &happening.what else { return None };
            (*pods > 0).then_some(node.as_str())
        })
        .collect();
    assert!(kept.is_empty(), "nobody is evicted: {kept:?}");
}

#[test]
fn slow_nodes_are_billed_by_the_hour_in_the_figures_of_2020() {
    let mut fixture = crowded("pool \"general\" cpu=8 memory=\"32Gi\" nodes=1 max=5;");
    fixture.scenario.duration_ns = 1_800 * SECOND;
    let fast = fixture.run();
    fixture.world.figures = ARTICLE_2020;
    let slow = fixture.run();
    let joined = joined(&slow);
    assert!(joined.iter().all(|(at, _)| (600..=910).contains(at)), "{joined:?}");
    assert_ne!(joined[0].0, joined[1].0, "each takes its own time");
    // Eight cores for half an hour, and twice an hour for two new nodes: 0.311 CNY a core and hour.
    assert_eq!(slow.bill.ecs, 622_000);
    assert!(fast.bill.ecs < 375_000, "by the second the same nodes cost {}", fast.bill.ecs);
}

#[test]
fn a_pool_that_may_not_grow_changes_nothing() {
    let fixed = crowded("pool \"general\" cpu=8 memory=\"32Gi\" nodes=3;").run();
    let mut growing = crowded("pool \"general\" cpu=8 memory=\"32Gi\" nodes=3 max=9;").run();
    growing.pools[0].max = 3;
    growing.events = fixed.events;
    assert_eq!(fixed, growing, "nobody asks for nodes");
}
