//! How the cells of an environment are kept apart, and what they may use.

use crate::source::{Span, Spanned};

/// How cells are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// By their names alone.
    Namespace,
    /// A pod takes traffic from its own namespace, and from outside where it is exposed to it.
    Strict,
}

/// A Pod Security level; later ones allow less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PodSecurity {
    /// Everything is allowed.
    Privileged,
    /// No known way to more rights than the node gives.
    Baseline,
}

impl PodSecurity {
    /// The word, in the language and in the namespace's label.
    pub fn name(self) -> &'static str {
        match self {
            PodSecurity::Privileged => "privileged",
            PodSecurity::Baseline => "baseline",
        }
    }
}

/// What pods request together: at most, or as much as they may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// CPU in thousandths of a core.
    pub cpu_milli: u128,
    /// Memory in bytes.
    pub memory_bytes: u128,
    /// Pods that are not at their end.
    pub pods: u128,
}

/// What all cells of one application may request in an environment; what is not limited is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// CPU in thousandths of a core.
    pub cpu_milli: Option<Spanned<u64>>,
    /// Memory in bytes.
    pub memory_bytes: Option<Spanned<u64>>,
    /// Pods.
    pub pods: Option<Spanned<u32>>,
    /// The whole declaration.
    pub span: Span,
}

/// The part of a [`Quota`] that one namespace gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaShare {
    /// CPU in thousandths of a core.
    pub cpu_milli: Option<u64>,
    /// Memory in bytes.
    pub memory_bytes: Option<u64>,
    /// Pods.
    pub pods: Option<u64>,
}
