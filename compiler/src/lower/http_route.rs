//! HTTPRoute: lets a gateway take requests for a component.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

use super::{Kind, labels};
use crate::app::{Cell, Cluster, Component, Via};
use crate::object::Object;

/// `HTTPRoute`
pub static KIND: Kind = Kind {
    name: "HTTPRoute",
    docs: "Lets a gateway of the platform take requests for a component's hosts and path, with the Gateway API of any \
           cluster. The gateway itself, with its certificates, is the operators'.",
    ready: "it exists",
};

/// The component's route, if it is exposed through a gateway.
pub fn lower(cluster: &Cluster, cell: &Cell, component: &Component) -> Option<Object> {
    let expose = component.expose.as_ref().filter(|expose| expose.via.value == Via::Gateway)?;
    let entry = expose.entry(cluster)?;
    let name = &component.name.value;
    let path = PathMatch { type_: "PathPrefix".to_owned(), value: expose.prefix().to_owned() };
    let rule = RouteRule {
        matches: vec![RouteMatch { path }],
        backend_refs: vec![BackendRef { name: name.clone(), port: i32::from(expose.port.value) }],
    };
    let parent = ParentRef {
        name: entry.name.value.clone(),
        namespace: entry.namespace.as_ref().map(|namespace| namespace.value.clone()),
    };
    let route = HTTPRoute {
        api_version: "gateway.networking.k8s.io/v1".to_owned(),
        kind: KIND.name.to_owned(),
        metadata: labels::metadata(cell, component, name.clone()),
        spec: HTTPRouteSpec {
            parent_refs: vec![parent],
            hostnames: expose.hosts.iter().map(|host| host.value.clone()).collect(),
            rules: vec![rule],
        },
    };
    Some(Object::of_component(route, name, name))
}

/// `gateway.networking.k8s.io/v1`, as far as specc uses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HTTPRoute {
    /// Always `gateway.networking.k8s.io/v1`.
    pub api_version: String,
    /// Always `HTTPRoute`.
    pub kind: String,
    /// Name and namespace.
    pub metadata: ObjectMeta,
    /// What the gateway is told.
    pub spec: HTTPRouteSpec,
}

/// Which gateway, which hosts, and where requests go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HTTPRouteSpec {
    /// The gateway.
    pub parent_refs: Vec<ParentRef>,
    /// The hosts; every one of the gateway's if there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hostnames: Vec<String>,
    /// What happens to requests.
    pub rules: Vec<RouteRule>,
}

/// A gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentRef {
    /// Its name.
    pub name: String,
    /// Its namespace, if it is not the route's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

/// Which requests go where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteRule {
    /// Which requests.
    pub matches: Vec<RouteMatch>,
    /// Which Services.
    pub backend_refs: Vec<BackendRef>,
}

/// What a request must look like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteMatch {
    /// Its path.
    pub path: PathMatch,
}

/// What a path must look like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathMatch {
    /// Always `PathPrefix`.
    #[serde(rename = "type")]
    pub type_: String,
    /// The prefix.
    pub value: String,
}

/// A Service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendRef {
    /// Its name.
    pub name: String,
    /// Its port.
    pub port: i32,
}
