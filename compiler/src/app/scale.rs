//! How many pods a component has, and where they may run.

use super::Cron;
use crate::source::Spanned;

/// How many pods a component has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Always the same number.
    Fixed(Spanned<u32>),
    /// Between two bounds, by what is measured and by the clock.
    Auto(Box<Autoscale>),
}

impl Scale {
    /// The fewest pods that it means outside of a release: the count, or the lower bound.
    pub fn least(&self) -> Spanned<u32> {
        match self {
            Scale::Fixed(count) => *count,
            Scale::Auto(auto) => auto.min,
        }
    }

    /// The most pods that it means outside of a release. Scheduled scaling stays below it.
    pub fn most(&self) -> Spanned<u32> {
        match self {
            Scale::Fixed(count) => *count,
            Scale::Auto(auto) => auto.max,
        }
    }
}

/// A HorizontalPodAutoscaler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autoscale {
    /// The least number of replicas.
    pub min: Spanned<u32>,
    /// The greatest.
    pub max: Spanned<u32>,
    /// What it keeps; the metric that asks for most decides.
    pub metrics: Vec<Metric>,
    /// How it is restrained on the way up; `None` for what Kubernetes does by default.
    pub up: Option<Restraint>,
    /// How it is restrained on the way down.
    pub down: Option<Restraint>,
    /// What the clock raises.
    pub crons: Vec<Cron>,
}

/// One metric with its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metric {
    /// CPU or memory of the pods.
    Resource {
        /// Which.
        resource: Resource,
        /// Per cent of the request, or a quantity a pod.
        target: ResourceTarget,
    },
    /// CPU or memory of one container of the pods.
    Container {
        /// Which container.
        container: Spanned<String>,
        /// Which of the two.
        resource: Resource,
        /// Per cent of the container's request, or a quantity.
        target: ResourceTarget,
    },
    /// A metric that every pod has, as a mean over the pods.
    Pods {
        /// Which.
        name: MetricName,
        /// The quantity a pod.
        average: String,
    },
    /// A metric of another object of the namespace.
    Object {
        /// Which.
        name: MetricName,
        /// The object that has it.
        of: Described,
        /// What it is kept at.
        target: Amount,
    },
    /// A metric of something outside the cluster.
    External {
        /// Which.
        name: MetricName,
        /// What it is kept at.
        target: Amount,
    },
}

/// What pods request and use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// CPU.
    Cpu,
    /// Memory.
    Memory,
}

impl Resource {
    /// As Kubernetes calls it.
    pub fn name(self) -> &'static str {
        match self {
            Resource::Cpu => "cpu",
            Resource::Memory => "memory",
        }
    }
}

/// What a resource's use is kept at, as a mean over the pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceTarget {
    /// Per cent of the request.
    Utilization(u32),
    /// A quantity.
    Average(String),
}

/// A metric's name, and the labels that narrow it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricName {
    /// The name.
    pub name: Spanned<String>,
    /// Label and value, in the order written.
    pub selector: Vec<(String, String)>,
}

/// An object that a metric describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Such as `networking.k8s.io/v1`.
    pub api_version: &'static str,
    /// Such as `Ingress`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

impl Described {
    /// The kinds whose metrics are of use for scaling, with their API versions.
    pub const KINDS: &'static [(&'static str, &'static str)] = &[
        ("Ingress", "networking.k8s.io/v1"),
        ("Service", "v1"),
        ("HTTPRoute", "gateway.networking.k8s.io/v1"),
        ("Gateway", "gateway.networking.k8s.io/v1"),
    ];

    /// Reads `Ingress/web`.
    pub fn from_text(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once('/')?;
        let (kind, api_version) = Self::KINDS.iter().find(|(known, _)| *known == kind)?;
        Some(Self { api_version, kind, name: name.to_owned() })
    }
}

/// What a metric is kept at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amount {
    /// The metric itself.
    Value(Spanned<String>),
    /// The metric divided by the number of pods.
    Average(Spanned<String>),
}

/// How an autoscaler is restrained in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restraint {
    /// For how long the most careful of what was recommended holds, in seconds.
    pub window_seconds: Option<u32>,
    /// Which policy counts where several allow a change.
    pub select: Option<Select>,
    /// How much may change within how long.
    pub policies: Vec<ScalingPolicy>,
    /// How far the metric may be off before anything happens, in thousandths.
    pub tolerance_milli: Option<Spanned<u32>>,
}

/// Which of several policies counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    /// The one that allows the greatest change.
    Most,
    /// The one that allows the smallest.
    Least,
    /// None: nothing changes in this direction.
    Nothing,
}

/// How much may change within how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalingPolicy {
    /// How much.
    pub change: Change,
    /// Within how many seconds.
    pub every_seconds: u32,
}

/// How many pods may come or go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// That many.
    Pods(u32),
    /// That share of those that are there, in per cent.
    Percent(u32),
}

/// Whether pods may run on ECI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Burst {
    /// Only on nodes.
    Never,
    /// On nodes first, on ECI when they are full.
    WhenShort,
    /// Only on ECI.
    Only,
}
