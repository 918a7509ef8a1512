//! How many pods of a component may be evicted at a time.

use super::BatchSize;
use crate::source::Spanned;

/// How many pods of a component may be evicted at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disruption {
    /// At most so many may be missing.
    MaxUnavailable(BatchSize),
    /// At least so many must stay.
    MinAvailable(Spanned<BatchSize>),
}
