//! What holds where a spec is silent: one table.

/// Pods of a component that says neither `replicas` nor `scale`.
pub const REPLICAS: u32 = 1;

/// The least replicas of a `scale` without `min`.
pub const SCALE_MIN: u32 = 1;

/// The CPU target of a `scale` without any metric, in per cent: leaves room for the minute that new pods take.
/// Kubernetes' own default is 80.
pub const CPU_PERCENT: u32 = 60;

/// Pods above the count while revisions swap, in per cent; what a Deployment has by default.
pub const SURGE_PERCENT: u32 = 25;

/// Pods below the count while revisions swap: none, since a release should not cost capacity.
pub const UNAVAILABLE_PERCENT: u32 = 0;

/// How long a batch may take: what `progressDeadlineSeconds` of a Deployment is by default.
pub const BATCH_DEADLINE_NS: u64 = 600_000_000_000;

/// How long a pod goes on serving after its end was decided; load balancers take 5 to 15 s to forget it.
pub const DRAIN_NS: u64 = 15_000_000_000;

/// Period, timeout and failures of a readiness probe: half the period of Kubernetes, since under a spike every second
/// until a new pod counts.
pub const READINESS: (u32, u32, u32) = (5, 1, 3);

/// The same of a liveness probe: a minute of failures, since a restart under load makes the load worse.
pub const LIVENESS: (u32, u32, u32) = (10, 5, 6);

/// The time between two startup probes: a pod is ready so much later at worst.
pub const STARTUP_PERIOD_SECONDS: u32 = 2;
/// Within how long a scaling policy allows its change, in seconds: `periodSeconds` of the policies that Kubernetes
/// has by default. What else a `behavior` leaves out is left out of the object too, and the API server fills it in:
/// on the way up no window and the greater of 4 pods and 100 % (`select` most), on the way down a window of 300 s
/// and 100 %, a tolerance of 10 % both ways.
pub const POLICY_SECONDS: u32 = 15;

/// How many pods node drains may evict at a time, in per cent, rounded up.
pub const MAX_UNAVAILABLE_PERCENT: u32 = 10;
/// How long trouble must last before somebody is told: long enough for one restart to pass unnoticed.
pub const ALERT_FOR_NS: u64 = 300_000_000_000;

/// The domain of a cluster's services: what kubeadm and ACK set up.
pub const CLUSTER_DOMAIN: &str = "cluster.local";

/// How long a question's answers must be good after a batch: as long as the rates of most questions look back.
pub const VERIFY_FOR_NS: u64 = 60_000_000_000;

/// The time from one answer to the next question: how often most Prometheuses look.
pub const VERIFY_EVERY_NS: u64 = 15_000_000_000;

/// How many bad answers in a row fail a rollout: one may be a peak.
pub const VERIFY_FAILURES: u32 = 3;
