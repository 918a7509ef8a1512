//! The operators' side: clusters, pools, and what each environment may do.

use super::component::{field, text_field, whole_field, workload};
use super::{dns, form, isolation, profile, verification, watch};
use crate::app::{
    Addon, Cluster, Installed, Os, Platform, PlatformEnvironment, Pool, Provider, VirtualNode, WindowsBuild,
};
use crate::diag::Diagnostics;
use crate::document::{Document, Node};
use crate::rules::{duplicate_document, misplaced_field, missing_field, unknown_cluster};
use crate::source::{Span, Spanned};

/// The one platform, if there is one.
pub fn resolve(document: &Document, diagnostics: &mut Diagnostics) -> Option<Platform> {
    let mut platforms = document.named("platform");
    let node = platforms.next()?;
    for second in platforms {
        diagnostics.push(duplicate_document::found(second, node));
    }
    let clusters: Vec<Cluster> =
        node.children_named("cluster").filter_map(|node| cluster(node, diagnostics)).collect();
    let environments = node
        .children_named("environment")
        .filter_map(|node| environment(node, &clusters, diagnostics))
        .collect();
    let kubectl = node.child("kubectl");
    if let Some(node) = kubectl.filter(|node| node.child("image").is_none()) {
        diagnostics.push(missing_field::found(node, "image", "\"registry.example.com/kubectl:1.34\""));
    }
    let kubectl = kubectl.and_then(|node| text_field(node, "image"));
    let receivers =
        node.children_named("receiver").filter_map(|node| watch::receiver(node, diagnostics)).collect();
    Some(Platform { name: name(node)?, clusters, environments, kubectl, receivers })
}

/// The node's identity with its place.
pub fn name(node: &Node) -> Option<Spanned<String>> {
    let value = node.values.first()?;
    Some(Spanned::new(value.as_text()?.to_owned(), value.span))
}

fn cluster(node: &Node, diagnostics: &mut Diagnostics) -> Option<Cluster> {
    let kubernetes =
        text_field(node, "kubernetes").or_else(|| missing(node, "kubernetes", "\"1.34\"", diagnostics));
    let provider = match node.child("provider").and_then(Node::identity) {
        Some("ack") => Provider::Ack,
        Some(_) | None => Provider::Kubernetes,
    };
    let pools = node.children_named("pool").flat_map(|node| pool(node, diagnostics)).collect();
    let virtual_node = node.child("virtual-node").and_then(|node| virtual_node(node, diagnostics));
    Some(Cluster {
        name: name(node)?,
        kubernetes: kubernetes?,
        provider,
        context: text_field(node, "context"),
        pools,
        virtual_node,
        installed: node.children_named("installed").filter_map(|node| installed(node, diagnostics)).collect(),
        pod_network: text_field(node, "pod-network"),
        dns: dns::cluster(node, name(node)?.span, diagnostics),
        logs: node.child("logs").and_then(|node| watch::log_store(node, diagnostics)),
        rule_labels: watch::rule_labels(node),
        prometheus: node.child("monitoring").and_then(|node| text_field(node, "prometheus")),
        queries: verification::queries(node, diagnostics),
        node_problem_detector: watch::detector(node, diagnostics),
        profile: profile::profile(node.child("profile")),
    })
}

/// The pool, and beside it those of its nodes that an upgrade has given another build.
fn pool(node: &Node, diagnostics: &mut Diagnostics) -> Vec<Pool> {
    for (key, example) in [("cpu", "16"), ("memory", "\"64Gi\""), ("nodes", "10")] {
        if node.child(key).is_none() {
            diagnostics.push(missing_field::found(node, key, example));
        }
    }
    let os = workload::os_of_pool(node, diagnostics);
    let upgrade = node.child("upgrade").and_then(|child| upgrade(child, node, os, diagnostics));
    let declared = || {
        let nodes = whole_field(node, "nodes")?;
        Some(Pool {
            name: name(node)?,
            os,
            upgrade: upgrade.map(|upgrade| upgrade.build),
            cpu_milli: field(node, "cpu").and_then(form::cpu_milli)?,
            memory_bytes: field(node, "memory").and_then(form::memory_bytes)?,
            nodes: nodes.value,
            max: whole_field(node, "max").map_or(nodes.value, |max| max.value),
            zones: isolation::zones(node),
            span: node.span,
        })
    };
    let Some(pool) = declared() else { return Vec::new() };
    let upgraded = upgrade.map(|Upgrade { build, nodes, max, span }| Pool {
        os: Os::Windows(build),
        upgrade: None,
        nodes,
        max,
        span,
        ..pool.clone()
    });
    std::iter::once(pool).chain(upgraded).collect()
}

/// The nodes of a pool that have its next build of Windows already.
#[derive(Clone, Copy)]
struct Upgrade {
    build: Spanned<WindowsBuild>,
    nodes: u32,
    max: u32,
    span: Span,
}

fn upgrade(node: &Node, pool: &Node, os: Os, diagnostics: &mut Diagnostics) -> Option<Upgrade> {
    if node.child("nodes").is_none() {
        diagnostics.push(missing_field::found(node, "nodes", "2"));
    }
    // A pool of Windows whose build is missing was reported for that.
    if os == Os::Linux && pool.child("os").and_then(Node::identity) != Some("windows") {
        let written = field(pool, "os").map(|value| value.span);
        diagnostics.push(misplaced_field::found(node, "a pool of Linux", written));
    }
    let value = node.values.first()?;
    let build = Spanned::new(WindowsBuild::named(value.as_text()?)?, value.span);
    let nodes = whole_field(node, "nodes")?.value;
    let max = whole_field(node, "max").map_or(nodes, |max| max.value);
    os.build().map(|_| Upgrade { build, nodes, max, span: node.span })
}

fn virtual_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<VirtualNode> {
    if node.child("quota").is_none() {
        diagnostics.push(missing_field::found(node, "quota", "2000"));
    }
    Some(VirtualNode { name: name(node)?, quota: whole_field(node, "quota")?.value })
}

fn installed(node: &Node, diagnostics: &mut Diagnostics) -> Option<Installed> {
    let name = node.values.first()?;
    Some(Installed {
        addon: Spanned::new(Addon::from_word(name.as_text()?)?, name.span),
        time_zone: text_field(node, "time-zone"),
        entries: node
            .children_named("entry")
            .filter_map(|node| isolation::entry(node, diagnostics))
            .collect(),
    })
}

fn environment(
    node: &Node,
    clusters: &[Cluster],
    diagnostics: &mut Diagnostics,
) -> Option<PlatformEnvironment> {
    let listed = node.child("cluster");
    if listed.is_none() {
        diagnostics.push(missing_field::found(node, "cluster", "\"hangzhou-1\""));
    }
    let mut found = Vec::new();
    for value in listed.iter().flat_map(|node| &node.values) {
        let Some(wanted) = value.as_text() else { continue };
        match clusters.iter().position(|cluster| cluster.name.value == wanted) {
            Some(index) => found.push(index),
            None => diagnostics.push(unknown_cluster::found(wanted, value.span, clusters)),
        }
    }
    let eci = field(node, "eci");
    let allowed = eci.and_then(|value| value.as_text()) == Some("allow");
    Some(PlatformEnvironment {
        name: name(node)?,
        clusters: found,
        eci: Spanned::new(allowed, eci.map_or(node.span, |value| value.span)),
        isolation: isolation::isolation(node),
        pod_security: isolation::pod_security(node),
        quota: node.child("quota").map(isolation::quota),
        freezes: node
            .children_named("freeze")
            .filter_map(|node| isolation::freeze(node, diagnostics))
            .collect(),
    })
}

fn missing<T>(node: &Node, key: &str, example: &str, diagnostics: &mut Diagnostics) -> Option<T> {
    diagnostics.push(missing_field::found(node, key, example));
    None
}
