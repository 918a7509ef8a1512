//! How a new revision replaces the old one.

use super::Verification;
use crate::source::Spanned;

/// How a new revision replaces the old one.
#[derive(Clone, Debug)]
pub struct ReleasePolicy {
    /// The batches in order; the last one reaches 100 %.
    pub batches: Vec<Batch>,
    /// Pods above the count while the two revisions swap, in per cent, rounded up.
    pub surge_percent: u32,
    /// Pods below the count, in per cent, rounded down.
    pub unavailable_percent: u32,
    /// How long a pod must have been ready before it counts, in seconds; with its place if it is written.
    pub min_ready_seconds: Option<Spanned<u32>>,
    /// How long one batch may take before the rollout fails, in nanoseconds.
    pub deadline_ns: u64,
    /// What must hold after each batch, in the order written.
    pub verifications: Vec<Verification>,
}

/// One batch of a release.
#[derive(Clone, Debug)]
pub struct Batch {
    /// How far the new revision goes.
    pub size: Spanned<BatchSize>,
    /// Stop here until somebody resumes.
    pub pause: bool,
    /// How long to look at the batch before the next, in nanoseconds.
    pub wait_ns: u64,
}

/// How many pods of the new revision a batch ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BatchSize {
    /// That many pods.
    Count(u32),
    /// That share of all pods, in per cent, rounded up.
    Percent(u32),
}
