//! What pods keep their files on.

use crate::source::Spanned;

/// One volume of a component.
#[derive(Clone, Debug)]
pub struct Volume {
    /// Its name, unique in the component.
    pub name: Spanned<String>,
    /// What is behind it, with the place that says so.
    pub kind: Spanned<VolumeKind>,
}

/// What is behind a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeKind {
    /// A disk of each member's own, which outlives its pod.
    Disk(Claim),
    /// One network share for all pods of the component, which the cluster makes.
    Nas(Claim),
    /// A folder of a network share that is there already.
    Share(Share),
    /// Empty at a pod's start and gone with it.
    Scratch {
        /// The most it may hold, as written.
        size: Option<String>,
        /// Kept in memory, which counts against the container's limit.
        in_memory: bool,
    },
    /// A folder of the node.
    Host {
        /// The folder on the node.
        path: String,
    },
    /// The keys of a Secret as files.
    Secret {
        /// The Secret's name.
        name: String,
    },
}

/// What a claim asks the cluster for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// How much, as written.
    pub size: String,
    /// The storage class; the cluster's own default without one.
    pub class: Option<String>,
}

/// A folder of a network share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The server, such as the mount target of a file system.
    pub server: String,
    /// The folder there.
    pub path: Spanned<String>,
    /// Whether other cells may have it too.
    pub shared: bool,
}

/// Where a container finds a volume.
#[derive(Clone, Debug)]
pub struct Mount {
    /// The volume's name.
    pub volume: Spanned<String>,
    /// The folder in the container.
    pub path: Spanned<String>,
    /// Whether the container may only read it.
    pub read_only: bool,
}
