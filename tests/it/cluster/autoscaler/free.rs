//! The same objects under the same load, simulated.

use simulator::engine::random::Duration;
use simulator::model::readiness_gate::Openers;
use simulator::scenario::{Detail, Scenario, Service, Spike, Traffic};
use simulator::simulate as run;
use simulator::world::{ACK_DOCS, AutoscalerFlags, Figures, Pool, VirtualNode, World};

use super::{Application, Load};

const SECOND: u64 = 1_000_000_000;

/// Runs with another phase of scrapes and syncs each, as a cluster has them by chance.
pub const SEEDS: u64 = 20;

/// CPU that a request takes.
const CPU_NS: u64 = 6_000_000;

/// The flags of the tests' control plane.
pub const FLAGS: AutoscalerFlags = AutoscalerFlags {
    sync_period_ns: 5 * SECOND,
    tolerance: 0.1,
    downscale_stabilization_ns: 20 * SECOND,
    cpu_initialization_ns: 10 * SECOND,
    initial_readiness_ns: 5 * SECOND,
};

/// What the runs came to.
pub struct Free {
    /// Mean over the seeds.
    pub pod_seconds: u64,
    pub least_pod_seconds: u64,
    pub most_pod_seconds: u64,
    /// The median of the greatest counts.
    pub peak: u32,
}

/// Simulates the load with each seed.
pub fn simulate(application: &Application, load: &Load) -> Free {
    let world = world();
    let runs = (1..=SEEDS).map(|seed| {
        let trace = run(&application.objects, &world, &scenario(load, seed), &[]);
        let api = trace.components.iter().find(|component| component.name == "api").expect("it is simulated");
        let step_seconds = trace.step_ns / SECOND;
        let pods: u64 = api.samples.iter().map(|sample| u64::from(sample.pods) * step_seconds).sum();
        let peak = api.samples.iter().map(|sample| sample.replicas).max().unwrap_or(0);
        (pods, peak)
    });
    let (mut pods, mut peaks): (Vec<u64>, Vec<u32>) = runs.unzip();
    pods.sort_unstable();
    peaks.sort_unstable();
    Free {
        pod_seconds: pods.iter().sum::<u64>() / SEEDS,
        least_pod_seconds: pods[0],
        most_pod_seconds: pods[pods.len() - 1],
        peak: peaks[peaks.len() / 2],
    }
}

/// The nodes of the tests' control plane, whose pods run at once and are ready after half a second.
fn world() -> World {
    let pool = Pool {
        name: "node".to_owned(),
        zones: vec!["zone-0".to_owned()],
        cpu_milli: 16_000,
        memory_bytes: 64 << 30,
        nodes: 6,
        max: 6,
        ..Pool::default()
    };
    let figures = Figures {
        autoscaler: FLAGS,
        // KWOK says what is used at the moment when it is asked.
        housekeeping_ns: 0,
        metrics_resolution_ns: 10 * SECOND,
        controller_rate_per_second: 500,
        controller_burst: 1_000,
        container_start_ns: SECOND / 2,
        image_bytes: 0,
        endpoint_delay_ns: SECOND / 10,
        ..ACK_DOCS
    };
    let virtual_node = Some(VirtualNode { name: "virtual-node-0".to_owned(), quota: 5_000 });
    World {
        pools: vec![pool],
        virtual_node,
        clock_zone: "UTC".to_owned(),
        figures,
        profile: "as the cluster".to_owned(),
        openers: Openers::default(),
    }
}

fn scenario(load: &Load, seed: u64) -> Scenario {
    let [base, spike, end] = load.phases;
    let per_second = |cpu_milli: u64| cpu_milli as f64 * 1e6 / CPU_NS as f64;
    Scenario {
        name: "beside the real one".to_owned(),
        app: "mini-program".to_owned(),
        environment: "prod".to_owned(),
        cluster: "hangzhou-1".to_owned(),
        duration_ns: load.duration_seconds * SECOND,
        seed,
        detail: Detail::Requests,
        traffic: vec![Traffic {
            component: "api".to_owned(),
            base_per_second: per_second(base.cpu_milli),
            spikes: vec![Spike {
                at_ns: spike.from_seconds * SECOND,
                times: spike.cpu_milli as f64 / base.cpu_milli as f64,
                over_ns: 1,
                hold_ns: (end.from_seconds - spike.from_seconds) * SECOND,
                fall_ns: 1,
            }],
            ..Traffic::default()
        }],
        services: vec![Service {
            component: "api".to_owned(),
            cpu: Duration::Constant(CPU_NS),
            concurrency: 64,
            queue: 1_000,
            ..Service::default()
        }],
        ..Scenario::default()
    }
}
