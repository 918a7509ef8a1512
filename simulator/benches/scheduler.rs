//! How long the scheduler takes for a burst in a large cluster.
//!
//! ```text
//! cargo bench -p simulator --bench scheduler
//! ```
//!
//! One iteration is a burst of 5,000 pods in a cluster of 5,000 nodes in three zones, on which 20,000 pods of twenty
//! workloads run.

use divan::Bencher;
use divan::counter::ItemsCount;
use serde_json::{Value, json};
use simulator::model::scheduler::cache::Scheduler;
use simulator::model::scheduler::labels::{Labels, Selector};
use simulator::model::scheduler::node::Node;
use simulator::model::scheduler::shape::{Resources, Shape};
use simulator::model::scheduler::spread::{HOSTNAME, ZONE};

fn main() {
    divan::main();
}

const NODES: usize = 5_000;
const RUNNING: usize = 20_000;
const BURST: usize = 5_000;
const WORKLOADS: usize = 20;

/// Pods of one workload, with more in their spec.
fn shape(scheduler: &mut Scheduler, workload: usize, more: &Value) -> usize {
    let app = format!("app-{workload}");
    let requests = json!({"cpu": "500m", "memory": "1Gi"});
    let mut spec = json!({"containers": [{"name": "app", "resources": {"requests": requests}}]});
    for (key, value) in more.as_object().into_iter().flatten() {
        spec[key] = serde_json::from_str(&value.to_string().replace("APP", &app)).expect("the spec is right");
    }
    let template = json!({"metadata": {"labels": {"app": app}}, "spec": spec});
    let template = serde_json::from_value(template).expect("the template is right");
    let alike = Selector::of(&Labels::from([("app".to_owned(), app)]));
    scheduler.shape(Shape::read(&template, "default", &alike))
}

/// The cluster with its pods, and the shapes of the burst.
fn cluster(more: &Value) -> (Scheduler, Vec<usize>) {
    let mut scheduler = Scheduler::default();
    for number in 0..NODES {
        let name = format!("node-{number}");
        let zone = format!("zone-{}", number % 3);
        let labels = Labels::from([(HOSTNAME.to_owned(), name.clone()), (ZONE.to_owned(), zone)]);
        let allocatable = Resources { cpu_milli: 8_000, memory_bytes: 32 << 30 };
        scheduler.join(Node { name, labels, allocatable, pods_max: 110, ..Node::default() });
    }
    let shapes: Vec<usize> = (0..WORKLOADS).map(|workload| shape(&mut scheduler, workload, more)).collect();
    place(&mut scheduler, &shapes, RUNNING);
    (scheduler, shapes)
}

fn place(scheduler: &mut Scheduler, shapes: &[usize], pods: usize) {
    for pod in 0..pods {
        let shape = shapes[pod % shapes.len()];
        let node = scheduler.place(shape, &[]).expect("there is room");
        scheduler.add(shape, node);
    }
}

fn burst(bencher: Bencher, more: &Value) {
    let (scheduler, shapes) = cluster(more);
    let bencher = bencher.counter(ItemsCount::new(BURST)).with_inputs(|| scheduler.clone());
    bencher.bench_local_values(|mut scheduler| {
        place(&mut scheduler, &shapes, BURST);
        scheduler
    });
}

/// Pods that say nothing, which the scheduler spreads by its own wish.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn plain(bencher: Bencher) {
    burst(bencher, &json!({}));
}

/// Pods that must stand evenly over zones, and had better not share a node.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn spread(bencher: Bencher) {
    let selector = json!({"matchLabels": {"app": "APP"}});
    let zones = json!({
        "maxSkew": 1, "topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector,
    });
    let term =
        json!({"weight": 100, "podAffinityTerm": {"topologyKey": HOSTNAME, "labelSelector": selector}});
    let affinity = json!({"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [term]}});
    burst(bencher, &json!({"topologySpreadConstraints": [zones], "affinity": affinity}));
}
