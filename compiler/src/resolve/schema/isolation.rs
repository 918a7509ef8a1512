//! The nodes with which operators keep environments apart: isolation, quotas, freezes, entries, zones.

use super::container::{CPU_QUANTITY, MEMORY_QUANTITY};
use super::{Argument, ArgumentCount, NodeType, field, one};
use crate::resolve::form::Form;

pub(super) static ISOLATION: NodeType = field(
    "isolation",
    "How its cells are kept apart. `namespace`, unless told: names only. `strict`: a pod takes traffic from its own \
     namespace alone, but for what is exposed to the intranet or the internet; Pod Security is enforced; containers \
     that say nothing get limits.",
    &[one("mode", Form::Word(&["namespace", "strict"]))],
);

pub(super) static POD_SECURITY: NodeType = field(
    "pod-security",
    "The Pod Security level that its namespaces enforce; with `isolation=\"strict\"` it is `baseline` unless told, \
     else nothing is enforced.",
    &[one("level", Form::Word(&["privileged", "baseline"]))],
);

pub(super) static ENVIRONMENT_QUOTA: NodeType = NodeType {
    name: "quota",
    docs: "What all cells of an application may request together in this environment. Each namespace gets a \
           ResourceQuota: the share that its own greatest need has in the need of all, rounded down, so that the \
           shares never add up to more than the whole.",
    arguments: &[],
    children: &[&CPU_QUANTITY, &MEMORY_QUANTITY, &PODS],
    many: false,
};

static PODS: NodeType =
    field("pods", "How many pods may exist.", &[one("count", Form::Integer { min: 1, max: 1_000_000 })]);

pub(super) static FREEZE: NodeType = NodeType {
    name: "freeze",
    docs: "A time in which nothing is released. Scaling and going back to an earlier revision stay possible.",
    arguments: &[one("name", Form::Name)],
    children: &[&FROM, &TO, &MODE],
    many: true,
};

static FROM: NodeType = field("from", "When it begins.", &[one("time", Form::Timestamp)]);

static TO: NodeType = field("to", "When it ends.", &[one("time", Form::Timestamp)]);

static MODE: NodeType = field(
    "mode",
    "Whether a release in it is refused, as it is unless told, or only warned about.",
    &[one("mode", Form::Word(&["block", "warn"]))],
);

pub(super) static ENTRY: NodeType = NodeType {
    name: "entry",
    docs: "Where HTTP traffic enters: the IngressClass that `alb-ingress` serves, or the Gateway of `gateway-api`.",
    arguments: &[one("name", Form::Name)],
    children: &[&ENTRY_SCOPE, &ENTRY_NAMESPACE],
    many: true,
};

static ENTRY_SCOPE: NodeType =
    field("scope", "Who can reach it.", &[one("scope", Form::Word(&["intranet", "internet"]))]);

static ENTRY_NAMESPACE: NodeType =
    field("namespace", "The namespace of the Gateway.", &[one("name", Form::Name)]);

pub(super) static POD_NETWORK: NodeType = field(
    "pod-network",
    "The addresses of its pods. Where it is known, strict isolation also keeps pods from calling those of other \
     namespaces; everything outside of it can be called.",
    &[one("network", Form::Network)],
);

pub(super) static ZONES: NodeType = NodeType {
    name: "zones",
    docs: "The zones that its nodes stand in, as their label `topology.kubernetes.io/zone` says.",
    arguments: &[Argument { name: "names", form: Form::Name, count: ArgumentCount::Several }],
    children: &[],
    many: false,
};
