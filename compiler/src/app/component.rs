//! One component of one cell, with every override applied.

use super::{
    Alert, Burst, ComponentKind, Config, Container, Disruption, DnsMode, Expose, Logs, Os, ReleasePolicy,
    Runtime, Scale, Setting, Spread, StartOrder, Volume, VolumeKind, dns,
};
use crate::source::{Span, Spanned};

/// One component in one cell.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its name, unique in the application.
    pub name: Spanned<String>,
    /// How its pods are told apart.
    pub kind: Spanned<ComponentKind>,
    /// The language it is written in.
    pub runtime: Option<Runtime>,
    /// The operating system it needs.
    pub os: Os,
    /// Where it asks for Windows of no certain build: it then gets the one of its cluster's nodes.
    pub any_build: Option<Span>,
    /// The container that it is about.
    pub main: Container,
    /// Containers beside it.
    pub containers: Vec<Container>,
    /// Containers that run before it, one after the other.
    pub inits: Vec<Container>,
    /// What its pods keep files on.
    pub volumes: Vec<Volume>,
    /// Labels of its pods.
    pub labels: Vec<Setting>,
    /// Annotations of its pods.
    pub annotations: Vec<Setting>,
    /// How long its processes have to end once nobody sends them work, in nanoseconds.
    pub stop_ns: u64,
    /// In which order the members of a stateful component start.
    pub start: StartOrder,
    /// The user that its processes run as, which is never root; the image's own without one.
    pub user: Option<Spanned<u32>>,
    /// Where it asks for the node's own network, if it does.
    pub host_network: Option<Span>,
    /// Components that must be ready before this one starts.
    pub depends_on: Vec<Spanned<String>>,
    /// How many pods; for a daemon one a node, whatever stands here.
    pub scale: Scale,
    /// Whether pods may run on ECI when the node pools are full.
    pub burst: Spanned<Burst>,
    /// How many pods may be evicted at a time; `None` for what holds where a spec is silent.
    pub disruption: Option<Disruption>,
    /// How a new revision replaces the old one.
    pub release: ReleasePolicy,
    /// Who may reach it.
    pub expose: Option<Expose>,
    /// How its pods are spread.
    pub spreads: Vec<Spread>,
    /// Who answers its name look-ups first.
    pub dns: Spanned<DnsMode>,
    /// When somebody is told about it.
    pub alerts: Vec<Alert>,
    /// Which of its lines are collected.
    pub logs: Vec<Logs>,
}

impl Component {
    /// The containers that run beside each other, the main one first.
    pub fn running(&self) -> impl Iterator<Item = &Container> {
        std::iter::once(&self.main).chain(&self.containers)
    }

    /// Every container: those that run beside each other, then those that run before them.
    pub fn every_container(&self) -> impl Iterator<Item = &Container> {
        self.running().chain(&self.inits)
    }

    /// The files of every container, in that order.
    pub fn configs(&self) -> impl Iterator<Item = &Config> {
        self.every_container().flat_map(|container| &container.configs)
    }

    /// What a pod requests, in thousandths of a core and in bytes: the sum of what runs together, or what the
    /// largest container before it needs, and its DNS sidecar.
    pub fn requests(&self) -> (u64, u64) {
        let (cpu_milli, memory_bytes) = self
            .total(|container| (container.resources.cpu_milli.value, container.resources.memory_bytes.value));
        match self.dns.value {
            DnsMode::Cluster | DnsMode::NodeLocal => (cpu_milli, memory_bytes),
            DnsMode::Sidecar => {
                (cpu_milli + dns::SIDECAR_CPU_MILLI, memory_bytes + dns::SIDECAR_MEMORY_BYTES)
            }
        }
    }

    /// What ECI counts of a pod, in the same units.
    pub fn counted(&self) -> (u64, u64) {
        self.total(|container| container.resources.counted())
    }

    fn total(&self, of: impl Fn(&Container) -> (u64, u64)) -> (u64, u64) {
        let add = |sum: (u64, u64), more: (u64, u64)| (sum.0 + more.0, sum.1 + more.1);
        let running = self.running().map(&of).fold((0, 0), add);
        let larger = |a: (u64, u64), b: (u64, u64)| (a.0.max(b.0), a.1.max(b.1));
        self.inits.iter().map(&of).fold(running, larger)
    }

    /// Whether its pods reach into their node, which Pod Security allows at the level `privileged` alone.
    pub fn uses_the_node(&self) -> bool {
        let host = |volume: &Volume| matches!(volume.kind.value, VolumeKind::Host { .. });
        let port = |container: &Container| container.ports.iter().any(|port| port.host.is_some());
        self.host_network.is_some() || self.volumes.iter().any(host) || self.every_container().any(port)
    }
}
