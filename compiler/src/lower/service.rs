//! Service: the stable address of a component, whatever its revision.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Kind, labels};
use crate::app::{Cell, Cluster, Component, Expose, Provider, Scope};
use crate::object::Object;

/// `Service`
pub static KIND: Kind = Kind {
    name: "Service",
    docs: "The stable address of a component; selects its pods of every revision, so that a canary takes its share \
           of the traffic.",
    ready: "its load balancer has an address, if it asks for one",
};

/// The component's Service, if anybody may reach it.
pub fn lower(cluster: &Cluster, cell: &Cell, component: &Component) -> Option<Object> {
    let expose = component.expose.as_ref()?;
    let mut metadata = labels::metadata(cell, component, component.name.value.clone());
    let balanced = expose.is_balanced();
    let on_ack = balanced && cluster.provider == Provider::Ack;
    metadata.annotations = on_ack.then(|| annotations(expose));
    let port = ServicePort {
        name: Some(expose.target.value.clone()),
        port: i32::from(expose.port.value),
        target_port: Some(IntOrString::String(expose.target.value.clone())),
        protocol: Some("TCP".to_owned()),
        ..ServicePort::default()
    };
    let spec = ServiceSpec {
        selector: Some(labels::selector(component)),
        ports: Some(vec![port]),
        type_: Some(if balanced { "LoadBalancer" } else { "ClusterIP" }.to_owned()),
        // With `Cluster` one node full of pods would weigh as much as a single ECI pod.
        external_traffic_policy: on_ack.then(|| "Local".to_owned()),
        ..ServiceSpec::default()
    };
    let service = Service { metadata, spec: Some(spec), ..Service::default() };
    Some(Object::of_component(service, &component.name.value, &component.name.value))
}

/// What ACK's controller is told; without an address type a balancer is public.
fn annotations(expose: &Expose) -> BTreeMap<String, String> {
    let address = if expose.scope.value == Scope::Internet { "internet" } else { "intranet" };
    let drain = expose.drain_ns.div_ceil(1_000_000_000).to_string();
    let mut all = vec![
        ("address-type", address),
        // Weights per pod are honoured by this scheduler alone.
        ("scheduler", "wrr"),
        ("connection-drain", "on"),
        ("connection-drain-timeout", &drain),
    ];
    if let Some(balancer) = &expose.balancer {
        // Without the second the listeners of an existing balancer stay as they are.
        all.extend([("id", balancer.id.value.as_str()), ("force-override-listeners", "true")]);
    }
    let prefixed = all.into_iter().map(|(key, value)| {
        (format!("service.beta.kubernetes.io/alibaba-cloud-loadbalancer-{key}"), value.to_owned())
    });
    prefixed.collect()
}
