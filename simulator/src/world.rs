//! What the cluster is made of besides its objects: nodes, the virtual node, start times, rates, prices.

use compiler::app::{Addon, Cluster, Profile, eci};

use crate::engine::random::Duration;
use crate::model::readiness_gate::Openers;

/// One cluster to simulate in.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// The nodes of every pool.
    pub nodes: Vec<Node>,
    /// The virtual node, behind which ECI pods run.
    pub virtual_node: Option<VirtualNode>,
    /// The time zone that cronhpa's process runs in.
    pub clock_zone: String,
    /// Who tells pods that a load balancer has taken them in.
    pub openers: Openers,
    /// Start times, rates, prices and controller flags.
    pub figures: Figures,
}

/// One ECS node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its pool.
    pub pool: String,
    /// Its zone: the zones of a pool take turns.
    pub zone: String,
    /// `linux` or `windows`.
    pub os: &'static str,
    /// The build of Windows, as its label says.
    pub build: Option<&'static str>,
    /// What pods may request, in thousandths of a core.
    pub cpu_milli: u64,
    /// What pods may request, in bytes.
    pub memory_bytes: u64,
}

/// The virtual node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualNode {
    /// Its name.
    pub name: String,
    /// How many ECI pods may run at a time.
    pub quota: u32,
}

/// Every number of the world that no object says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Pods a node takes.
    pub pods_per_node: u32,
    /// Writes a second of each controller of the kube-controller-manager, which has a client of its own.
    pub controller_rate_per_second: u64,
    /// Writes that such a controller may make at once.
    pub controller_burst: u64,
    /// From a change to its controller's look at it.
    pub controller_delay_ns: u64,
    /// How long a controller waits for the API server's answer to a write.
    pub controller_write_ns: u64,
    /// From a pod without a node to the scheduler's decision.
    pub scheduling_delay_ns: u64,
    /// From a pod's node to its running container, once the image is there.
    pub container_start_ns: u64,
    /// How long a node pulls an image that it does not have; one at a time.
    pub image_pull_ns: u64,
    /// From a pod's readiness to the balancers' knowledge of it, and the same for its end.
    pub endpoint_delay_ns: u64,
    /// ECI creations a second.
    pub eci_rate_per_second: u64,
    /// ECI creations at once.
    pub eci_burst: u64,
    /// Mean time from an ECI creation to a running container.
    pub eci_start_mean_ns: u64,
    /// What 99 of 100 ECI starts stay below.
    pub eci_start_p99_ns: u64,
    /// Time between two scrapes of metrics-server.
    pub metrics_resolution_ns: u64,
    /// The shortest window from which metrics-server makes a sample.
    pub metrics_window_min_ns: u64,
    /// Flags of the HPA controller.
    pub autoscaler: AutoscalerFlags,
    /// ECI, in nano-yuan for a vCPU and a second.
    pub eci_nano_per_vcpu_second: u64,
    /// ECI, in nano-yuan for a GiB and a second.
    pub eci_nano_per_gib_second: u64,
    /// ECS nodes, in nano-yuan for a vCPU and a second, with the usual memory beside it.
    pub ecs_nano_per_vcpu_second: u64,
}

/// Flags of the HPA controller in kube-controller-manager.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AutoscalerFlags {
    /// `--horizontal-pod-autoscaler-sync-period`.
    pub sync_period_ns: u64,
    /// `--horizontal-pod-autoscaler-tolerance`.
    pub tolerance: f64,
    /// `--horizontal-pod-autoscaler-downscale-stabilization`.
    pub downscale_stabilization_ns: u64,
    /// `--horizontal-pod-autoscaler-cpu-initialization-period`.
    pub cpu_initialization_ns: u64,
    /// `--horizontal-pod-autoscaler-initial-readiness-delay`.
    pub initial_readiness_ns: u64,
}

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;

/// Profile `ack-docs`: what Kubernetes' code and the vendor's documents say.
pub static ACK_DOCS: Figures = Figures {
    // kubelet defaults.go: maxPods 110.
    pods_per_node: 110,
    // kube-controller-manager defaults.go: kubeAPIQPS 20, kubeAPIBurst 30.
    controller_rate_per_second: 20,
    controller_burst: 30,
    // Assumption: watch and work queue of an idle control plane.
    controller_delay_ns: 50 * MS,
    // Assumption: a write to an idle API server and its etcd.
    controller_write_ns: 10 * MS,
    // scheduler_perf floors are above 500 pods a second; a single pod takes a few milliseconds.
    scheduling_delay_ns: 10 * MS,
    // Assumption below the pod start-up objective of upstream (99 % within 5 s without the pull).
    container_start_ns: 2 * SECOND,
    // Assumption: an image of a few hundred MB from a registry in the region.
    image_pull_ns: 8 * SECOND,
    // kube-proxy defaults.go: iptables.minSyncPeriod 1 s.
    endpoint_delay_ns: SECOND,
    // Alibaba Cloud, ECI limits: CreateContainerGroup refills 20 a second, bucket 100.
    eci_rate_per_second: 20,
    eci_burst: 100,
    // Alibaba Cloud, ACK elasticity overview: 15 s with image cache, 30 s without.
    eci_start_mean_ns: 15 * SECOND,
    eci_start_p99_ns: 30 * SECOND,
    // metrics-server manifests: --metric-resolution=15s.
    metrics_resolution_ns: 15 * SECOND,
    // metrics-server storage: freshContainerMinMetricsResolution 10 s.
    metrics_window_min_ns: 10 * SECOND,
    // kube-controller-manager podautoscaler defaults.go.
    autoscaler: AutoscalerFlags {
        sync_period_ns: 15 * SECOND,
        tolerance: 0.1,
        downscale_stabilization_ns: 300 * SECOND,
        cpu_initialization_ns: 300 * SECOND,
        initial_readiness_ns: 30 * SECOND,
    },
    eci_nano_per_vcpu_second: eci::NANO_PER_VCPU_SECOND,
    eci_nano_per_gib_second: eci::NANO_PER_GIB_SECOND,
    // Alibaba Cloud, list price of ecs.c5.large (2 vCPU, 4 GiB): 0.622 CNY an hour.
    ecs_nano_per_vcpu_second: 86_389,
};

/// Label and taint of ACK's virtual node.
pub mod virtual_node {
    /// The label that tells it from nodes.
    pub const TYPE_LABEL: (&str, &str) = ("type", "virtual-kubelet");
    /// The taint that keeps pods off it, with the effect `NoSchedule`.
    pub const TAINT: (&str, &str) = ("virtual-kubelet.io/provider", "alibabacloud");
    /// The CPU of the largest ECI pod, in thousandths of a core. Alibaba Cloud, ECI limits: 64 vCPU.
    pub const POD_CPU_MILLI_MAX: i64 = 64_000;
    /// The memory of the largest ECI pod, in bytes. Alibaba Cloud, ECI limits: 512 GiB.
    pub const POD_MEMORY_BYTES_MAX: i64 = 512 << 30;
}

impl World {
    /// The world that a platform document describes, with the figures of the cluster's profile.
    pub fn new(cluster: &Cluster) -> Self {
        let figures = match cluster.profile {
            Profile::AckDocs => ACK_DOCS,
        };
        let mut nodes: Vec<Node> = Vec::new();
        for pool in &cluster.pools {
            // A pool on the way to another build of Windows has nodes of both.
            let before = nodes.iter().filter(|node| node.pool == pool.name.value).count();
            nodes.extend((0..pool.nodes as usize).map(|number| {
                Node {
                    name: format!("{}-{}", pool.name.value, before + number),
                    pool: pool.name.value.clone(),
                    // Every node of a cloud stands in a zone; without a word of it, all stand in one.
                    zone: pool
                        .zones
                        .get(number % pool.zones.len().max(1))
                        .map_or_else(|| "undeclared".to_owned(), |zone| zone.value.clone()),
                    os: if pool.os.build().is_some() { "windows" } else { "linux" },
                    build: pool.os.build().map(|build| build.value.number),
                    cpu_milli: pool.cpu_milli,
                    memory_bytes: pool.memory_bytes,
                }
            }));
        }
        let virtual_node = cluster
            .virtual_node
            .as_ref()
            .map(|node| VirtualNode { name: node.name.value.clone(), quota: node.quota });
        let cronhpa = cluster.installed(Addon::Cronhpa).and_then(|cronhpa| cronhpa.time_zone.as_ref());
        let clock_zone = cronhpa.map_or_else(|| "UTC".to_owned(), |zone| zone.value.clone());
        Self { nodes, virtual_node, clock_zone, openers: Openers::new(cluster), figures }
    }
}

impl Figures {
    /// How long an ECI pod takes from creation to a running container.
    pub fn eci_start(&self) -> Duration {
        Duration::lognormal(self.eci_start_mean_ns, self.eci_start_p99_ns)
            .unwrap_or(Duration::Constant(self.eci_start_mean_ns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_gives_eci_a_start_with_a_tail() {
        assert!(matches!(ACK_DOCS.eci_start(), Duration::Lognormal { .. }));
    }
}
