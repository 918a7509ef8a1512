//! A cluster's own objects, which belong to no application: what `specc build --platform` prints.

mod ack_alert_rule;
pub(super) mod alerts;
pub mod node_local_dns;
mod node_problem_detector;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, ServiceAccount,
    Toleration,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{VIRTUAL_NODE_LABEL, labels};
use crate::app::{Cluster, Platform, Provider};
use crate::object::{Bundle, Object};

/// The namespace of everything that belongs to a cluster.
const NAMESPACE: &str = "kube-system";

/// What one cluster is told.
#[derive(Clone, Debug, PartialEq)]
pub struct PlatformBundle {
    /// The cluster's own objects.
    pub bundle: Bundle,
    /// Parts of objects that others share: to be merged by hand, and never applied, since that would overwrite
    /// what is theirs.
    pub fragments: Vec<Fragment>,
}

impl PlatformBundle {
    /// Whether there is nothing that the cluster is told.
    pub fn is_empty(&self) -> bool {
        self.bundle.objects.is_empty() && self.fragments.is_empty()
    }

    /// Every file with its name: one an object and a fragment.
    pub fn files(&self) -> impl Iterator<Item = (String, String)> {
        let objects = self.bundle.objects.iter().map(|object| (object.file_name(), object.yaml()));
        objects.chain(self.fragments.iter().map(|part| (part.file_name.clone(), part.yaml.clone())))
    }
}

/// How a fragment begins.
pub const FRAGMENT: &str = "# A fragment: ";

/// A part of an object that others share.
#[derive(Clone, Debug, PartialEq)]
pub struct Fragment {
    /// The file that holds it: `fragment.AckAlertRule.default.yaml`.
    pub file_name: String,
    /// The part, as YAML with a word about it.
    pub yaml: String,
}

/// The objects of one cluster; none if the platform asks for nothing that specc makes.
pub fn lower(platform: &Platform, cluster: &Cluster) -> PlatformBundle {
    let mut objects = Vec::new();
    // On ACK the caches are an add-on, which ACK installs and upgrades.
    if cluster.dns.node_local.value && cluster.provider == Provider::Kubernetes {
        objects.extend(node_local_dns::lower(cluster));
    }
    if let Some(image) = &cluster.node_problem_detector {
        objects.extend(node_problem_detector::lower(&image.value));
    }
    objects.extend(alerts::lower(platform, cluster));
    let bundle = Bundle { namespace: NAMESPACE.to_owned(), objects };
    PlatformBundle { bundle, fragments: ack_alert_rule::lower(platform, cluster).into_iter().collect() }
}

/// Name, namespace and labels of an object of the cluster.
fn metadata(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(NAMESPACE.to_owned()),
        labels: Some(BTreeMap::from([
            (labels::MANAGED_BY.to_owned(), labels::MANAGER.to_owned()),
            (APP.to_owned(), name.to_owned()),
        ])),
        ..ObjectMeta::default()
    }
}

/// The label that the pods of the cluster's own workloads carry.
const APP: &str = "k8s-app";

fn service_account(name: &str) -> Object {
    Object::of_cell(ServiceAccount { metadata: metadata(name), ..ServiceAccount::default() }, name)
}

/// Every Linux node, and no virtual one: behind it there is neither a host's network nor a host's file.
fn on_nodes() -> Affinity {
    let requirement = |key: &str, operator: &str, value: &str| NodeSelectorRequirement {
        key: key.to_owned(),
        operator: operator.to_owned(),
        values: Some(vec![value.to_owned()]),
    };
    let (key, value) = VIRTUAL_NODE_LABEL;
    let expressions = vec![requirement("kubernetes.io/os", "In", "linux"), requirement(key, "NotIn", value)];
    let term = NodeSelectorTerm { match_expressions: Some(expressions), ..NodeSelectorTerm::default() };
    let required = NodeSelector { node_selector_terms: vec![term] };
    let affinity = NodeAffinity {
        required_during_scheduling_ignored_during_execution: Some(required),
        ..NodeAffinity::default()
    };
    Affinity { node_affinity: Some(affinity), ..Affinity::default() }
}

/// Whatever a node is tainted with; [`on_nodes`] keeps them off virtual ones.
fn everywhere() -> Vec<Toleration> {
    let any = |effect: &str| Toleration {
        operator: Some("Exists".to_owned()),
        effect: Some(effect.to_owned()),
        ..Toleration::default()
    };
    vec![any("NoSchedule"), any("NoExecute")]
}
