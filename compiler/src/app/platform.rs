//! What operators declare: clusters, and what each environment may do on them.

use super::Os;
use crate::source::{Span, Spanned};

/// What operators declare.
#[derive(Clone, Debug)]
pub struct Platform {
    /// The platform's name.
    pub name: Spanned<String>,
    /// The clusters in the order written.
    pub clusters: Vec<Cluster>,
    /// What each environment may do.
    pub environments: Vec<PlatformEnvironment>,
}

/// One environment on the operators' side.
#[derive(Clone, Debug)]
pub struct PlatformEnvironment {
    /// Its name, as in the application.
    pub name: Spanned<String>,
    /// Indices into [`Platform::clusters`].
    pub clusters: Vec<usize>,
    /// Whether ECI may be used, with the place that says so, or the environment's own.
    pub eci: Spanned<bool>,
}

/// What kind of cluster it is, which decides the lowering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Alibaba Cloud Container Service.
    Ack,
    /// Any Kubernetes; nothing vendor-specific.
    Kubernetes,
}

/// One cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its name.
    pub name: Spanned<String>,
    /// The Kubernetes version, such as `1.34`.
    pub kubernetes: Spanned<String>,
    /// Which lowering it gets.
    pub provider: Provider,
    /// The kubeconfig context that reaches it.
    pub context: Option<Spanned<String>>,
    /// Its node pools.
    pub pools: Vec<Pool>,
    /// Its virtual node, behind which ECI pods run.
    pub virtual_node: Option<VirtualNode>,
    /// Start times, rates and prices for the simulation.
    pub profile: Profile,
}

/// One pool of like nodes.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Its name.
    pub name: Spanned<String>,
    /// What its nodes run.
    pub os: Os,
    /// Cores of a node, in thousandths.
    pub cpu_milli: u64,
    /// Memory of a node, in bytes.
    pub memory_bytes: u64,
    /// How many nodes it has.
    pub nodes: u32,
    /// How many it may grow to.
    pub max: u32,
    /// The whole declaration.
    pub span: Span,
}

/// A virtual node.
#[derive(Clone, Debug)]
pub struct VirtualNode {
    /// Its name.
    pub name: Spanned<String>,
    /// How many ECI pods may run at a time.
    pub quota: u32,
}

/// A named set of start times, rates and prices; the simulator's tables hold the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// What the vendor's documents say.
    AckDocs,
}
