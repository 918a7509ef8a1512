//! How pods are spread over zones and nodes.

use crate::source::Spanned;

/// One rule of spreading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Over what.
    pub over: Spanned<SpreadOver>,
    /// By how many pods two of them may differ.
    pub skew: u32,
    /// Whether a pod rather stays pending.
    pub required: bool,
}

/// What pods are spread over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpreadOver {
    /// Zones.
    Zone,
    /// Nodes; all pods on ECI share one.
    Node,
}
