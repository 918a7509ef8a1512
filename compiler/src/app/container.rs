//! What runs in a pod: images, ports, resources, variables, files, probes.

use super::{Image, Mount, Probe, WindowsBuild};
use crate::source::Spanned;

/// One container of a component's pods.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its name: the component's for the main one.
    pub name: Spanned<String>,
    /// Every image that was written: on Windows one for each build of the nodes.
    pub images: Vec<Image>,
    /// The image that runs.
    pub image: Spanned<String>,
    /// The Windows build that this image is made for.
    pub base: Option<Spanned<WindowsBuild>>,
    /// What runs instead of the image's entry point.
    pub command: Vec<String>,
    /// What it is given instead of the image's arguments.
    pub args: Vec<String>,
    /// Its named ports.
    pub ports: Vec<Port>,
    /// What it requests.
    pub resources: Resources,
    /// Environment variables, in the order written.
    pub env: Vec<EnvironmentVariable>,
    /// Files mounted from content-named ConfigMaps.
    pub configs: Vec<Config>,
    /// Where it finds the component's volumes.
    pub mounts: Vec<Mount>,
    /// When it may take traffic.
    pub readiness: Option<Probe>,
    /// When it must be started again.
    pub liveness: Option<Probe>,
    /// When it has started, and the other probes begin.
    pub startup: Option<Probe>,
}

/// A named container port.
#[derive(Clone, Debug)]
pub struct Port {
    /// Its name.
    pub name: Spanned<String>,
    /// Its number, 1 to 65535.
    pub number: Spanned<u16>,
    /// What it speaks.
    pub protocol: Protocol,
    /// The port of the node that leads to it.
    pub host: Option<Spanned<u16>>,
}

/// What a port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Protocol {
    /// As Kubernetes calls it.
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
        }
    }
}

/// What a container requests, and where it ends.
#[derive(Clone, Debug)]
pub struct Resources {
    /// CPU in thousandths of a core.
    pub cpu_milli: Spanned<u64>,
    /// Memory in bytes.
    pub memory_bytes: Spanned<u64>,
    /// The quantities as written, which go into the objects.
    pub cpu_text: String,
    /// The memory quantity as written.
    pub memory_text: String,
    /// The most CPU it may use; without one, whatever its node has to spare.
    pub cpu_limit: Option<Limit>,
    /// The most memory it may use; without one, what it requests.
    pub memory_limit: Option<Limit>,
}

/// The most of one resource.
#[derive(Clone, Debug)]
pub struct Limit {
    /// In thousandths of a core, or in bytes.
    pub amount: Spanned<u64>,
    /// As written.
    pub text: String,
}

impl Resources {
    /// What ECI counts: limits where there are any, else requests; thousandths of a core, and bytes.
    pub fn counted(&self) -> (u64, u64) {
        let amount = |limit: &Option<Limit>| limit.as_ref().map(|limit| limit.amount.value);
        let cpu = amount(&self.cpu_limit).unwrap_or(self.cpu_milli.value);
        (cpu, amount(&self.memory_limit).unwrap_or(self.memory_bytes.value))
    }
}

/// One environment variable.
#[derive(Clone, Debug)]
pub struct EnvironmentVariable {
    /// Its name.
    pub name: Spanned<String>,
    /// Its value, or where the value is kept.
    pub value: EnvironmentValue,
}

/// A value in the open, or a reference to a Secret's key; a secret's value is never in a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvironmentValue {
    /// A plain value.
    Text(String),
    /// The name of a Secret and one of its keys.
    Secret {
        /// The Secret's name.
        name: String,
        /// The key in it.
        key: String,
    },
}

/// One configuration file.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file's name in the mounted folder.
    pub name: Spanned<String>,
    /// The folder in the container.
    pub mount: Spanned<String>,
    /// Where the content came from, relative to the spec's folder.
    pub from: Spanned<String>,
    /// The content, handed in by the caller.
    pub content: String,
}
