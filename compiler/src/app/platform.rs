//! What operators declare: clusters, and what each environment may do on them.

use super::{
    ClusterDns, Freeze, Isolation, LogStore, Os, PodSecurity, Profile, Query, Quota, Receiver, Scope,
    WindowsBuild,
};
use crate::source::{Span, Spanned};

/// What operators declare.
#[derive(Clone, Debug)]
pub struct Platform {
    /// The platform's name.
    pub name: Spanned<String>,
    /// The clusters in the order written.
    pub clusters: Vec<Cluster>,
    /// What each environment may do.
    pub environments: Vec<PlatformEnvironment>,
    /// The image that has kubectl, for jobs that change objects.
    pub kubectl: Option<Spanned<String>>,
    /// Who is told of alerts, in the order written.
    pub receivers: Vec<Receiver>,
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
    /// How its cells are kept apart, with the place that says so, or the environment's own.
    pub isolation: Spanned<Isolation>,
    /// What its namespaces enforce, with the place that says so, or the one of the isolation.
    pub pod_security: Spanned<PodSecurity>,
    /// What the cells of one application may request together.
    pub quota: Option<Quota>,
    /// When nothing is released.
    pub freezes: Vec<Freeze>,
}

impl Platform {
    /// The environment of a name.
    pub fn environment(&self, name: &str) -> Option<&PlatformEnvironment> {
        self.environments.iter().find(|known| known.name.value == name)
    }
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
    /// Its node pools. One whose nodes are on the way to another build of Windows stands here twice: as the nodes of
    /// the build that it leaves, and as those that have the new one already.
    pub pools: Vec<Pool>,
    /// Its virtual node, behind which ECI pods run.
    pub virtual_node: Option<VirtualNode>,
    /// What operators have installed in it.
    pub installed: Vec<Installed>,
    /// The addresses of its pods, as a network.
    pub pod_network: Option<Spanned<String>>,
    /// How names are resolved in it.
    pub dns: ClusterDns,
    /// Where its logs are kept.
    pub logs: Option<LogStore>,
    /// Labels that rules and receivers must carry for its Prometheus operator.
    pub rule_labels: Vec<(String, String)>,
    /// The address of its Prometheus, for who verifies a release.
    pub prometheus: Option<Spanned<String>>,
    /// What releases may be verified by, in the order written.
    pub queries: Vec<Query>,
    /// The image of its node-problem-detector, if it has one.
    pub node_problem_detector: Option<Spanned<String>>,
    /// Start times, rates and prices for the simulation.
    pub profile: Profile,
}

impl Cluster {
    /// The minor version of Kubernetes 1, which its form has checked.
    pub fn minor(&self) -> u32 {
        let minor = self.kubernetes.value.split('.').nth(1);
        minor.and_then(|minor| minor.parse().ok()).unwrap_or_default()
    }

    /// The declaration of something installed, if it is.
    pub fn installed(&self, addon: Addon) -> Option<&Installed> {
        self.installed.iter().find(|installed| installed.addon.value == addon)
    }
}

/// Something that operators have installed in a cluster.
#[derive(Clone, Debug)]
pub struct Installed {
    /// What it is, with the place of its declaration.
    pub addon: Spanned<Addon>,
    /// The time zone its process runs in, where that was declared.
    pub time_zone: Option<Spanned<String>>,
    /// Where HTTP traffic enters, if it is something that lets it in.
    pub entries: Vec<Entry>,
}

/// Where HTTP traffic enters a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name of the IngressClass or the Gateway.
    pub name: Spanned<String>,
    /// Who can reach it.
    pub scope: Scope,
    /// The namespace of the Gateway.
    pub namespace: Option<Spanned<String>>,
}

/// What may be installed in a cluster and changes what specc makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addon {
    /// kubernetes-cronhpa-controller, for CronHorizontalPodAutoscaler.
    Cronhpa,
    /// The Prometheus operator, for PrometheusRule.
    PrometheusOperator,
    /// The Gateway API and an implementation of it, for HTTPRoute.
    GatewayApi,
    /// ACK's controller for Ingress on application load balancers.
    AlbIngress,
    /// ACK's network plugin that gives pods addresses of the VPC.
    Terway,
    /// ACK's log collection, for ClusterAliyunPipelineConfig.
    AckLog,
    /// ACK's cloud controller 2.10 or newer, which tells pods when their load balancer has taken them in.
    ReadinessGates,
}

impl Addon {
    /// The words of the language, in the order of [`Addon::ALL`].
    pub const WORDS: &'static [&'static str] = &[
        "cronhpa",
        "prometheus-operator",
        "gateway-api",
        "alb-ingress",
        "terway",
        "ack-log",
        "readiness-gates",
    ];

    /// Every one, in the order of [`Addon::WORDS`].
    pub const ALL: &'static [Addon] = &[
        Addon::Cronhpa,
        Addon::PrometheusOperator,
        Addon::GatewayApi,
        Addon::AlbIngress,
        Addon::Terway,
        Addon::AckLog,
        Addon::ReadinessGates,
    ];
    /// Its word in the language.
    pub fn word(self) -> &'static str {
        let index = Self::ALL.iter().position(|known| *known == self);
        index.and_then(|index| Self::WORDS.get(index)).copied().unwrap_or_default()
    }
    /// The one of a word.
    pub fn from_word(word: &str) -> Option<Addon> {
        let index = Self::WORDS.iter().position(|known| *known == word)?;
        Self::ALL.get(index).copied()
    }
}

/// One pool of like nodes.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Its name.
    pub name: Spanned<String>,
    /// What its nodes run.
    pub os: Os,
    /// The build of Windows that other nodes of the pool have already, and that these are on the way to.
    pub upgrade: Option<Spanned<WindowsBuild>>,
    /// Cores of a node, in thousandths.
    pub cpu_milli: u64,
    /// Memory of a node, in bytes.
    pub memory_bytes: u64,
    /// How many nodes it has.
    pub nodes: u32,
    /// How many it may grow to.
    pub max: u32,
    /// The zones that they stand in, as far as declared.
    pub zones: Vec<Spanned<String>>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_addon_has_a_word() {
        assert_eq!(Addon::WORDS.len(), Addon::ALL.len());
        assert_eq!(Addon::from_word("cronhpa"), Some(Addon::Cronhpa));
        assert_eq!(Addon::from_word("ack-log"), Some(Addon::AckLog));
        assert_eq!(Addon::from_word("cron"), None);
    }
}
