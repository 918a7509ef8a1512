//! How names are resolved: a component's mode, and what a cluster has for it.

use super::component::{field, text_field};
use super::{defaults, form};
use crate::app::{ClusterDns, CoreDns, DnsMode, KubeProxy};
use crate::diag::Diagnostics;
use crate::document::{Node, Value};
use crate::rules::missing_field;
use crate::source::{Span, Spanned};

/// The mode of a component.
pub(super) fn mode(component: &Node, fallback: Span) -> Spanned<DnsMode> {
    let Some(value) = field(component, "dns") else { return Spanned::new(DnsMode::Cluster, fallback) };
    let mode = match value.as_text() {
        Some("node-local") => DnsMode::NodeLocal,
        Some("sidecar") => DnsMode::Sidecar,
        Some(_) | None => DnsMode::Cluster,
    };
    Spanned::new(mode, value.span)
}

/// What a cluster has.
pub(super) fn cluster(cluster: &Node, fallback: Span, diagnostics: &mut Diagnostics) -> ClusterDns {
    let node = cluster.child("dns");
    let span = node.map_or(fallback, |node| node.span);
    let text = |key| node.and_then(|node| text_field(node, key));
    let node_local = node.and_then(|node| node.child("node-local"));
    let on = node_local.and_then(|node| node.values.first());
    let kube_proxy = text("kube-proxy").map(|word| word.value);
    let service_ip = text("service-ip");
    ClusterDns {
        coredns: node.and_then(|node| node.child("coredns")).and_then(|node| coredns(node, diagnostics)),
        node_local: Spanned::new(on.is_some_and(Value::is_true), on.map_or(span, |value| value.span)),
        node_local_image: node_local.and_then(|node| text_field(node, "image")),
        service_ip: service_ip.and_then(|text| Some(Spanned::new(text.value.parse().ok()?, text.span))),
        domain: text("domain").map_or(defaults::CLUSTER_DOMAIN.to_owned(), |domain| domain.value),
        kube_proxy: if kube_proxy.as_deref() == Some("ipvs") { KubeProxy::Ipvs } else { KubeProxy::Iptables },
        sidecar_image: text("sidecar-image"),
        span,
    }
}

fn coredns(node: &Node, diagnostics: &mut Diagnostics) -> Option<CoreDns> {
    for (key, example) in [("replicas", "2"), ("cpu", "2"), ("memory", "\"170Mi\"")] {
        if node.child(key).is_none() {
            diagnostics.push(missing_field::found(node, key, example));
        }
    }
    Some(CoreDns {
        replicas: super::component::whole_field(node, "replicas")?.value,
        cpu_milli: field(node, "cpu").and_then(form::cpu_milli)?,
        memory_bytes: field(node, "memory").and_then(form::memory_bytes)?,
    })
}
