//! How operators keep environments apart: isolation, quotas, freezes, entries, zones.

use super::component::{field, text_field, whole_field};
use super::platform::name;
use super::{form, quantity};
use crate::app::{Entry, Freeze, FreezeMode, Isolation, PodSecurity, Quota, Scope};
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::rules::missing_field;
use crate::source::Spanned;

/// The isolation of an environment, at the place that says so.
pub fn isolation(node: &Node) -> Spanned<Isolation> {
    match field(node, "isolation") {
        Some(value) if value.as_text() == Some("strict") => Spanned::new(Isolation::Strict, value.span),
        Some(value) => Spanned::new(Isolation::Namespace, value.span),
        None => Spanned::new(Isolation::Namespace, node.span),
    }
}

/// The level that its namespaces enforce; the isolation implies one.
pub fn pod_security(node: &Node) -> Spanned<PodSecurity> {
    let isolation = isolation(node);
    let implied = match isolation.value {
        Isolation::Namespace => PodSecurity::Privileged,
        Isolation::Strict => PodSecurity::Baseline,
    };
    let levels = [PodSecurity::Privileged, PodSecurity::Baseline];
    let written = field(node, "pod-security").and_then(|value| {
        let level = levels.into_iter().find(|level| Some(level.name()) == value.as_text())?;
        Some(Spanned::new(level, value.span))
    });
    written.unwrap_or(Spanned::new(implied, isolation.span))
}

/// What an environment's cells may request together.
pub fn quota(node: &Node) -> Quota {
    let (cpu, memory) = (field(node, "cpu"), field(node, "memory"));
    Quota {
        cpu_milli: cpu.and_then(|value| Some(Spanned::new(form::cpu_milli(value)?, value.span))),
        memory_bytes: memory.and_then(|value| Some(Spanned::new(form::memory_bytes(value)?, value.span))),
        pods: whole_field(node, "pods"),
        span: node.span,
    }
}

/// A time in which nothing is released.
pub fn freeze(node: &Node, diagnostics: &mut Diagnostics) -> Option<Freeze> {
    for (key, example) in [("from", "\"2026-11-10T20:00:00+08:00\""), ("to", "\"2026-11-11T03:00:00+08:00\"")]
    {
        if node.child(key).is_none() {
            diagnostics.push(missing_field::found(node, key, example));
        }
    }
    let (from, to) = (text_field(node, "from")?, text_field(node, "to")?);
    let mode = field(node, "mode").and_then(|value| value.as_text());
    Some(Freeze {
        name: name(node)?,
        from_ns: quantity::timestamp_ns(&from.value)?,
        to_ns: quantity::timestamp_ns(&to.value)?,
        from,
        to,
        mode: if mode == Some("warn") { FreezeMode::Warn } else { FreezeMode::Block },
        span: node.span,
    })
}

/// Where HTTP traffic enters.
pub fn entry(node: &Node, diagnostics: &mut Diagnostics) -> Option<Entry> {
    if node.child("scope").is_none() {
        diagnostics.push(missing_field::found(node, "scope", "\"internet\""));
    }
    let scope = match field(node, "scope")?.as_text()? {
        "internet" => Scope::Internet,
        _ => Scope::Intranet,
    };
    Some(Entry { name: name(node)?, scope, namespace: text_field(node, "namespace") })
}

/// The zones of a pool.
pub fn zones(node: &Node) -> Vec<Spanned<String>> {
    let values = node.children_named("zones").flat_map(|zones| &zones.values);
    values.filter_map(|value| Some(Spanned::new(value.as_text()?.to_owned(), value.span))).collect()
}
