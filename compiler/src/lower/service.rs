//! Service: the stable address of a component, whatever its revision.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Kind, container, labels};
use crate::app::{Cell, Cluster, Component, ComponentKind, Expose, Port, Protocol, Provider, Scope};
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
    let mut ports = component.running().flat_map(|container| &container.ports);
    let behind = ports.find(|port| port.name.value == expose.target.value);
    let port = ServicePort {
        name: Some(expose.target.value.clone()),
        port: i32::from(expose.port.value),
        target_port: Some(IntOrString::String(expose.target.value.clone())),
        protocol: Some(behind.map_or(Protocol::Tcp, |port| port.protocol).name().to_owned()),
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

/// What the Service that names the members of a stateful component is called: always its own, whether the component
/// is exposed or not, since a StatefulSet's cannot change.
pub fn headless_name(component: &Component) -> String {
    format!("{}-headless", component.name.value)
}

/// The Service that gives each member of a stateful component a name. Members find each other before they are ready,
/// or none would ever be.
pub fn headless(cell: &Cell, component: &Component) -> Option<Object> {
    if component.kind.value != ComponentKind::Stateful {
        return None;
    }
    let name = headless_name(component);
    let port = |port: &Port| ServicePort {
        name: Some(port.name.value.clone()),
        port: i32::from(port.number.value),
        target_port: Some(IntOrString::String(port.name.value.clone())),
        protocol: Some(port.protocol.name().to_owned()),
        ..ServicePort::default()
    };
    let ports: Vec<ServicePort> =
        component.running().flat_map(|container| &container.ports).map(port).collect();
    let spec = ServiceSpec {
        cluster_ip: Some("None".to_owned()),
        publish_not_ready_addresses: Some(true),
        selector: Some(labels::selector(component)),
        ports: container::some(ports),
        ..ServiceSpec::default()
    };
    let metadata = labels::metadata(cell, component, name.clone());
    let service = Service { metadata, spec: Some(spec), ..Service::default() };
    Some(Object::of_component(service, &name, &component.name.value))
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
