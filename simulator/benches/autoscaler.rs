//! How long the HPA takes for a day of syncs of many applications.
//!
//! ```text
//! cargo bench -p simulator --bench autoscaler
//! ```
//!
//! One iteration is a day (5,760 syncs) of 100 applications of ten pods each, so 10,000 applications take a hundred
//! times as long.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::ItemsCount;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscalerSpec;
use simulator::model::autoscaler::look::{Look, PodPhase, PodSeen, Sample, Scale};
use simulator::model::autoscaler::spec::Spec;
use simulator::model::autoscaler::sync::Memory;
use simulator::world::ACK_DOCS;

fn main() {
    divan::main();
}

const APPLICATIONS: usize = 100;
const SYNCS: usize = 5_760;
const PODS_MAX: usize = 10;
const SECOND_NS: i64 = 1_000_000_000;

/// Pods that share a load, all of them ready for long.
struct Shared {
    replicas: i32,
    pods: Vec<PodSeen>,
    load_milli: i64,
    now_ns: i64,
}

impl Look for Shared {
    fn scale(&self) -> Option<Scale> {
        Some(Scale { spec: self.replicas, status: self.replicas })
    }

    fn pods(&self) -> &[PodSeen] {
        &self.pods[..self.replicas.unsigned_abs() as usize]
    }

    fn sample(&self, _metric: usize, _pod: usize) -> Option<Sample> {
        let milli = self.load_milli / i64::from(self.replicas);
        Some(Sample { at_ns: self.now_ns, window_ns: 15 * SECOND_NS, milli })
    }

    fn request_milli(&self, _metric: usize, _pod: usize) -> Option<i64> {
        Some(500)
    }

    fn object(&self, _metric: usize) -> Option<i64> {
        None
    }

    fn external(&self, _metric: usize) -> Option<&[i64]> {
        None
    }

    fn write(&mut self, replicas: i32) -> bool {
        self.replicas = replicas;
        true
    }
}

fn spec(behavior: &str) -> Spec {
    let text = format!(
        r#"{{"scaleTargetRef": {{"kind": "Deployment", "name": "web"}}, "minReplicas": 1, "maxReplicas": {PODS_MAX}
        {behavior}}}"#
    );
    let spec: HorizontalPodAutoscalerSpec = serde_json::from_str(&text).expect("the spec is right");
    Spec::new(&spec, &ACK_DOCS.autoscaler)
}

fn day(spec: &Spec) -> i64 {
    let pod = PodSeen {
        phase: PodPhase::Running,
        terminating: false,
        ready: true,
        transition_ns: -3_600 * SECOND_NS,
        start_time_ns: Some(-3_600 * SECOND_NS),
    };
    let mut written = 0;
    for application in 0..APPLICATIONS {
        let mut look = Shared { replicas: 2, pods: vec![pod; PODS_MAX], load_milli: 0, now_ns: 0 };
        let mut memory = Memory::default();
        for sync in 0..SYNCS {
            look.now_ns = sync as i64 * 15 * SECOND_NS;
            // Up and down once an hour, each application at another minute.
            let phase = (sync + application * 7) % 240;
            look.load_milli = 200 + 30 * phase.min(240 - phase) as i64;
            let synced = memory.sync(spec, &mut look, sync as i64 * 15 * SECOND_NS, &ACK_DOCS.autoscaler);
            written += i64::from(synced.written.unwrap_or(0));
        }
    }
    written
}

/// Without `spec.behavior`.
#[divan::bench(sample_count = 10)]
fn plain(bencher: Bencher) {
    let spec = spec("");
    bencher.counter(ItemsCount::new(APPLICATIONS * SYNCS)).bench_local(|| day(black_box(&spec)));
}

/// With stabilization windows and policies both ways.
#[divan::bench(sample_count = 10)]
fn with_behavior(bencher: Bencher) {
    let spec = spec(
        r#", "behavior": {"scaleUp": {"stabilizationWindowSeconds": 60},
        "scaleDown": {"policies": [{"type": "Percent", "value": 10, "periodSeconds": 60}]}}"#,
    );
    bencher.counter(ItemsCount::new(APPLICATIONS * SYNCS)).bench_local(|| day(black_box(&spec)));
}
