//! Every number of a simulated cluster that no object says, and the fields of the language that write them.

/// Start times, rates, prices and controller flags.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// From the decision to add nodes to nodes that take pods, at least.
    pub node_start_ns: u64,
    /// How much longer a batch may take.
    pub node_start_spread_ns: u64,
    /// Nodes of one decision that come together.
    pub node_batch: u64,
    /// Time between two looks of the cluster autoscaler.
    pub node_scan_ns: u64,
    /// How long a node is little used before it goes, and how long after the last new one none goes.
    pub node_unneeded_ns: u64,
    /// A node of which less is requested is little used, in per cent.
    pub node_utilisation_percent: u64,
    /// ECS nodes, in nano-yuan for a vCPU and a second, with the usual memory beside it.
    pub ecs_nano_per_vcpu_second: u64,
    /// The time of a node is billed in steps of so much.
    pub node_billing_step_ns: u64,
    /// The least time that a node is billed for.
    pub node_billing_min_ns: u64,
    /// Pods a node takes.
    pub pods_per_node: u32,
    /// From a pod's node to its running container, once the image is there.
    pub container_start_ns: u64,
    /// What is pulled of an image whose size nobody says, in bytes.
    pub image_bytes: u64,
    /// What a node of Linux pulls and unpacks in a second, in bytes; one image at a time.
    pub pull_bytes_per_second: u64,
    /// The same of a node of Windows.
    pub windows_pull_bytes_per_second: u64,
    /// From a pod's readiness to what every kube-proxy knows of it, and the same for its end.
    pub endpoint_delay_ns: u64,
    /// From there to what a load balancer outside the cluster knows of a pod that it sends requests to itself, at least.
    pub balancer_delay_ns: u64,
    /// How much longer that may take.
    pub balancer_delay_spread_ns: u64,
    /// ECI creations a minute.
    pub eci_per_minute: u64,
    /// ECI creations at once.
    pub eci_burst: u64,
    /// From an ECI creation to a running container, without an image cache.
    pub eci_start_ns: u64,
    /// The same with one.
    pub eci_start_cached_ns: u64,
    /// From the first pull of an image on ECI to its image cache.
    pub eci_cache_delay_ns: u64,
    /// ECI, in nano-yuan for a vCPU and a second.
    pub eci_nano_per_vcpu_second: u64,
    /// ECI, in nano-yuan for a GiB and a second.
    pub eci_nano_per_gib_second: u64,
    /// What a spot pod costs of the full price, in per cent.
    pub eci_spot_price_percent: u64,
    /// The chance that a spot pod past its protection is taken back at a check, in per cent.
    pub eci_spot_reclaim_percent: u64,
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
    /// The kubelet looks at a container after once to twice so long; 0 for one that looks whenever it is asked.
    pub housekeeping_ns: u64,
    /// Time between two scrapes of metrics-server.
    pub metrics_resolution_ns: u64,
    /// The shortest window from which metrics-server makes a sample.
    pub metrics_window_min_ns: u64,
    /// Flags of the HPA controller.
    pub autoscaler: AutoscalerFlags,
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

/// A field of the language's `profile`, and which figure it writes.
type Field = (&'static str, fn(&mut Figures, u64));

/// Every field, in the order of the language.
static FIELDS: &[Field] = &[
    ("node-start", |figures, value| figures.node_start_ns = value),
    ("node-start-spread", |figures, value| figures.node_start_spread_ns = value),
    ("node-batch", |figures, value| figures.node_batch = value),
    ("node-scan", |figures, value| figures.node_scan_ns = value),
    ("node-unneeded", |figures, value| figures.node_unneeded_ns = value),
    ("node-utilisation", |figures, value| figures.node_utilisation_percent = value),
    ("node-price", |figures, value| figures.ecs_nano_per_vcpu_second = value),
    ("node-billing-step", |figures, value| figures.node_billing_step_ns = value),
    ("node-billing-min", |figures, value| figures.node_billing_min_ns = value),
    ("pods-per-node", |figures, value| figures.pods_per_node = u32::try_from(value).unwrap_or(u32::MAX)),
    ("container-start", |figures, value| figures.container_start_ns = value),
    ("image-size", |figures, value| figures.image_bytes = value),
    ("pull-rate", |figures, value| figures.pull_bytes_per_second = value),
    ("windows-pull-rate", |figures, value| figures.windows_pull_bytes_per_second = value),
    ("endpoint-delay", |figures, value| figures.endpoint_delay_ns = value),
    ("balancer-delay", |figures, value| figures.balancer_delay_ns = value),
    ("balancer-delay-spread", |figures, value| figures.balancer_delay_spread_ns = value),
    ("eci-per-minute", |figures, value| figures.eci_per_minute = value),
    ("eci-burst", |figures, value| figures.eci_burst = value),
    ("eci-start", |figures, value| figures.eci_start_ns = value),
    ("eci-start-cached", |figures, value| figures.eci_start_cached_ns = value),
    ("eci-cache-delay", |figures, value| figures.eci_cache_delay_ns = value),
    ("eci-vcpu-price", |figures, value| figures.eci_nano_per_vcpu_second = value),
    ("eci-memory-price", |figures, value| figures.eci_nano_per_gib_second = value),
    ("eci-spot-price", |figures, value| figures.eci_spot_price_percent = value),
    ("eci-spot-reclaim", |figures, value| figures.eci_spot_reclaim_percent = value),
    ("controller-rate", |figures, value| figures.controller_rate_per_second = value),
    ("controller-burst", |figures, value| figures.controller_burst = value),
    ("housekeeping", |figures, value| figures.housekeeping_ns = value),
    ("metrics-resolution", |figures, value| figures.metrics_resolution_ns = value),
    ("autoscaler-sync", |figures, value| figures.autoscaler.sync_period_ns = value),
    ("autoscaler-tolerance", |figures, value| figures.autoscaler.tolerance = value as f64 / 100.0),
    ("autoscaler-downscale", |figures, value| figures.autoscaler.downscale_stabilization_ns = value),
    ("autoscaler-cpu-initialization", |figures, value| figures.autoscaler.cpu_initialization_ns = value),
    ("autoscaler-initial-readiness", |figures, value| figures.autoscaler.initial_readiness_ns = value),
];

impl Figures {
    /// Writes the figure of a field. Times at which something comes round are at least a millisecond, or a run would
    /// never get past them.
    pub fn write(&mut self, name: &str, value: u64) {
        let comes_round = ["node-scan", "metrics-resolution", "autoscaler-sync"].contains(&name);
        let value = if comes_round { value.max(1_000_000) } else { value };
        if let Some((_, write)) = FIELDS.iter().find(|(field, _)| *field == name) {
            write(self, value);
        }
    }

    /// The time of a node that is billed.
    pub fn billed_ns(&self, ran_ns: u64) -> u64 {
        let step_ns = self.node_billing_step_ns.max(1);
        ran_ns.max(self.node_billing_min_ns).div_ceil(step_ns) * step_ns
    }

    /// How long a node pulls so many bytes.
    pub fn pull_ns(&self, bytes: u64, is_windows: bool) -> u64 {
        let rate = if is_windows { self.windows_pull_bytes_per_second } else { self.pull_bytes_per_second };
        let ns = u128::from(bytes) * 1_000_000_000 / u128::from(rate.max(1));
        u64::try_from(ns).unwrap_or(u64::MAX).min(u64::MAX / 8)
    }
}

#[cfg(test)]
mod tests {
    use compiler::resolve::schema::PROFILE;

    use super::super::profiles::ACK_DOCS;
    use super::*;

    #[test]
    fn every_field_of_the_language_writes_a_figure() {
        let fields: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        let children: Vec<&str> = PROFILE.children.iter().map(|child| child.name).collect();
        assert_eq!(fields, children);
        for (name, write) in FIELDS {
            let mut figures = ACK_DOCS;
            write(&mut figures, 77);
            assert_ne!(figures, ACK_DOCS, "{name}");
        }
    }

    #[test]
    fn a_node_is_billed_in_steps_and_at_least_for_a_while() {
        let second = 1_000_000_000;
        let mut figures = Figures { node_billing_min_ns: 60 * second, ..ACK_DOCS };
        figures.node_billing_step_ns = second;
        assert_eq!([10, 61].map(|ran| figures.billed_ns(ran * second + 1) / second), [60, 62]);
        figures.node_billing_step_ns = 3_600 * second;
        assert_eq!([10, 3_601].map(|ran| figures.billed_ns(ran * second) / second), [3_600, 7_200]);
    }
}
