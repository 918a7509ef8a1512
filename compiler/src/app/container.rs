//! What runs in a pod: ports, resources, variables, files, probes.

use crate::source::Spanned;

/// A named container port.
#[derive(Clone, Debug)]
pub struct Port {
    /// Its name.
    pub name: Spanned<String>,
    /// Its number, 1 to 65535.
    pub number: Spanned<u16>,
}

/// What one pod requests; limits equal requests for memory.
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

/// A readiness probe.
#[derive(Clone, Debug)]
pub struct Readiness {
    /// The path to get; without one, a TCP connection is enough.
    pub http_path: Option<Spanned<String>>,
    /// The name of the port to ask.
    pub port: Spanned<String>,
}
