//! One component of one cell, from its node with every override laid over it.

use super::{Files, defaults, form, platform};
use crate::app::{
    Autoscale, Batch, BatchSize, Burst, Component, Config, EnvironmentValue, EnvironmentVariable, Expose,
    Port, Readiness, ReleasePolicy, Resources, Runtime, Scale, Scope,
};
use crate::diag::Diagnostics;
use crate::document::{Node, Value};
use crate::rules::{missing_field, missing_file, replicas_and_scale};
use crate::source::{Span, Spanned};

/// The component; `None` only if it has no name. What it lacks is reported, and filled with something harmless,
/// so that the rules still find everything else that is wrong with it.
pub fn resolve(node: &Node, files: &Files, diagnostics: &mut Diagnostics) -> Option<Component> {
    for (key, example) in
        [("image", "\"registry.example.com/web:1\""), ("resources", "cpu=\"500m\" memory=\"512Mi\"")]
    {
        if node.child(key).is_none() {
            diagnostics.push(missing_field::found(node, key, example));
        }
    }
    let name = platform::name(node)?;
    let nothing = || Spanned::new(String::new(), name.span);
    let resources = node.child("resources").and_then(|node| resources(node, diagnostics));
    let scale = scale(node, diagnostics).unwrap_or(Scale::Fixed(Spanned::new(defaults::REPLICAS, name.span)));
    let ports: Vec<Port> = node.children_named("port").filter_map(port).collect();
    let expose = node.child("expose").and_then(|node| expose(node, &ports, diagnostics));
    let readiness = node.child("readiness").and_then(|node| readiness(node, &ports, diagnostics));
    let configs = node.children_named("config").filter_map(|node| config(node, files, diagnostics)).collect();
    Some(Component {
        runtime: node.child("runtime").and_then(Node::identity).and_then(runtime),
        image: text_field(node, "image").unwrap_or_else(nothing),
        ports,
        resources: resources.unwrap_or_else(|| least(name.span)),
        env: node.children_named("env").filter_map(variable).collect(),
        configs,
        readiness,
        depends_on: dependencies(node),
        scale,
        burst: burst(node).unwrap_or(Spanned::new(Burst::Never, name.span)),
        release: release(node.child("release"), name.span),
        expose,
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

fn runtime(word: &str) -> Option<Runtime> {
    let all = [Runtime::Php, Runtime::Java, Runtime::Dotnet, Runtime::Node, Runtime::Go, Runtime::Python];
    all.into_iter().find(|runtime| runtime.name() == word)
}

fn port(node: &Node) -> Option<Port> {
    let name = platform::name(node)?;
    let number = node
        .values
        .get(1)
        .and_then(|value| Some(Spanned::new(u16::try_from(form::integer(value)?).ok()?, value.span)));
    // Without a number it is still the port that a probe means.
    Some(Port { number: number.unwrap_or(Spanned::new(1, node.span)), name })
}

fn resources(node: &Node, diagnostics: &mut Diagnostics) -> Option<Resources> {
    for (key, example) in [("cpu", "\"500m\""), ("memory", "\"512Mi\"")] {
        if node.child(key).is_none() {
            diagnostics.push(missing_field::found(node, key, example));
        }
    }
    let (cpu, memory) = (field(node, "cpu")?, field(node, "memory")?);
    Some(Resources {
        cpu_milli: Spanned::new(form::cpu_milli(cpu)?, cpu.span),
        memory_bytes: Spanned::new(form::memory_bytes(memory)?, memory.span),
        cpu_text: form::quantity_text(cpu)?.to_owned(),
        memory_text: form::quantity_text(memory)?.to_owned(),
    })
}

/// What fits onto every node.
fn least(span: Span) -> Resources {
    let (cpu_milli, memory_bytes) = (Spanned::new(1, span), Spanned::new(1, span));
    Resources { cpu_milli, memory_bytes, cpu_text: "1m".to_owned(), memory_text: "1".to_owned() }
}

fn variable(node: &Node) -> Option<EnvironmentVariable> {
    let value = node.values.get(1)?;
    let text = value.as_text()?;
    let value = if value.tag.is_none() {
        EnvironmentValue::Text(text.to_owned())
    } else {
        let (name, key) = form::secret(text)?;
        EnvironmentValue::Secret { name: name.to_owned(), key: key.to_owned() }
    };
    Some(EnvironmentVariable { name: platform::name(node)?, value })
}

fn config(node: &Node, files: &Files, diagnostics: &mut Diagnostics) -> Option<Config> {
    for (key, example) in [("mount", "\"/etc/app\""), ("from", "\"conf/app.ini\"")] {
        if node.child(key).is_none() {
            diagnostics.push(missing_field::found(node, key, example));
        }
    }
    let from = text_field(node, "from")?;
    let content = files.get(&from.value).cloned();
    if content.is_none() && form::is_below(&from.value) {
        diagnostics.push(missing_file::found(&from));
    }
    Some(Config { name: platform::name(node)?, mount: text_field(node, "mount")?, from, content: content? })
}

fn readiness(node: &Node, ports: &[Port], diagnostics: &mut Diagnostics) -> Option<Readiness> {
    let port = text_field(node, "port").or_else(|| first_port(node, ports));
    if port.is_none() {
        diagnostics.push(missing_field::found(node, "port", "\"http\""));
    }
    Some(Readiness { http_path: text_field(node, "http"), port: port? })
}

/// The first port stands for "the" port; its place is the node that leaves it out.
fn first_port(node: &Node, ports: &[Port]) -> Option<Spanned<String>> {
    ports.first().map(|port| Spanned::new(port.name.value.clone(), node.span))
}

fn dependencies(node: &Node) -> Vec<Spanned<String>> {
    let values = node.children_named("depends-on").flat_map(|node| &node.values);
    values.filter_map(|value| Some(Spanned::new(value.as_text()?.to_owned(), value.span))).collect()
}

fn scale(node: &Node, diagnostics: &mut Diagnostics) -> Option<Scale> {
    let (scale, replicas) = (node.child("scale"), node.child("replicas"));
    if let (Some(scale), Some(replicas)) = (scale, replicas) {
        diagnostics.push(replicas_and_scale::found(replicas, scale));
    }
    let Some(scale) = scale else {
        let fallback = Spanned::new(defaults::REPLICAS, node.name_span);
        let written = replicas.map(|_| whole_field(node, "replicas"));
        return Some(Scale::Fixed(written.unwrap_or(Some(fallback))?));
    };
    if scale.child("max").is_none() {
        diagnostics.push(missing_field::found(scale, "max", "10"));
    }
    let cpu = field(scale, "cpu").map(|value| Some(Spanned::new(form::percent(value)?, value.span)));
    let min = scale.child("min").map(|_| whole_field(scale, "min"));
    Some(Scale::Auto(Autoscale {
        min: min.unwrap_or(Some(Spanned::new(defaults::SCALE_MIN, scale.span)))?,
        max: whole_field(scale, "max")?,
        cpu_percent: cpu.unwrap_or(Some(Spanned::new(defaults::CPU_PERCENT, scale.span)))?,
    }))
}

fn burst(node: &Node) -> Option<Spanned<Burst>> {
    let value = field(node, "burst")?;
    let burst = match value.as_text()? {
        "when-short" => Burst::WhenShort,
        "only" => Burst::Only,
        _ => Burst::Never,
    };
    Some(Spanned::new(burst, value.span))
}

fn release(node: Option<&Node>, fallback: Span) -> ReleasePolicy {
    let share =
        |key, default| node.and_then(|node| field(node, key)).and_then(form::percent).unwrap_or(default);
    let mut batches: Vec<Batch> =
        node.iter().flat_map(|node| node.children_named("batch")).filter_map(batch).collect();
    if batches.is_empty() {
        let size = Spanned::new(BatchSize::Percent(100), node.map_or(fallback, |node| node.span));
        batches.push(Batch { size, pause: false, wait_ns: 0 });
    }
    let deadline = node.and_then(|node| field(node, "deadline")).and_then(form::duration_ns);
    ReleasePolicy {
        batches,
        surge_percent: share("surge", defaults::SURGE_PERCENT),
        unavailable_percent: share("unavailable", defaults::UNAVAILABLE_PERCENT),
        deadline_ns: deadline.unwrap_or(defaults::BATCH_DEADLINE_NS),
    }
}

fn batch(node: &Node) -> Option<Batch> {
    let value = node.values.first()?;
    let count = form::integer(value).and_then(|count| u32::try_from(count).ok()).map(BatchSize::Count);
    let size = count.or_else(|| form::percent(value).map(BatchSize::Percent))?;
    let pause =
        field(node, "pause").is_some_and(|value| value.scalar == crate::document::Scalar::Boolean(true));
    let wait_ns = field(node, "wait").and_then(form::duration_ns).unwrap_or(0);
    Some(Batch { size: Spanned::new(size, value.span), pause, wait_ns })
}

fn expose(node: &Node, ports: &[Port], diagnostics: &mut Diagnostics) -> Option<Expose> {
    let scope = node.values.first()?;
    let target = text_field(node, "target").or_else(|| first_port(node, ports));
    if target.is_none() {
        diagnostics.push(missing_field::found(node, "target", "\"http\""));
    }
    let target = target?;
    let behind = ports.iter().find(|port| port.name.value == target.value);
    let written = field(node, "port")
        .map(|value| Some(Spanned::new(u16::try_from(form::integer(value)?).ok()?, value.span)));
    let fallback = behind.map_or(Spanned::new(80, node.span), |port| port.number);
    let scope_value = match scope.as_text()? {
        "internet" => Scope::Internet,
        "intranet" => Scope::Intranet,
        _ => Scope::Cluster,
    };
    Some(Expose {
        scope: Spanned::new(scope_value, scope.span),
        port: written.unwrap_or(Some(fallback))?,
        target,
        drain_ns: field(node, "drain").and_then(form::duration_ns).unwrap_or(defaults::DRAIN_NS),
    })
}
