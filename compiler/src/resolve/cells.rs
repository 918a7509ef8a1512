//! Every cell of the application: environment × tenant × cluster, with its overrides.

use std::collections::BTreeSet;

use super::schema::COMPONENT;
use super::{Files, component, merge};
use crate::app::{App, Cell, Component, Platform};
use crate::diag::Diagnostics;
use crate::document::{Document, Node, Scalar, Value};
use crate::rules::{
    duplicate_document, missing_document, remove_outside_override, unknown_component, unknown_environment,
};

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
    let scales = base.iter().flat_map(|component| component.children_named("scale"));
    for order in base.iter().copied().chain(scales).flat_map(|node| node.children_named("remove")) {
        diagnostics.push(remove_outside_override::found(order));
    }
    let mut cells = Vec::new();
    for environment in environments(node, platform.as_ref()) {
        cells.extend(cells_of(&name, &base, &environment, platform.as_ref(), files, diagnostics));
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

fn cells_of(
    app: &str,
    base: &[&Node],
    node: &Node,
    platform: Option<&Platform>,
    files: &Files,
    diagnostics: &mut Diagnostics,
) -> Vec<Cell> {
    let shared = overridden(base, node, diagnostics);
    let tenants: Vec<&Node> = node.children_named("tenant").collect();
    let mut variants = Vec::new();
    for tenant in &tenants {
        let layered: Vec<&Node> = shared.iter().collect();
        let nodes = overridden(&layered, tenant, diagnostics);
        variants.push((Some(*tenant), components(&nodes, files, diagnostics)));
    }
    if tenants.is_empty() {
        variants.push((None, components(&shared, files, diagnostics)));
    }
    let Some(platform) = platform else { return Vec::new() };
    let name = node.identity().unwrap_or_default();
    let Some(allowed) = platform.environments.iter().find(|known| known.name.value == name) else {
        diagnostics.push(unknown_environment::found(node, platform));
        return Vec::new();
    };
    let mut cells = Vec::new();
    for cluster in &allowed.clusters {
        for (tenant, components) in &variants {
            let declared = tenant.unwrap_or(node);
            let tenant = tenant.and_then(Node::identity);
            let suffix = tenant.map(|tenant| format!("-{tenant}")).unwrap_or_default();
            cells.push(Cell {
                app: app.to_owned(),
                environment: name.to_owned(),
                tenant: tenant.map(str::to_owned),
                cluster: *cluster,
                namespace: format!("{app}-{name}{suffix}"),
                span: declared.values.first().map_or(declared.span, |value| value.span),
                eci: allowed.eci,
                components: components.clone(),
            });
        }
    }
    cells
}

/// Every component with the overrides of one environment or tenant laid over it.
fn overridden(base: &[&Node], layer: &Node, diagnostics: &mut Diagnostics) -> Vec<Node> {
    for over in layer.children_named("component") {
        let known = base.iter().any(|node| node.identity() == over.identity());
        if let (false, Some(value)) = (known, over.values.first()) {
            let names: Vec<&str> = base.iter().filter_map(|node| node.identity()).collect();
            diagnostics.push(unknown_component::found(
                value.as_text().unwrap_or_default(),
                value.span,
                &names,
            ));
        }
    }
    let lay = |node: &&Node| {
        let same = layer.children_named("component").find(|over| over.identity() == node.identity());
        same.map_or_else(|| (*node).clone(), |over| merge::merged(node, over, &COMPONENT, diagnostics))
    };
    base.iter().map(lay).collect()
}

fn components(nodes: &[Node], files: &Files, diagnostics: &mut Diagnostics) -> Vec<Component> {
    let names: BTreeSet<&str> = nodes.iter().filter_map(Node::identity).collect();
    for value in nodes.iter().flat_map(|node| node.children_named("depends-on")).flat_map(|node| &node.values)
    {
        let unknown = value.as_text().filter(|name| !names.contains(name));
        let known = || names.iter().copied().collect::<Vec<_>>();
        diagnostics.extend(unknown.map(|name| unknown_component::found(name, value.span, &known())));
    }
    nodes.iter().filter_map(|node| component::resolve(node, files, diagnostics)).collect()
}
