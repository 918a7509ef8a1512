//! How names are resolved.

use std::net::IpAddr;

use crate::source::{Span, Spanned};

/// Who answers a pod's name look-ups first; the cluster's DNS stays the second choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsMode {
    /// The cluster's DNS, with no cache before it.
    Cluster,
    /// A cache on the pod's node.
    NodeLocal,
    /// A cache in the pod.
    Sidecar,
}

impl DnsMode {
    /// Its word in the language.
    pub fn name(self) -> &'static str {
        match self {
            DnsMode::Cluster => "cluster",
            DnsMode::NodeLocal => "node-local",
            DnsMode::Sidecar => "sidecar",
        }
    }
}

/// What the cache in the pod requests, in thousandths of a core: what upstream asks for a node's cache.
pub const SIDECAR_CPU_MILLI: u64 = 25;
/// The same of memory, in bytes: CoreDNS takes 54 MB with full caches, by its own scaling guide.
pub const SIDECAR_MEMORY_BYTES: u64 = 64 << 20;

/// How a cluster resolves names.
#[derive(Clone, Debug)]
pub struct ClusterDns {
    /// Its DNS servers, if the platform says how large they are.
    pub coredns: Option<CoreDns>,
    /// Whether every node has a cache, and where the platform says so or should.
    pub node_local: Spanned<bool>,
    /// The image of the node's cache.
    pub node_local_image: Option<Spanned<String>>,
    /// The cluster IP of the cluster's DNS.
    pub service_ip: Option<Spanned<IpAddr>>,
    /// The cluster's domain.
    pub domain: String,
    /// How kube-proxy works.
    pub kube_proxy: KubeProxy,
    /// The image of the cache in the pod.
    pub sidecar_image: Option<Spanned<String>>,
    /// The declaration, or the cluster's name.
    pub span: Span,
}

/// The cluster's DNS servers.
#[derive(Clone, Debug)]
pub struct CoreDns {
    /// How many.
    pub replicas: u32,
    /// Cores of each, in thousandths.
    pub cpu_milli: u64,
    /// Memory of each, in bytes.
    pub memory_bytes: u64,
}

/// How kube-proxy works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KubeProxy {
    /// By rules of iptables.
    Iptables,
    /// By IPVS.
    Ipvs,
}
