//! What the cluster is made of besides its objects: nodes, the virtual node, start times, rates, prices.

mod figures;
mod profiles;

use compiler::app::{Addon, Cluster, Profile};

use crate::model::readiness_gate::Openers;
pub use figures::{AutoscalerFlags, Figures};
pub use profiles::{ACK_DOCS, ARTICLE_2020, figures};

/// One cluster to simulate in.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// The pools of ECS nodes.
    pub pools: Vec<Pool>,
    /// The virtual node, behind which ECI pods run.
    pub virtual_node: Option<VirtualNode>,
    /// The time zone that cronhpa's process runs in.
    pub clock_zone: String,
    /// Who tells pods that a load balancer has taken them in.
    pub openers: Openers,
    /// Start times, rates, prices and controller flags.
    pub figures: Figures,
    /// Where the figures come from, in words.
    pub profile: String,
}

/// Like ECS nodes, of which there may be more or fewer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// Zones in which its nodes stand in turn; one that nobody named if there is none.
    pub zones: Vec<String>,
    /// The build of Windows, as the label of its nodes says; `None` for Linux.
    pub build: Option<&'static str>,
    /// What the pods of a node may request, in thousandths of a core.
    pub cpu_milli: u64,
    /// The same in bytes.
    pub memory_bytes: u64,
    /// How many nodes it has at the beginning, and at least.
    pub nodes: u32,
    /// How many it may have.
    pub max: u32,
}

/// One ECS node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its pool.
    pub pool: String,
    /// Its zone.
    pub zone: String,
    /// `linux` or `windows`.
    pub os: &'static str,
    /// The build of Windows, as its label says.
    pub build: Option<&'static str>,
    /// What pods may request, in thousandths of a core.
    pub cpu_milli: u64,
    /// What pods may request, in bytes.
    pub memory_bytes: u64,
}

/// The virtual node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualNode {
    /// Its name.
    pub name: String,
    /// How many ECI pods may run at a time.
    pub quota: u32,
}

impl World {
    /// The world that a platform document describes: the figures of the cluster's profile, and what it writes over them.
    pub fn new(cluster: &Cluster) -> Self {
        let Profile { name, written } = &cluster.profile;
        let mut figures = *figures(*name);
        for figure in written {
            figures.write(figure.name, figure.value);
        }
        let pool = |pool: &compiler::app::Pool| Pool {
            name: pool.name.value.clone(),
            zones: pool.zones.iter().map(|zone| zone.value.clone()).collect(),
            build: pool.os.build().map(|build| build.value.number),
            cpu_milli: pool.cpu_milli,
            memory_bytes: pool.memory_bytes,
            nodes: pool.nodes,
            max: pool.max.max(pool.nodes),
        };
        let virtual_node = cluster
            .virtual_node
            .as_ref()
            .map(|node| VirtualNode { name: node.name.value.clone(), quota: node.quota });
        let cronhpa = cluster.installed(Addon::Cronhpa).and_then(|cronhpa| cronhpa.time_zone.as_ref());
        Self {
            pools: cluster.pools.iter().map(pool).collect(),
            virtual_node,
            clock_zone: cronhpa.map_or_else(|| "UTC".to_owned(), |zone| zone.value.clone()),
            openers: Openers::new(cluster),
            figures,
            profile: said(&cluster.profile),
        }
    }

    /// Nothing but like nodes.
    pub(crate) fn of_nodes(nodes: u32, cpu_milli: u64, memory_bytes: u64, figures: &Figures) -> Self {
        let name = "node".to_owned();
        let pool = Pool { name, cpu_milli, memory_bytes, nodes, max: nodes, ..Pool::default() };
        Self {
            pools: vec![pool],
            virtual_node: None,
            clock_zone: "UTC".to_owned(),
            openers: Openers::default(),
            figures: *figures,
            profile: String::new(),
        }
    }

    /// The nodes of the beginning, each with the index of its pool.
    pub fn nodes(&self) -> Vec<(usize, Node)> {
        let mut nodes: Vec<(usize, Node)> = Vec::new();
        for (index, pool) in self.pools.iter().enumerate() {
            // A pool on the way to another build of Windows has nodes of both, under one name.
            let before = nodes.iter().filter(|(_, node)| node.pool == pool.name).count() as u32;
            nodes.extend((0..pool.nodes).map(|number| (index, pool.node(before + number, number))));
        }
        nodes
    }
}

impl Pool {
    /// A node of a number, which is the so-manieth of its kind.
    pub fn node(&self, number: u32, turn: u32) -> Node {
        let zone = self.zones.get(turn as usize % self.zones.len().max(1));
        Node {
            name: format!("{}-{number}", self.name),
            pool: self.name.clone(),
            // Every node of a cloud stands in a zone; without a word of it, all stand in one.
            zone: zone.cloned().unwrap_or_else(|| "undeclared".to_owned()),
            os: if self.build.is_some() { "windows" } else { "linux" },
            build: self.build,
            cpu_milli: self.cpu_milli,
            memory_bytes: self.memory_bytes,
        }
    }
}

/// A profile in words: its name, and what is written beside it.
fn said(profile: &Profile) -> String {
    let written: Vec<String> =
        profile.written.iter().map(|figure| format!("{} {}", figure.name, figure.text)).collect();
    let name = profile.name.word();
    if written.is_empty() { name.to_owned() } else { format!("{name}, but {}", written.join(", ")) }
}

/// Label and taint of ACK's virtual node.
pub mod virtual_node {
    /// The label that tells it from nodes.
    pub const TYPE_LABEL: (&str, &str) = ("type", "virtual-kubelet");
    /// The taint that keeps pods off it, with the effect `NoSchedule`.
    pub const TAINT: (&str, &str) = ("virtual-kubelet.io/provider", "alibabacloud");
    /// The CPU of the largest ECI pod, in thousandths of a core. Alibaba Cloud, ECI limits: 64 vCPU.
    pub const POD_CPU_MILLI_MAX: i64 = 64_000;
    /// The memory of the largest ECI pod, in bytes. Alibaba Cloud, ECI limits: 512 GiB.
    pub const POD_MEMORY_BYTES_MAX: i64 = 512 << 30;
}
