//! How many pods a component has, and where they may run.

use crate::source::Spanned;

/// How many pods a component has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Always the same number.
    Fixed(Spanned<u32>),
    /// Between two bounds, by CPU utilisation.
    Auto(Autoscale),
}

/// The bounds and target of a HorizontalPodAutoscaler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autoscale {
    /// The least number of replicas, at least 1.
    pub min: Spanned<u32>,
    /// The greatest.
    pub max: Spanned<u32>,
    /// Mean CPU use over the pods, in per cent of the request.
    pub cpu_percent: Spanned<u32>,
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
