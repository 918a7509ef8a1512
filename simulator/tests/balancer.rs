//! How pods wait for their load balancer, and what a scenario says of it.

mod fixture;

use compiler::diag::Diagnostics;
use compiler::object::Manifest;
use compiler::source::Sources;
use fixture::{Fixture, SECOND, fixture};
use k8s_openapi::api::core::v1::PodReadinessGate;
use simulator::engine::trace::{Trace, What};
use simulator::model::balancer::Policy;
use simulator::model::readiness_gate::Openers;
use simulator::report::{report, text};
use simulator::scenario::{Spike, resolve};

/// A component that scales up behind a load balancer; its pods wait for these conditions.
fn gated(conditions: &[&str], openers: Openers) -> Fixture {
    let component = "resources cpu=\"500m\" memory=\"512Mi\"
        scale min=1 max=4 { cpu \"60%\"; }";
    let mut fixture = fixture(component, "pool \"general\" cpu=4 memory=\"16Gi\" nodes=1");
    for object in &mut fixture.objects {
        if let Manifest::Service(service) = &mut object.manifest {
            service.spec.get_or_insert_default().type_ = Some("LoadBalancer".to_owned());
        }
        if let Manifest::Deployment(deployment) = &mut object.manifest {
            let spec = deployment.spec.as_mut().and_then(|spec| spec.template.spec.as_mut());
            let gate = |condition: &&str| PodReadinessGate { condition_type: (*condition).to_owned() };
            spec.expect("a lowered Deployment has a pod spec").readiness_gates =
                Some(conditions.iter().map(gate).collect());
        }
    }
    fixture.scenario.traffic[0].base_per_second = 150.0;
    fixture.world.openers = openers;
    fixture
}

/// When the first new pod was ready, and when so many pods took requests.
fn ready(trace: &Trace) -> (Option<u64>, Option<u64>) {
    let ready = |what: &What| matches!(what, What::PodReady { .. });
    let first = trace.happenings.iter().find(|happening| ready(&happening.what));
    let mut samples = trace.components[0].samples.iter();
    (
        first.map(|happening| happening.at_ns),
        samples.find(|sample| sample.ready > 1).map(|sample| sample.at_ns),
    )
}

const GATE: &str = "service.readiness.alibabacloud.com/api";

#[test]
fn a_pod_with_a_gate_is_ready_once_its_balancer_has_taken_it_in() {
    let openers = Openers { services: true, alb: false };
    let (without, with) = (gated(&[], openers).run(), gated(&[GATE], openers).run());
    let (ready_ns, serves_ns) = ready(&without);
    let (gated_ns, gated_serves_ns) = ready(&with);
    assert!(ready_ns.is_some() && serves_ns.is_some(), "it scales up");
    let waited = gated_ns.zip(ready_ns).map(|(gated_ns, ready_ns)| (gated_ns - ready_ns) / SECOND);
    assert!(
        waited.is_some_and(|waited| (5..=15).contains(&waited)),
        "the balancer needs its time: {waited:?}"
    );
    assert_eq!(gated_serves_ns.map(|at_ns| at_ns / SECOND), gated_ns.map(|at_ns| at_ns.div_ceil(SECOND)));
    assert!(with.left_out.is_empty() && with.components[0].requests.unrouted == 0, "{:?}", with.left_out);
}

#[test]
fn a_gate_that_nothing_sets_keeps_pods_from_being_ready_and_the_report_says_so() {
    let set = Openers { services: true, alb: false };
    for (condition, openers) in [(GATE, Openers::default()), ("example.com/warm", set)] {
        let fixture = gated(&[condition], openers);
        let trace = fixture.run();
        let requests = trace.components[0].requests;
        assert!(requests.unrouted > 0 && requests.answered == 0, "{requests:?}");
        assert_eq!(ready(&trace), (None, None));
        let said = text(&report(&fixture.scenario, &trace));
        let line = format!(
            "left out  api: nothing sets the readiness gate `{condition}`, so its pods are never ready"
        );
        assert!(said.contains(&line), "{said}");
    }
}

#[test]
fn a_cluster_opens_gates_where_the_platform_declares_who_does() {
    let opened = |installed: &str| {
        let cluster = format!("pool \"general\" cpu=4 memory=\"16Gi\" nodes=1\n{installed}");
        fixture("resources cpu=\"500m\" memory=\"512Mi\"\nreplicas 1", &cluster).world.openers
    };
    assert_eq!(opened(""), Openers::default());
    let both = "installed \"readiness-gates\"\ninstalled \"terway\"\ninstalled \"alb-ingress\"";
    assert_eq!(opened(both), Openers { services: true, alb: true });
}

#[test]
fn a_scheduler_that_no_run_has_is_said() {
    let mut fixture = gated(&[], Openers::default());
    for object in &mut fixture.objects {
        if let Manifest::Service(service) = &mut object.manifest {
            let key = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-scheduler".to_owned();
            service.metadata.annotations.get_or_insert_default().insert(key, "sch".to_owned());
        }
    }
    let line = "api: no balancer of a run has the scheduler `sch`, so it is `rr`";
    assert_eq!(fixture.run().left_out, [line]);
}

#[test]
fn a_scenario_names_the_policy_of_its_balancer() {
    let policies = [
        ("random", Policy::Random),
        ("round-robin", Policy::RoundRobin),
        ("weighted", Policy::Weighted),
        ("least-connections", Policy::LeastConnections),
        ("random-of-two", Policy::RandomOfTwo),
    ];
    let checked = gated(&[], Openers::default()).checked;
    for (word, policy) in policies {
        let scenario = format!(
            r#"scenario "quiet" app="shop" environment="prod" {{
                from "2026-11-11T00:00:00+08:00"
                duration "1m"
                traffic "api" {{
                    balancer "{word}"
                    base per-second=1
                }}
                service "api" cpu="1ms"
            }}"#
        );
        let mut diagnostics = Diagnostics::default();
        let source = Sources::default().add("scenario.kdl", scenario);
        let document = compiler::parse::parse(&source, &mut diagnostics);
        let node = document.named("scenario").next().expect("there is one");
        let scenario = resolve(node, &checked, &mut diagnostics);
        let traffic = scenario.map(|scenario| scenario.traffic[0].clone());
        assert_eq!(traffic.and_then(|traffic| traffic.balancer), Some(policy), "{word}");
    }
}

#[test]
fn a_load_balancer_sends_to_a_pod_on_eci_some_seconds_late_and_some_too_long() {
    let component = "resources cpu=\"500m\" memory=\"512Mi\"
        scale min=1 max=8 { cpu \"60%\"; }
        burst \"only\"";
    let mut fixture =
        fixture(component, "pool \"general\" cpu=4 memory=\"16Gi\" nodes=1\nvirtual-node \"eci\" quota=50");
    for object in &mut fixture.objects {
        if let Manifest::Service(service) = &mut object.manifest {
            service.spec.get_or_insert_default().type_ = Some("LoadBalancer".to_owned());
        }
    }
    // No hook keeps an ending pod up until the balancer has let it go.
    for spec in fixture.pod_specs() {
        spec.containers[0].lifecycle = None;
    }
    fixture.scenario.traffic[0].base_per_second = 40.0;
    let spike = Spike { at_ns: 60 * SECOND, times: 4.0, over_ns: 0, hold_ns: 120 * SECOND, fall_ns: 0 };
    fixture.scenario.traffic[0].spikes.push(spike);
    fixture.scenario.duration_ns = 900 * SECOND;
    // Long after the spike, when pods go and nobody is short of one.
    let lost = |fixture: &Fixture| -> u64 {
        let samples = &fixture.run().components[0].samples;
        samples.iter().filter(|sample| sample.at_ns > 240 * SECOND).map(|sample| sample.failed).sum()
    };
    assert!(lost(&fixture) > 0, "requests still come to pods that have ended");
    (fixture.world.figures.balancer_delay_ns, fixture.world.figures.balancer_delay_spread_ns) = (0, 0);
    fixture.world.figures.endpoint_delay_ns = 0;
    assert_eq!(lost(&fixture), 0, "a balancer that knows at once sends none");
}
