//! The M/M/1 as a specification of one pod in the whole simulator: callers, a balancer, a pod, samples, an invoice.

use std::collections::BTreeMap;

use compiler::diag::Diagnostics;
use compiler::lower::lower;
use compiler::source::Sources;
use simulator::engine::random::Duration;
use simulator::scenario::{Detail, Scenario, Service, Traffic};
use simulator::world::World;

use crate::{Outcome, UTILIZATION};

/// A mean service time in nanoseconds.
const SERVICE_NS: f64 = 1e6;

const SPEC: &str = r#"app "shop" {
        component "api" {
            image "registry.example.com/api:1"
            port "http" 80
            readiness port="http"
            resources cpu="1" memory="512Mi"
            replicas 1
            expose "cluster"
        }
        environment "prod"
    }
    platform "shop" {
        cluster "one" kubernetes="1.34" provider="ack" { pool "general" cpu=4 memory="16Gi" nodes=1; }
        environment "prod" cluster="one"
    }"#;

/// Serves about so many customers.
pub fn run(customers: u64) -> Outcome {
    let mut sources = Sources::default();
    let source = sources.add("spec.kdl", SPEC);
    let mut diagnostics = Diagnostics::default();
    let document = compiler::parse::parse(&source, &mut diagnostics);
    let checked =
        compiler::compile(&document, &BTreeMap::new(), &mut diagnostics).expect("the spec is right");
    let cell = &checked.cells()[0];
    let (objects, world) = (lower(&checked, cell).objects, World::new(checked.cluster(cell)));
    let scenario = scenario((customers as f64 / UTILIZATION * SERVICE_NS) as u64);
    let trace = simulator::simulate(&objects, &world, &scenario, &[]);
    // A customer's time in the system is its wait and its service.
    let wait = trace.components[0].latency.mean_ns() / SERVICE_NS - 1.0;
    Outcome { events: trace.events, wait }
}

fn scenario(duration_ns: u64) -> Scenario {
    Scenario {
        name: "m-m-1".into(),
        app: "shop".into(),
        environment: "prod".into(),
        cluster: "one".into(),
        duration_ns,
        seed: 1,
        detail: Detail::Requests,
        traffic: vec![Traffic {
            component: "api".into(),
            base_per_second: UTILIZATION * 1e9 / SERVICE_NS,
            ..Traffic::default()
        }],
        services: vec![Service {
            component: "api".into(),
            wait: Duration::Exponential(SERVICE_NS),
            concurrency: 1,
            queue: 1_000_000,
            start_ns: 1_000_000_000,
            ..Service::default()
        }],
        ..Scenario::default()
    }
}
