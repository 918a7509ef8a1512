//! What was meant: the application with every cell worked out, and the platform it runs on.

mod component;
mod container;
pub mod cron;
mod demand;
mod disruption;
pub mod dns;
pub mod eci;
mod expose;
mod freeze;
mod image;
mod isolation;
mod platform;
mod probe;
mod profile;
mod release;
mod runtime;
mod scale;
mod spread;
mod verification;
mod volume;
mod workload;
pub use component::Component;
pub use container::{
    Config, Container, EnvironmentValue, EnvironmentVariable, Limit, Port, Protocol, Resources,
};
pub use cron::{Cron, Field, Schedule, Window, overlap};
pub use disruption::Disruption;
pub use expose::{Balancer, Expose, Scope, Via};
pub use freeze::{Freeze, FreezeMode};
pub use image::Image;
pub use isolation::{Demand, Isolation, PodSecurity, Quota, QuotaShare};
pub use platform::{
    Addon, Cluster, Entry, Installed, Platform, PlatformEnvironment, Pool, Provider, VirtualNode,
};
pub use probe::{Probe, ProbeAction};
pub use profile::{Figure, Profile, ProfileName};
pub use release::{Batch, BatchSize, ReleasePolicy};
pub use runtime::{RUNTIMES, Runtime, RuntimeDefaults, UNKNOWN as UNKNOWN_RUNTIME};
pub use scale::{
    Amount, Autoscale, Burst, Change, Described, Metric, MetricName, Resource, ResourceTarget, Restraint,
    Scale, ScalingPolicy, Select,
};
pub use spread::{Spread, SpreadOver};
pub use verification::{AnswerLimit, Query, Verification, VerifyBy};
pub use volume::{Claim, Mount, Share, Volume, VolumeKind};
pub use workload::{BUILD_NAMES, BUILDS, ComponentKind, Os, Setting, StartOrder, WindowsBuild};
mod watch;
pub use dns::{ClusterDns, CoreDns, DnsMode, KubeProxy};
pub use watch::{
    Alert, AlertSeverity, LogSource, LogStore, Logs, Receiver, ReceiverKind, Signal, Threshold, WatchedEvent,
};

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

impl App {
    /// The cluster that a cell runs on.
    pub fn cluster(&self, cell: &Cell) -> Option<&Cluster> {
        self.platform.as_ref()?.clusters.get(cell.cluster)
    }

    /// Every cell with its cluster; none without a platform.
    pub fn placed(&self) -> impl Iterator<Item = (&Cell, &Cluster)> {
        self.cells.iter().filter_map(|cell| Some((cell, self.cluster(cell)?)))
    }

    /// Every component with an autoscaler, in its cell.
    pub fn autoscaled(&self) -> impl Iterator<Item = (&Cell, &Component, &Autoscale)> {
        let of_cell = |cell| move |component| (cell, component);
        let components = self.cells.iter().flat_map(move |cell| cell.components.iter().map(of_cell(cell)));
        components.filter_map(|(cell, component): (&Cell, &Component)| match &component.scale {
            Scale::Fixed(_) => None,
            Scale::Auto(auto) => Some((cell, component, &**auto)),
        })
    }
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
    /// How the platform keeps this environment's cells apart.
    pub isolation: Spanned<Isolation>,
    /// What the namespace enforces.
    pub pod_security: Spanned<PodSecurity>,
    /// The namespace's part of the environment's quota.
    pub quota: Option<QuotaShare>,
    /// The components with the environment's and tenant's overrides applied.
    pub components: Vec<Component>,
}

impl Cell {
    /// `<environment>[/<tenant>]@<cluster>`, unique in the application.
    pub fn title(&self, platform: Option<&Platform>) -> String {
        let cluster = platform.and_then(|platform| platform.clusters.get(self.cluster));
        let tenant = self.tenant.as_ref().map(|tenant| format!("/{tenant}")).unwrap_or_default();
        let cluster = cluster.map(|cluster| format!("@{}", cluster.name.value)).unwrap_or_default();
        format!("{}{tenant}{cluster}", self.environment)
    }
}
