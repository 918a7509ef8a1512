//! The nodes of how names are resolved.

use super::container::{CPU_QUANTITY, MEMORY_QUANTITY};
use super::{NodeType, field, one};
use crate::resolve::form::Form;

pub(super) static DNS: NodeType = field(
    "dns",
    "Who answers a pod's name look-ups first: the `cluster`'s DNS, a cache on its node (`node-local`, nodes only) or \
     one in the pod (`sidecar`, on ECI too). The cluster's DNS stays the second choice. `cluster` unless told. \
     musl (Alpine images) asks every server at once, so there a cache answers sooner and spares the cluster's DNS nothing.",
    &[one("mode", Form::Word(&["cluster", "node-local", "sidecar"]))],
);

pub(super) static CLUSTER_DNS: NodeType = NodeType {
    name: "dns",
    docs: "How a cluster resolves names, and which caches its pods may use.",
    arguments: &[],
    children: &[&COREDNS, &NODE_LOCAL, &SERVICE_IP, &DOMAIN, &KUBE_PROXY, &SIDECAR_IMAGE],
    many: false,
};

static COREDNS: NodeType = NodeType {
    name: "coredns",
    docs: "The cluster's DNS servers, as they are.",
    arguments: &[],
    children: &[&REPLICAS, &CPU_QUANTITY, &MEMORY_QUANTITY],
    many: false,
};

static REPLICAS: NodeType =
    field("replicas", "How many there are.", &[one("count", Form::Integer { min: 1, max: 1_000 })]);

static NODE_LOCAL: NodeType = NodeType {
    name: "node-local",
    docs: "Whether every node has a cache. On ACK it is an add-on; elsewhere `specc build --platform` makes it, from \
           the image given here.",
    arguments: &[one("on", Form::Boolean)],
    children: &[&NODE_LOCAL_IMAGE],
    many: false,
};

static NODE_LOCAL_IMAGE: NodeType =
    field("image", "The image of the cache, k8s-dns-node-cache.", &[one("reference", Form::Text)]);

static SERVICE_IP: NodeType = field(
    "service-ip",
    "The cluster IP of the cluster's DNS: where caches forward to, and the second choice of pods.",
    &[one("address", Form::Address)],
);

static DOMAIN: NodeType =
    field("domain", "The cluster's domain; cluster.local unless told.", &[one("name", Form::Domain)]);

static KUBE_PROXY: NodeType = field(
    "kube-proxy",
    "How kube-proxy works; iptables unless told. Pods name their cache themselves, so either will do.",
    &[one("mode", Form::Word(&["iptables", "ipvs"]))],
);

static SIDECAR_IMAGE: NodeType =
    field("sidecar-image", "The CoreDNS image of `dns \"sidecar\"`.", &[one("reference", Form::Text)]);
