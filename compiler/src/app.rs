//! What was meant: the application with every cell worked out, and the platform it runs on.

use crate::source::{Span, Spanned};

/// An application on a platform, with one [`Cell`] for each environment, tenant and cluster.
#[derive(Clone, Debug, Default)]
pub struct App {
    /// The application's name; empty when no `app` document was read.
    pub name: String,
    /// The operators' side; `None` when no `platform` document was read.
    pub platform: Option<Platform>,
    /// Every cell, in the order environments and clusters were declared.
    pub cells: Vec<Cell>,
}

/// One application × environment × tenant × cluster: what is built, planned, applied and simulated.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The application's name.
    pub app: String,
    /// The environment's name.
    pub environment: String,
    /// The tenant's name, where the environment has tenants.
    pub tenant: Option<String>,
    /// The index of the cluster in [`Platform::clusters`].
    pub cluster: usize,
    /// `<app>-<environment>[-<tenant>]`.
    pub namespace: String,
    /// Where the environment (or the tenant) is declared; the application's name if it declares none.
    pub span: Span,
    /// Whether the platform lets this environment use ECI, and where it says so or should.
    pub eci: Spanned<bool>,
    /// The components with the environment's and tenant's overrides applied.
    pub components: Vec<Component>,
}

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
}

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

/// How many pods a component has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Always the same number.
    Fixed(Spanned<u32>),
    /// Between two bounds, by CPU utilisation.
    Auto(Autoscale),
}

/// The bounds and target of a HorizontalPodAutoscaler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autoscale {
    /// The least number of replicas, at least 1.
    pub min: Spanned<u32>,
    /// The greatest.
    pub max: Spanned<u32>,
    /// Mean CPU use over the pods, in per cent of the request.
    pub cpu_percent: Spanned<u32>,
}

/// Whether pods may run on ECI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Burst {
    /// Only on nodes.
    Never,
    /// On nodes first, on ECI when they are full.
    WhenShort,
    /// Only on ECI.
    Only,
}

/// How a new revision replaces the old one.
#[derive(Clone, Debug)]
pub struct ReleasePolicy {
    /// The batches in order; the last one reaches 100 %.
    pub batches: Vec<Batch>,
    /// Pods above the count while the two revisions swap, in per cent, rounded up.
    pub surge_percent: u32,
    /// Pods below the count, in per cent, rounded down.
    pub unavailable_percent: u32,
    /// How long one batch may take before the rollout fails, in nanoseconds.
    pub deadline_ns: u64,
}

/// One batch of a release.
#[derive(Clone, Debug)]
pub struct Batch {
    /// How far the new revision goes.
    pub size: Spanned<BatchSize>,
    /// Stop here until somebody resumes.
    pub pause: bool,
    /// How long to look at the batch before the next, in nanoseconds.
    pub wait_ns: u64,
}

/// How many pods of the new revision a batch ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BatchSize {
    /// That many pods.
    Count(u32),
    /// That share of all pods, in per cent, rounded up.
    Percent(u32),
}

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

/// One cell's key as users write it: `prod`, `prod/merchant-a`.
impl Cell {
    /// `<environment>[/<tenant>]@<cluster>`, unique in the application.
    pub fn title(&self, platform: Option<&Platform>) -> String {
        let cluster = platform.and_then(|platform| platform.clusters.get(self.cluster));
        let tenant = self.tenant.as_ref().map(|tenant| format!("/{tenant}")).unwrap_or_default();
        let cluster = cluster.map(|cluster| format!("@{}", cluster.name.value)).unwrap_or_default();
        format!("{}{tenant}{cluster}", self.environment)
    }
}
