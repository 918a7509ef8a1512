//! How long a day takes by rates: of one application, of a thousand, and of more pods.
//!
//! ```text
//! cargo bench -p simulator --bench flow
//! ```

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hint::black_box;

use compiler::diag::Diagnostics;
use compiler::lower::lower;
use compiler::object::Object;
use compiler::source::Sources;
use divan::Bencher;
use divan::counter::ItemsCount;
use jiff::tz::TimeZone;
use simulator::engine::random::Duration;
use simulator::scenario::{Daily, Detail, Scenario, Service, Shape, Traffic};
use simulator::world::World;

fn main() {
    divan::main();
}

const SECOND_NS: u64 = 1_000_000_000;
const DAY_NS: u64 = 86_400 * SECOND_NS;
/// `cargo test` runs each bench once, in a debug build that checks every invariant at every sample: with fewer applications.
const PART: u32 = if cfg!(debug_assertions) { 100 } else { 1 };
/// Pods of an application.
const PODS: u32 = 20;
/// How many kinds of services there are among many applications.
const KINDS: u64 = 10;

/// One application with its autoscaler over a day that rises fivefold from night to evening, and the window that is
/// simulated both ways.
#[divan::bench(sample_count = 10)]
fn a_day_of_one_application(bencher: Bencher) {
    let sample = Sample::new(1, DAY_NS, Detail::Flow);
    bencher.bench_local(|| sample.run());
}

/// A thousand of them, with 20,000 pods.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn a_day_of_a_thousand_applications(bencher: Bencher) {
    let sample = Sample::new(1_000 / PART, DAY_NS, Detail::Flow);
    bencher.bench_local(|| sample.run());
}

/// The same with requests wherever they matter: each application decides for itself.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn a_day_of_a_thousand_applications_where_it_matters(bencher: Bencher) {
    let sample = Sample::new(1_000 / PART, DAY_NS, Detail::Auto);
    bencher.bench_local(|| sample.run());
}

/// The same with every pod by itself.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn a_day_of_20_000_pods_one_by_one(bencher: Bencher) {
    let sample = Sample::new(1_000 / PART, DAY_NS, Detail::FlowByPod);
    bencher.bench_local(|| sample.run());
}

/// An hour of so many pods: the items a second are pods, and stay the same where the cost is linear.
#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 3, sample_size = 1)]
fn an_hour_of_pods(bencher: Bencher, pods: u32) {
    let sample = Sample::new((pods / PODS / PART).max(1), DAY_NS / 24, Detail::Flow);
    bencher.counter(ItemsCount::new(pods)).bench_local(|| sample.run());
}

struct Sample {
    objects: Vec<Object>,
    world: World,
    scenario: Scenario,
}

impl Sample {
    fn new(applications: u32, duration_ns: u64, detail: Detail) -> Self {
        let mut components = String::new();
        for index in 0..applications {
            let _ = writeln!(
                components,
                "component \"api-{index}\" {{ image \"registry.example.com/api:1\"; port \"http\" 80; readiness port=\"http\"
                 resources cpu=\"500m\" memory=\"256Mi\"; scale min={PODS} max={} {{ cpu \"60%\"; }}; expose \"cluster\"; }}",
                2 * PODS
            );
        }
        let nodes = applications * PODS / 50 + 10;
        let text = format!(
            "app \"shop\" {{ {components} environment \"prod\"; }}
             platform \"shop\" {{
                 cluster \"one\" kubernetes=\"1.34\" provider=\"ack\" {{ pool \"general\" cpu=64 memory=\"256Gi\" nodes={nodes}; }}
                 environment \"prod\" cluster=\"one\"
             }}"
        );
        let mut sources = Sources::default();
        let source = sources.add("spec.kdl", text);
        let mut diagnostics = Diagnostics::default();
        let document = compiler::parse::parse(&source, &mut diagnostics);
        let checked =
            compiler::compile(&document, &BTreeMap::new(), &mut diagnostics).expect("the sample is right");
        let cell = &checked.cells()[0];
        Self {
            objects: lower(&checked, cell).objects,
            world: World::new(checked.cluster(cell)),
            scenario: scenario(applications, duration_ns, detail),
        }
    }

    fn run(&self) -> u64 {
        let trace = simulator::simulate(black_box(&self.objects), &self.world, &self.scenario, &[]);
        let flow = trace.flow.expect("requests are rates");
        assert!(flow.on_ns > self.scenario.duration_ns * 9 / 10, "most of it is rates");
        trace.events
    }
}

fn scenario(applications: u32, duration_ns: u64, detail: Detail) -> Scenario {
    let daily = Daily { peak_minute: 20 * 60, low_minute: 4 * 60, ratio: 5.0, zone: TimeZone::UTC };
    let traffic = |index: u32| Traffic {
        component: format!("api-{index}"),
        base_per_second: 400.0 + f64::from(index % 7) * 20.0,
        shape: Shape { daily: Some(daily.clone()), ..Shape::default() },
        ..Traffic::default()
    };
    let service = |index: u32| Service {
        component: format!("api-{index}"),
        cpu: Duration::Constant(5_000_000 + u64::from(index) % KINDS * 500_000),
        wait: Duration::lognormal(6_000_000, 70_000_000).expect("a lognormal has both"),
        concurrency: 16,
        queue: 64,
        start_ns: SECOND_NS,
        ..Service::default()
    };
    Scenario {
        name: "day".into(),
        app: "shop".into(),
        environment: "prod".into(),
        cluster: "one".into(),
        duration_ns,
        seed: 1,
        detail,
        traffic: (0..applications).map(traffic).collect(),
        services: (0..applications).map(service).collect(),
        ..Scenario::default()
    }
}
