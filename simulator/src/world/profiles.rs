//! The profiles: sets of figures, each with its sources.

use compiler::app::{ProfileName, eci};

use super::figures::{AutoscalerFlags, Figures};

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;
const MIB: u64 = 1 << 20;

/// The figures of a profile.
pub fn figures(profile: ProfileName) -> &'static Figures {
    match profile {
        ProfileName::AckDocs => &ACK_DOCS,
        ProfileName::Article2020 => &ARTICLE_2020,
    }
}

/// Profile `ack-docs`: what Kubernetes' code and the vendor's documents say.
pub static ACK_DOCS: Figures = Figures {
    // Alibaba Cloud, elasticity of ACK: 45 to 120 s for a batch of 100 nodes, by image and kind of scaling.
    node_start_ns: 45 * SECOND,
    node_start_spread_ns: 75 * SECOND,
    node_batch: 100,
    // Cluster autoscaler, FAQ: --scan-interval, --scale-down-unneeded-time and -delay-after-add, -utilization-threshold.
    node_scan_ns: 10 * SECOND,
    node_unneeded_ns: 600 * SECOND,
    node_utilisation_percent: 50,
    // Alibaba Cloud, list price of ecs.c5.large (2 vCPU, 4 GiB): 0.622 CNY an hour.
    ecs_nano_per_vcpu_second: 86_389,
    // Alibaba Cloud, notice ECS-0928: pay-as-you-go by the second.
    node_billing_step_ns: SECOND,
    // Assumption: the vendor has a least duration in each hour that grows with the vCPUs, of some minutes.
    node_billing_min_ns: 120 * SECOND,
    // kubelet defaults.go: maxPods 110.
    pods_per_node: 110,
    // Assumption below the pod start-up objective of upstream (99 % within 5 s without the pull).
    container_start_ns: 2 * SECOND,
    // Assumption: an image of a few hundred MB.
    image_bytes: 400 * MIB,
    // Assumption: a registry in the region, unpacking included.
    pull_bytes_per_second: 50 * MIB,
    // Assumption: layers of Windows are unpacked file by file.
    windows_pull_bytes_per_second: 10 * MIB,
    // kube-proxy defaults.go: iptables.minSyncPeriod 1 s.
    endpoint_delay_ns: SECOND,
    // Alibaba Cloud, ACK, graceful exit behind a CLB: 5 to 15 s until a pod is out.
    balancer_delay_ns: 5 * SECOND,
    balancer_delay_spread_ns: 10 * SECOND,
    // Alibaba Cloud, ECI limits: CreateContainerGroup refills 20 a second, bucket 100.
    eci_per_minute: 1_200,
    eci_burst: 100,
    // Alibaba Cloud, ACK elasticity overview: 30 s for a batch of pods, 15 s with image cache.
    eci_start_ns: 30 * SECOND,
    eci_start_cached_ns: 15 * SECOND,
    // Assumption: a cache is a snapshot of a disk.
    eci_cache_delay_ns: 300 * SECOND,
    eci_nano_per_vcpu_second: eci::NANO_PER_VCPU_SECOND,
    eci_nano_per_gib_second: eci::NANO_PER_GIB_SECOND,
    // Alibaba Cloud, ECI overview: spot pods are 30 to 90 % cheaper; the smallest discount.
    eci_spot_price_percent: 70,
    // Nobody can know; the platform says.
    eci_spot_reclaim_percent: 0,
    // kube-controller-manager defaults.go: kubeAPIQPS 20, kubeAPIBurst 30.
    controller_rate_per_second: 20,
    controller_burst: 30,
    // Assumption: watch and work queue of an idle control plane.
    controller_delay_ns: 50 * MS,
    // Assumption: a write to an idle API server and its etcd.
    controller_write_ns: 10 * MS,
    // scheduler_perf floors are above 500 pods a second; a single pod takes a few milliseconds.
    scheduling_delay_ns: 10 * MS,
    // kubelet cadvisor_linux.go: defaultHousekeepingInterval.
    housekeeping_ns: 10 * SECOND,
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
};

/// Profile `article-2020`: as an article of 2020 on a sale has it, nodes take ten minutes or more each and are billed by
/// the hour; all else as in [`ACK_DOCS`].
pub static ARTICLE_2020: Figures = Figures {
    node_start_ns: 600 * SECOND,
    // Assumption: "or more" is up to half as much.
    node_start_spread_ns: 300 * SECOND,
    node_batch: 1,
    node_billing_step_ns: 3_600 * SECOND,
    node_billing_min_ns: 3_600 * SECOND,
    ..ACK_DOCS
};
