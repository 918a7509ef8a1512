//! Who may reach a component.

use super::{Addon, Cluster, Entry};
use crate::source::{Span, Spanned};

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
    /// Where the drain is written, or the whole declaration.
    pub drain_span: Span,
    /// What takes the traffic from outside.
    pub via: Spanned<Via>,
    /// An existing load balancer that is to be used.
    pub balancer: Option<Balancer>,
    /// Whether others may use the hosts too.
    pub shared: bool,
    /// The hosts that requests are taken for; every one if there is none.
    pub hosts: Vec<Spanned<String>>,
    /// What the path of a request must begin with.
    pub path: Option<Spanned<String>>,
    /// The Secret with the certificate.
    pub tls: Option<Spanned<String>>,
}

impl Expose {
    /// Whether the Service asks for a load balancer of its own.
    pub fn is_balanced(&self) -> bool {
        self.scope.value != Scope::Cluster && self.via.value == Via::LoadBalancer
    }

    /// Where HTTP traffic for it enters a cluster, if it is exposed that way.
    pub fn entry<'a>(&self, cluster: &'a Cluster) -> Option<&'a Entry> {
        let installed = cluster.installed(self.via.value.addon()?)?;
        installed.entries.iter().find(|entry| entry.scope == self.scope.value)
    }

    /// The path, or the one that every path begins with.
    pub fn prefix(&self) -> &str {
        self.path.as_ref().map_or("/", |path| &path.value)
    }
}

/// An existing load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balancer {
    /// Its name at the cloud.
    pub id: Spanned<String>,
    /// Whether others may use it too.
    pub shared: bool,
}

/// What takes the traffic from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A load balancer of the component's own.
    LoadBalancer,
    /// ACK's application load balancer, through an Ingress.
    Alb,
    /// A gateway, through an HTTPRoute.
    Gateway,
}

impl Via {
    /// The word in the language.
    pub fn name(self) -> &'static str {
        match self {
            Via::LoadBalancer => "load-balancer",
            Via::Alb => "alb",
            Via::Gateway => "gateway",
        }
    }

    /// What operators must have installed for it.
    pub fn addon(self) -> Option<Addon> {
        match self {
            Via::LoadBalancer => None,
            Via::Alb => Some(Addon::AlbIngress),
            Via::Gateway => Some(Addon::GatewayApi),
        }
    }
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

impl Scope {
    /// The word in the language.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Cluster => "cluster",
            Scope::Intranet => "intranet",
            Scope::Internet => "internet",
        }
    }
}
