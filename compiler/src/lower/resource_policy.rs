//! ResourcePolicy: on ACK, nodes are filled before ECI is used.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

use super::{Kind, labels};
use crate::app::{Burst, Cell, Cluster, Component, Provider};
use crate::object::Object;

/// `ResourcePolicy`
pub static KIND: Kind = Kind {
    name: "ResourcePolicy",
    docs: "On ACK, a strict order: the component's pods go to nodes, and to ECI when no node has room. A preference \
           would not be a promise.",
    ready: "it exists",
};

/// The component's policy, where it may burst on an ACK cluster.
pub fn lower(cluster: &Cluster, cell: &Cell, component: &Component) -> Option<Object> {
    if cluster.provider != Provider::Ack || component.burst.value != Burst::WhenShort {
        return None;
    }
    let unit = |resource: &str| ResourceUnit { resource: resource.to_owned() };
    let policy = ResourcePolicy {
        api_version: "scheduling.alibabacloud.com/v1alpha1".to_owned(),
        kind: KIND.name.to_owned(),
        metadata: labels::metadata(cell, component, component.name.value.clone()),
        spec: ResourcePolicySpec {
            selector: labels::selector(component),
            strategy: "prefer".to_owned(),
            units: vec![unit("ecs"), unit("eci")],
        },
    };
    Some(Object::of_component(policy, &component.name.value, &component.name.value))
}

/// `scheduling.alibabacloud.com/v1alpha1`, as far as specc uses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourcePolicy {
    /// Always `scheduling.alibabacloud.com/v1alpha1`.
    pub api_version: String,
    /// Always `ResourcePolicy`.
    pub kind: String,
    /// Name and namespace.
    pub metadata: ObjectMeta,
    /// What the scheduler is told.
    pub spec: ResourcePolicySpec,
}

/// Which pods, and which kinds of node in which order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourcePolicySpec {
    /// Labels of the pods; an empty map would mean every pod of the namespace.
    pub selector: BTreeMap<String, String>,
    /// Always `prefer`, the only strategy there is.
    pub strategy: String,
    /// The kinds of node, first choice first.
    pub units: Vec<ResourceUnit>,
}

/// One kind of node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceUnit {
    /// `ecs` or `eci`.
    pub resource: String,
}
