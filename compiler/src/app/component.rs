//! One component of one cell, with every override applied.

use super::{
    Burst, Config, EnvironmentVariable, Expose, Port, Readiness, ReleasePolicy, Resources, Scale, Spread,
};
use crate::source::Spanned;

/// The languages whose defaults specc documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// PHP: no connection pool, no name cache.
    Php,
    /// Java: a name cache of 30 s, pools by habit.
    Java,
    /// .NET: no name cache in the resolver, pooled connections.
    Dotnet,
    /// Node.js: no name cache.
    Node,
    /// Go: no name cache, pooled HTTP connections.
    Go,
    /// Python: no name cache.
    Python,
}

impl Runtime {
    /// The word in the language.
    pub fn name(self) -> &'static str {
        match self {
            Runtime::Php => "php",
            Runtime::Java => "java",
            Runtime::Dotnet => "dotnet",
            Runtime::Node => "node",
            Runtime::Go => "go",
            Runtime::Python => "python",
        }
    }
}

/// One stateless component in one cell.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its name, unique in the application.
    pub name: Spanned<String>,
    /// The language it is written in.
    pub runtime: Option<Runtime>,
    /// The container image.
    pub image: Spanned<String>,
    /// Named ports of the container.
    pub ports: Vec<Port>,
    /// What one pod requests.
    pub resources: Resources,
    /// Environment variables, in the order written.
    pub env: Vec<EnvironmentVariable>,
    /// Files mounted from content-named ConfigMaps.
    pub configs: Vec<Config>,
    /// When a pod may take traffic.
    pub readiness: Option<Readiness>,
    /// Components that must be ready before this one starts.
    pub depends_on: Vec<Spanned<String>>,
    /// How many pods.
    pub scale: Scale,
    /// Whether pods may run on ECI when the node pools are full.
    pub burst: Spanned<Burst>,
    /// How a new revision replaces the old one.
    pub release: ReleasePolicy,
    /// Who may reach it.
    pub expose: Option<Expose>,
    /// How its pods are spread.
    pub spreads: Vec<Spread>,
}
