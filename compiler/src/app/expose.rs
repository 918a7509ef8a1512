//! Who may reach a component.

use crate::source::Spanned;

/// Who may reach a component.
#[derive(Clone, Debug)]
pub struct Expose {
    /// From where.
    pub scope: Spanned<Scope>,
    /// The port of the Service.
    pub port: Spanned<u16>,
    /// The name of the container port behind it.
    pub target: Spanned<String>,
    /// How long a pod goes on serving while load balancers forget it, in nanoseconds.
    pub drain_ns: u64,
}

/// From where a component can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// From inside the cluster.
    Cluster,
    /// From the private network, over a load balancer.
    Intranet,
    /// From everywhere, over a load balancer.
    Internet,
}
