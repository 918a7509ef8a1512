//! What holds where a spec is silent: one table.

/// Pods of a component that says neither `replicas` nor `scale`.
pub const REPLICAS: u32 = 1;

/// The least replicas of a `scale` without `min`.
pub const SCALE_MIN: u32 = 1;

/// The CPU target of a `scale` without `cpu`, in per cent: leaves room for the minute that new pods take.
pub const CPU_PERCENT: u32 = 60;

/// Pods above the count while revisions swap, in per cent; what a Deployment has by default.
pub const SURGE_PERCENT: u32 = 25;

/// Pods below the count while revisions swap: none, since a release should not cost capacity.
pub const UNAVAILABLE_PERCENT: u32 = 0;

/// How long a batch may take: what `progressDeadlineSeconds` of a Deployment is by default.
pub const BATCH_DEADLINE_NS: u64 = 600_000_000_000;

/// How long a pod goes on serving after its end was decided; load balancers take 5 to 15 s to forget it.
pub const DRAIN_NS: u64 = 15_000_000_000;

/// How long trouble must last before somebody is told: long enough for one restart to pass unnoticed.
pub const ALERT_FOR_NS: u64 = 300_000_000_000;

/// The domain of a cluster's services: what kubeadm and ACK set up.
pub const CLUSTER_DOMAIN: &str = "cluster.local";
