//! Every cell of the application: environment × tenant × cluster, with its overrides.

use std::collections::BTreeSet;

use super::{Files, component, layer, quota};
use crate::app::{App, Cell, Component, Platform};
use crate::diag::Diagnostics;
use crate::document::{Document, Node, Scalar, Value};
use crate::rules::{duplicate_document, missing_document, unknown_component, unknown_environment};

/// The application on its platform.
pub fn resolve(
    document: &Document,
    platform: Option<Platform>,
    files: &Files,
    diagnostics: &mut Diagnostics,
) -> App {
    let mut apps = document.named("app");
    let (node, declared) = (apps.next(), document.named("platform").next());
    if let (Some(node), None) = (node, declared) {
        diagnostics.push(missing_document::platform(node));
    }
    let Some(node) = node else {
        if let Some(other) = document.nodes.first() {
            diagnostics.push(missing_document::app(other));
        }
        return App { platform, ..App::default() };
    };
    for second in apps {
        diagnostics.push(duplicate_document::found(second, node));
    }
    let base: Vec<&Node> = node.children_named("component").collect();
    let name = node.identity().unwrap_or_default().to_owned();
    let mut cells = Vec::new();
    for environment in environments(node, platform.as_ref()) {
        cells.extend(cells_of(&name, &base, &environment, platform.as_ref(), files, diagnostics));
    }
    if let Some(platform) = &platform {
        quota::split(&mut cells, platform);
    }
    App { name, platform, cells }
}

/// The application's environments; one that declares none runs in every environment of the platform.
fn environments(app: &Node, platform: Option<&Platform>) -> Vec<Node> {
    let declared: Vec<Node> = app.children_named("environment").cloned().collect();
    if !declared.is_empty() {
        return declared;
    }
    let implied = |name: &str| {
        let span = app.values.first().map_or(app.span, |value| value.span);
        let written = name.to_owned();
        let value = Value { scalar: Scalar::Text(name.to_owned()), tag: None, written, span };
        let (values, children) = (vec![value], Vec::new());
        Node { name: "environment".to_owned(), name_span: span, values, children, span, is_property: false }
    };
    match platform {
        Some(platform) => platform.environments.iter().map(|known| implied(&known.name.value)).collect(),
        // Without a platform one look at the components still finds their mistakes.
        None => vec![implied("default")],
    }
}

/// The default tenant, if the environment has one, and every tenant; the environment itself where it has neither.
fn layers(environment: &Node) -> Vec<(Option<&str>, &Node)> {
    let defaults = environment.children_named("default-tenant").map(|node| (None, node));
    let tenants = environment.children_named("tenant").map(|node| (node.identity(), node));
    let mut layers: Vec<(Option<&str>, &Node)> = defaults.chain(tenants).collect();
    if layers.is_empty() {
        layers.push((None, environment));
    }
    layers
}

fn cells_of(
    app: &str,
    base: &[&Node],
    node: &Node,
    platform: Option<&Platform>,
    files: &Files,
    diagnostics: &mut Diagnostics,
) -> Vec<Cell> {
    let shared = layer::overridden(base, node, &[], diagnostics);
    let mut variants = Vec::new();
    for (tenant, declared) in layers(node) {
        let nodes = if std::ptr::eq(declared, node) {
            shared.clone()
        } else {
            let below: Vec<&Node> = shared.iter().collect();
            let removed: Vec<&Node> = layer::removals(node).collect();
            layer::overridden(&below, declared, &removed, diagnostics)
        };
        let removed: Vec<&Node> = layer::removals(node).chain(layer::removals(declared)).collect();
        variants.push((tenant, declared, components(&nodes, &removed, files, diagnostics)));
    }
    let Some(platform) = platform else { return Vec::new() };
    let name = node.identity().unwrap_or_default();
    let Some(allowed) = platform.environments.iter().find(|known| known.name.value == name) else {
        diagnostics.push(unknown_environment::found(node, platform));
        return Vec::new();
    };
    let mut cells = Vec::new();
    for cluster in &allowed.clusters {
        for (tenant, declared, components) in &variants {
            let suffix = tenant.map(|tenant| format!("-{tenant}")).unwrap_or_default();
            cells.push(Cell {
                app: app.to_owned(),
                environment: name.to_owned(),
                tenant: tenant.map(str::to_owned),
                cluster: *cluster,
                namespace: format!("{app}-{name}{suffix}"),
                span: declared.values.first().map_or(declared.span, |value| value.span),
                eci: allowed.eci,
                isolation: allowed.isolation,
                pod_security: allowed.pod_security,
                quota: None,
                components: components
                    .iter()
                    .map(|component| component.on(&platform.clusters[*cluster]))
                    .collect(),
            });
        }
    }
    cells
}

fn components(
    nodes: &[Node],
    removed: &[&Node],
    files: &Files,
    diagnostics: &mut Diagnostics,
) -> Vec<Component> {
    let names: BTreeSet<&str> = nodes.iter().filter_map(Node::identity).collect();
    for value in nodes.iter().flat_map(|node| node.children_named("depends-on")).flat_map(|node| &node.values)
    {
        let Some(name) = value.as_text().filter(|name| !names.contains(name)) else { continue };
        let known: Vec<&str> = names.iter().copied().collect();
        let order = removed.iter().find(|order| layer::removed_name(order) == Some(name));
        diagnostics.push(unknown_component::found(name, value.span, &known, order.copied()));
    }
    nodes.iter().filter_map(|node| component::resolve(node, files, diagnostics)).collect()
}
