//! What a scenario and a Service say of the balancer.

mod fixture;

use compiler::diag::Diagnostics;
use compiler::object::Manifest;
use compiler::source::Sources;
use fixture::{Fixture, fixture};
use simulator::model::balancer::Policy;
use simulator::scenario::resolve;

/// A component behind a load balancer.
fn balanced() -> Fixture {
    let component = "resources cpu=\"500m\" memory=\"512Mi\"\nreplicas 1";
    let mut fixture = fixture(component, "pool \"general\" cpu=4 memory=\"16Gi\" nodes=1");
    for object in &mut fixture.objects {
        if let Manifest::Service(service) = &mut object.manifest {
            service.spec.get_or_insert_default().type_ = Some("LoadBalancer".to_owned());
        }
    }
    fixture
}

#[test]
fn a_scheduler_that_no_run_has_is_said() {
    let mut fixture = balanced();
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
    let checked = balanced().checked;
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
