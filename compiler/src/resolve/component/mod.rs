//! One component of one cell, from its node with every override laid over it.

mod container;
mod cron;
mod disruption;
mod expose;
mod probe;
mod release;
mod scale;
mod spread;
mod volume;
pub(super) mod workload;

use container::Surroundings;

use super::{Files, defaults, dns, form, watch};
use crate::app::{Burst, Component, Container, Mount, Resources, Runtime, Scale, Volume};
use crate::diag::Diagnostics;
use crate::document::{Node, Value};
use crate::source::Spanned;

/// The component; `None` only if it has no name. What it lacks is reported, and filled with something harmless,
/// so that the rules still find everything else that is wrong with it.
pub fn resolve(node: &Node, files: &Files, diagnostics: &mut Diagnostics) -> Option<Component> {
    let runtime = node.child("runtime").and_then(Node::identity).and_then(Runtime::named);
    let around = Surroundings { files, runtime: runtime.map(Runtime::defaults) };
    let mut main = container::container(node, &around, None, diagnostics)?;
    let name = main.name.clone();
    let kind = workload::kind(node, name.span);
    workload::misplaced(node, kind, diagnostics);
    let mounted: Vec<(Volume, Mount)> =
        node.children_named("volume").filter_map(|node| volume::volume(node, diagnostics)).collect();
    let (volumes, mounts): (Vec<Volume>, Vec<Mount>) = mounted.into_iter().unzip();
    let mut others = |key, fallback: Option<&Resources>| -> Vec<Container> {
        let nodes = node.children_named(key);
        let all = nodes.filter_map(|node| container::container(node, &around, fallback, diagnostics));
        all.map(|container| volume::with_paths(container, &mounts)).collect()
    };
    let (containers, inits) = (others("container", None), others("init", Some(&main.resources)));
    main.mounts = mounts;
    let scale =
        scale::scale(node, diagnostics).unwrap_or(Scale::Fixed(Spanned::new(defaults::REPLICAS, name.span)));
    let expose = node.child("expose").and_then(|node| expose::expose(node, &main.ports, diagnostics));
    Some(Component {
        kind,
        runtime,
        os: workload::os(node, &main),
        any_build: workload::any_build(node),
        main,
        containers,
        inits,
        volumes,
        labels: workload::settings(node, "label"),
        annotations: workload::settings(node, "annotation"),
        stop_ns: workload::stop_ns(node, runtime),
        start: workload::start(node),
        user: whole_field(node, "user"),
        host_network: workload::host_network(node),
        depends_on: dependencies(node),
        scale,
        burst: scale::burst(node).unwrap_or(Spanned::new(Burst::Never, name.span)),
        disruption: node.child("disruption").and_then(|node| disruption::disruption(node, diagnostics)),
        release: release::release(node.child("release"), name.span, diagnostics),
        expose,
        spreads: node.children_named("spread").filter_map(spread::spread).collect(),
        dns: dns::mode(node, name.span),
        alerts: node.children_named("alert").filter_map(watch::alert).collect(),
        logs: node.children_named("logs").filter_map(|node| watch::logs(node, diagnostics)).collect(),
        name,
    })
}

/// The value of a one-value child.
pub fn field<'a>(node: &'a Node, key: &str) -> Option<&'a Value> {
    node.child(key)?.values.first()
}

/// The text of a one-value child, with its place.
pub fn text_field(node: &Node, key: &str) -> Option<Spanned<String>> {
    let value = field(node, key)?;
    Some(Spanned::new(value.as_text()?.to_owned(), value.span))
}

/// The whole number of a one-value child, with its place.
pub fn whole_field(node: &Node, key: &str) -> Option<Spanned<u32>> {
    let value = field(node, key)?;
    Some(Spanned::new(u32::try_from(form::integer(value)?).ok()?, value.span))
}

/// Whether a one-value child says yes.
pub fn is_set(node: &Node, key: &str) -> bool {
    field(node, key).is_some_and(Value::is_true)
}

fn dependencies(node: &Node) -> Vec<Spanned<String>> {
    let values = node.children_named("depends-on").flat_map(|node| &node.values);
    values.filter_map(|value| Some(Spanned::new(value.as_text()?.to_owned(), value.span))).collect()
}
