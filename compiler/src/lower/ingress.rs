//! Ingress: lets ALB take requests for a component.

use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule, IngressServiceBackend,
    IngressSpec, IngressTLS, ServiceBackendPort,
};

use super::{Kind, labels};
use crate::app::{Cell, Cluster, Component, Via};
use crate::object::Object;

/// `Ingress`
pub static KIND: Kind = Kind {
    name: "Ingress",
    docs: "Lets an ALB of ACK take requests for a component's hosts and path. A canary takes its share of the traffic \
           through the one Service, so that no canary Ingress is needed, of which ALB would honour only the first. \
           There is none for ingress-nginx, whose project is archived.",
    ready: "it exists",
};

/// The component's Ingress, if it is exposed through ALB.
pub fn lower(cluster: &Cluster, cell: &Cell, component: &Component) -> Option<Object> {
    let expose = component.expose.as_ref().filter(|expose| expose.via.value == Via::Alb)?;
    let name = &component.name.value;
    let port = ServiceBackendPort { number: Some(i32::from(expose.port.value)), name: None };
    let path = HTTPIngressPath {
        path: Some(expose.prefix().to_owned()),
        path_type: "Prefix".to_owned(),
        backend: IngressBackend {
            service: Some(IngressServiceBackend { name: name.clone(), port: Some(port) }),
            resource: None,
        },
    };
    let rule = |host: Option<String>| IngressRule {
        host,
        http: Some(HTTPIngressRuleValue { paths: vec![path.clone()] }),
    };
    let hosts: Vec<String> = expose.hosts.iter().map(|host| host.value.clone()).collect();
    let rules =
        if hosts.is_empty() { vec![rule(None)] } else { hosts.iter().cloned().map(Some).map(rule).collect() };
    let tls = expose.tls.as_ref().map(|secret| {
        vec![IngressTLS { hosts: Some(hosts.clone()), secret_name: Some(secret.value.clone()) }]
    });
    let class = expose.entry(cluster).map(|entry| entry.name.value.clone());
    let spec = IngressSpec { ingress_class_name: class, rules: Some(rules), tls, ..IngressSpec::default() };
    let metadata = labels::metadata(cell, component, name.clone());
    let ingress = Ingress { metadata, spec: Some(spec), ..Ingress::default() };
    Some(Object::of_component(ingress, name, name))
}
