//! NetworkPolicy: under strict isolation, who may talk to a cell's pods.

use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer,
    NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Kind, labels};
use crate::app::{Cell, Cluster, Component, Isolation, Scope};
use crate::object::Object;

/// `NetworkPolicy`
pub static KIND: Kind = Kind {
    name: "NetworkPolicy",
    docs: "Under strict isolation, one for the cell: its pods take traffic from each other and from nobody else; where \
           the cluster's pod network is known they also call nobody else in it but the DNS. And one for each component \
           that is exposed to the intranet or the internet: its port takes traffic from everywhere, since a load \
           balancer either keeps the client's address or comes with one of its own, and neither is known beforehand. \
           Probes always pass: they come from the pod's own node.",
    ready: "it exists",
};

/// The policy of the whole cell.
pub fn of_cell(cluster: &Cluster, cell: &Cell) -> Option<Object> {
    if cell.isolation.value != Isolation::Strict {
        return None;
    }
    let network = cluster.pod_network.as_ref();
    let types = if network.is_some() { &["Ingress", "Egress"][..] } else { &["Ingress"][..] };
    let spec = NetworkPolicySpec {
        pod_selector: Some(LabelSelector::default()),
        policy_types: Some(types.iter().map(|one| (*one).to_owned()).collect()),
        ingress: Some(vec![NetworkPolicyIngressRule { from: Some(vec![same_namespace()]), ports: None }]),
        egress: network.map(|network| egress(&network.value)),
    };
    let metadata = labels::cell_metadata(cell, "isolation");
    Some(Object::of_cell(NetworkPolicy { metadata, spec: Some(spec) }, "isolation"))
}

/// The policy of a component that takes traffic from outside.
pub fn of_component(cell: &Cell, component: &Component) -> Option<Object> {
    let expose = component.expose.as_ref().filter(|expose| expose.scope.value != Scope::Cluster)?;
    if cell.isolation.value != Isolation::Strict {
        return None;
    }
    let mut ports = component.running().flat_map(|container| &container.ports);
    let target = ports.find(|port| port.name.value == expose.target.value)?;
    let ports = vec![port(target.protocol.name(), i32::from(target.number.value))];
    let spec = NetworkPolicySpec {
        pod_selector: Some(labels::label_selector(labels::selector(component))),
        policy_types: Some(vec!["Ingress".to_owned()]),
        ingress: Some(vec![NetworkPolicyIngressRule { from: None, ports: Some(ports) }]),
        egress: None,
    };
    let name = &component.name.value;
    let exposed = format!("exposed-{name}");
    let metadata = labels::metadata(cell, component, exposed.clone());
    Some(Object::of_component(NetworkPolicy { metadata, spec: Some(spec) }, &exposed, name))
}

/// Each other, the DNS, and whatever is no pod of the cluster.
fn egress(pod_network: &str) -> Vec<NetworkPolicyEgressRule> {
    let outside = IPBlock { cidr: "0.0.0.0/0".to_owned(), except: Some(vec![pod_network.to_owned()]) };
    let outside = NetworkPolicyPeer { ip_block: Some(outside), ..NetworkPolicyPeer::default() };
    let to = |peer: NetworkPolicyPeer| NetworkPolicyEgressRule { to: Some(vec![peer]), ports: None };
    let dns = NetworkPolicyEgressRule {
        to: Some(vec![cluster_dns()]),
        ports: Some(vec![port("UDP", 53), port("TCP", 53)]),
    };
    vec![to(same_namespace()), dns, to(outside)]
}

fn same_namespace() -> NetworkPolicyPeer {
    NetworkPolicyPeer { pod_selector: Some(LabelSelector::default()), ..NetworkPolicyPeer::default() }
}

/// CoreDNS, by the labels that every distribution gives it.
fn cluster_dns() -> NetworkPolicyPeer {
    let label = |key: &str, value: &str| labels::label_selector([(key.to_owned(), value.to_owned())].into());
    NetworkPolicyPeer {
        namespace_selector: Some(label("kubernetes.io/metadata.name", "kube-system")),
        pod_selector: Some(label("k8s-app", "kube-dns")),
        ..NetworkPolicyPeer::default()
    }
}

fn port(protocol: &str, number: i32) -> NetworkPolicyPort {
    NetworkPolicyPort {
        protocol: Some(protocol.to_owned()),
        port: Some(IntOrString::Int(number)),
        ..NetworkPolicyPort::default()
    }
}
