//! How many events a second the engine takes, against a bare binary heap that takes as many.
//!
//! ```text
//! cargo bench -p simulator --bench engine
//! ```

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::hint::black_box;

use compiler::diag::Diagnostics;
use compiler::lower::lower;
use compiler::object::Object;
use compiler::source::Sources;
use divan::Bencher;
use divan::counter::ItemsCount;
use simulator::engine::queue::{Arrivals, Event, Key, Queue};
use simulator::engine::random::{Duration, Stream};
use simulator::scenario::{Client, Detail, Patience, Scenario, Service, Traffic};
use simulator::world::World;

fn main() {
    divan::main();
}

/// Events pending at a time in the two bare loops: about what the `simulate` below has.
const PENDING: u64 = 300;
/// Events taken in each iteration of the bare loops.
const EVENTS: u64 = 1_000_000;

/// Pop one, push one, on a heap of 128-bit keys.
#[divan::bench]
fn bare_heap(bencher: Bencher) {
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let mut stream = Stream::new(1, "bench", 0);
        let mut heap: BinaryHeap<Reverse<u128>> = (0..PENDING)
            .map(|index| Reverse(u128::from(stream.below(1 << 20)) << 64 | u128::from(index)))
            .collect();
        for sequence in 0..EVENTS {
            let Some(Reverse(next)) = heap.pop() else { break };
            let time = (next >> 64) as u64 + stream.below(1 << 20);
            heap.push(Reverse(u128::from(time) << 64 | u128::from(sequence)));
        }
        black_box(heap.len())
    });
}

/// The same on the engine's queue.
#[divan::bench]
fn queue(bencher: Bencher) {
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let mut stream = Stream::new(1, "bench", 0);
        let mut queue = Queue::default();
        (0..PENDING).for_each(|index| queue.push(stream.below(1 << 20), Event::Ready(index as u32)));
        for _ in 0..EVENTS {
            let Some((time, event)) = queue.pop() else { break };
            queue.push(time + stream.below(1 << 20), event);
        }
        black_box(queue.made())
    });
}

/// The next arrival of each of so many sources, drawn when the one before it comes.
#[divan::bench(args = [1, 1_000])]
fn arrivals(bencher: Bencher, sources: usize) {
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let mut stream = Stream::new(1, "bench", 0);
        let (mut queue, mut arrivals) = (Queue::default(), Arrivals::default());
        (0..sources).for_each(|source| arrivals.push(queue.key(source as u64), source));
        for _ in 0..EVENTS {
            let Some((time, source)) = arrivals.pop_before(Key::NEVER) else { break };
            arrivals.push(queue.key(time + (stream.exponential() * 1e6) as u64), source);
        }
        black_box(queue.made())
    });
}

/// Twenty pods at 15,000 requests a second for 20 s: arrivals, workers, waits, timeouts, samples, autoscaler.
#[divan::bench]
fn simulate(bencher: Bencher) {
    let (objects, world, scenario) = sample();
    let events = simulator::simulate(&objects, &world, &scenario, &[]).events;
    bencher
        .counter(ItemsCount::new(events))
        .bench_local(|| simulator::simulate(black_box(&objects), &world, &scenario, &[]).events);
}

const SAMPLE: &str = r#"app "shop" {
        component "api" {
            image "registry.example.com/api:1"
            port "http" 80
            readiness port="http"
            resources cpu="4" memory="512Mi"
            scale min=20 max=40 { cpu "80%"; }
            expose "cluster"
        }
        environment "prod"
    }
    platform "shop" {
        cluster "one" kubernetes="1.34" provider="ack" { pool "general" cpu=64 memory="256Gi" nodes=4; }
        environment "prod" cluster="one"
    }"#;

fn sample() -> (Vec<Object>, World, Scenario) {
    let mut sources = Sources::default();
    let source = sources.add("spec.kdl", SAMPLE);
    let mut diagnostics = Diagnostics::default();
    let document = compiler::parse::parse(&source, &mut diagnostics);
    let checked =
        compiler::compile(&document, &BTreeMap::new(), &mut diagnostics).expect("the sample is right");
    let cell = &checked.cells()[0];
    let wait = Duration::lognormal(6_000_000, 70_000_000).expect("a lognormal has both");
    let scenario = Scenario {
        name: "bench".into(),
        app: "shop".into(),
        environment: "prod".into(),
        cluster: "one".into(),
        duration_ns: 20_000_000_000,
        seed: 1,
        detail: Detail::Requests,
        traffic: vec![Traffic { component: "api".into(), base_per_second: 15_000.0, ..Traffic::default() }],
        services: vec![Service {
            component: "api".into(),
            cpu: Duration::Constant(3_000_000),
            wait,
            concurrency: 32,
            queue: 64,
            start_ns: 1_000_000_000,
            ..Service::default()
        }],
        clients: vec![Client {
            name: "shoppers".into(),
            of: "api".into(),
            patience: Patience {
                timeout: Some(Duration::Constant(2_000_000_000)),
                retries: 2,
                ..Patience::default()
            },
        }],
        ..Scenario::default()
    };
    (lower(&checked, cell).objects, World::new(checked.cluster(cell)), scenario)
}
