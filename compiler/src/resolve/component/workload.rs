//! What kind of workload a component is, and the pods around its containers.

use super::{field, is_set};
use crate::app::{
    BUILDS, ComponentKind, Container, Os, Runtime, Setting, StartOrder, UNKNOWN_RUNTIME, WindowsBuild,
};
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::resolve::{form, platform};
use crate::rules::{misplaced_field, missing_field, uncountable_kind};
use crate::source::{Span, Spanned};

pub(super) fn kind(node: &Node, fallback: Span) -> Spanned<ComponentKind> {
    let value = field(node, "kind");
    let kind = match value.and_then(|value| value.as_text()) {
        Some("stateful") => ComponentKind::Stateful,
        Some("daemon") => ComponentKind::Daemon,
        Some(_) | None => ComponentKind::Stateless,
    };
    Spanned::new(kind, value.map_or(fallback, |value| value.span))
}

/// Reports fields that mean nothing for a kind.
pub(super) fn misplaced(node: &Node, kind: Spanned<ComponentKind>, diagnostics: &mut Diagnostics) {
    let (what, without, uncounted): (_, &[&str], &[&str]) = match kind.value {
        ComponentKind::Stateless => ("a stateless component", &["start", "host-network"], &[]),
        ComponentKind::Stateful => ("a stateful component", &["host-network"], &["scale"]),
        ComponentKind::Daemon => ("a daemon", &["start", "disruption"], &["scale", "replicas"]),
    };
    let written = Some(kind.span).filter(|_| node.child("kind").is_some());
    for child in &node.children {
        if without.contains(&child.name.as_str()) {
            diagnostics.push(misplaced_field::found(child, what, written));
        }
        if uncounted.contains(&child.name.as_str()) {
            diagnostics.push(uncountable_kind::found(child, what, kind.span));
        }
    }
}

/// The operating system of a component. Without a build it is the first that an image is for, until the cluster says
/// which.
pub(super) fn os(node: &Node, main: &Container) -> Os {
    let Some(os) = windows(node) else { return Os::Linux };
    let place = os.values.first().map_or(os.span, |value| value.span);
    let guessed = main.images.iter().find_map(|image| image.base).map_or(BUILDS[0], |base| base.value);
    Os::Windows(build(os, "build").unwrap_or(Spanned::new(guessed, place)))
}

/// Where a component asks for Windows without saying which build.
pub(super) fn any_build(node: &Node) -> Option<Span> {
    let os = windows(node).filter(|os| os.child("build").is_none())?;
    os.values.first().map(|value| value.span)
}

fn windows(node: &Node) -> Option<&Node> {
    node.child("os").filter(|os| os.identity() == Some("windows"))
}

/// The operating system of a pool's nodes.
pub(in crate::resolve) fn os_of_pool(node: &Node, diagnostics: &mut Diagnostics) -> Os {
    if windows(node).is_none() {
        return Os::Linux;
    }
    if node.child("build").is_none() {
        diagnostics.push(missing_field::found(node, "build", "\"ltsc2022\""));
    }
    build(node, "build").map_or(Os::Linux, Os::Windows)
}

/// The build that a one-value child names.
pub(in crate::resolve) fn build(node: &Node, key: &str) -> Option<Spanned<WindowsBuild>> {
    let value = field(node, key)?;
    Some(Spanned::new(WindowsBuild::named(value.as_text()?)?, value.span))
}

/// Labels or annotations, in the order written.
pub(super) fn settings(node: &Node, name: &str) -> Vec<Setting> {
    let setting = |node: &Node| {
        let value = node.values.get(1)?.as_text()?.to_owned();
        Some(Setting { key: platform::name(node)?, value })
    };
    node.children_named(name).filter_map(setting).collect()
}

pub(super) fn stop_ns(node: &Node, runtime: Option<Runtime>) -> u64 {
    let usual = runtime.map_or(UNKNOWN_RUNTIME.1, |runtime| runtime.defaults().stop_ns);
    field(node, "stop").and_then(form::duration_ns).unwrap_or(usual)
}

pub(super) fn start(node: &Node) -> StartOrder {
    match field(node, "start").and_then(|value| value.as_text()) {
        Some("parallel") => StartOrder::Parallel,
        Some(_) | None => StartOrder::Ordered,
    }
}

/// Where the node's own network is asked for.
pub(super) fn host_network(node: &Node) -> Option<Span> {
    node.child("host-network").filter(|_| is_set(node, "host-network")).map(|child| child.span)
}
