//! What runs in a pod: images, ports, resources, variables, files.

use super::{field, probe, text_field, volume, workload};
use crate::app::{
    Config, Container, EnvironmentValue, EnvironmentVariable, Image, Limit, Mount, Port, Protocol, Resources,
    RuntimeDefaults,
};
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::resolve::{Files, form, platform};
use crate::rules::{missing_field, missing_file};
use crate::source::{Span, Spanned};

/// What a container is resolved with.
pub(super) struct Surroundings<'a> {
    pub files: &'a Files,
    /// What holds of the component's language.
    pub runtime: Option<&'static RuntimeDefaults>,
}

/// The container of a component, or one beside or before it. What it lacks is reported, and filled with something
/// harmless.
pub(super) fn container(
    node: &Node,
    around: &Surroundings,
    fallback: Option<&Resources>,
    diagnostics: &mut Diagnostics,
) -> Option<Container> {
    for (key, example) in
        [("image", "\"registry.example.com/web:1\""), ("resources", "cpu=\"500m\" memory=\"512Mi\"")]
    {
        let inherited = key == "resources" && fallback.is_some();
        if node.child(key).is_none() && !inherited {
            diagnostics.push(missing_field::found(node, key, example));
        }
    }
    let name = platform::name(node)?;
    let resources = node.child("resources").and_then(|node| resources(node, diagnostics));
    let ports: Vec<Port> = node.children_named("port").filter_map(port).collect();
    let files = around.files;
    let mut ask =
        |key| node.child(key).and_then(|node| probe::probe(node, &ports, around.runtime, diagnostics));
    let (readiness, liveness, startup) = (ask("readiness"), ask("liveness"), ask("startup"));
    let startup = startup.or_else(|| liveness.as_ref().map(|live| probe::startup_of(live, around.runtime)));
    let images: Vec<Image> = node.children_named("image").filter_map(image).collect();
    let configs = node.children_named("config").filter_map(|node| config(node, files, diagnostics)).collect();
    Some(Container {
        image: Spanned::new(String::new(), name.span),
        base: None,
        images,
        command: words(node, "command"),
        args: words(node, "args"),
        ports,
        resources: resources.or_else(|| fallback.cloned()).unwrap_or_else(|| least(name.span)),
        env: node.children_named("env").filter_map(variable).collect(),
        configs,
        mounts: node.children_named("mount").filter_map(volume::mount).collect::<Vec<Mount>>(),
        readiness,
        liveness,
        startup,
        name,
    })
}

/// An image; which of several runs is decided where the cluster is known.
fn image(node: &Node) -> Option<Image> {
    Some(Image { reference: platform::name(node)?, base: workload::build(node, "base") })
}

/// The texts of a child, one word each.
pub(super) fn words(node: &Node, key: &str) -> Vec<String> {
    let values = node.child(key).into_iter().flat_map(|child| &child.values);
    values.filter_map(|value| Some(value.as_text()?.to_owned())).collect()
}

fn port(node: &Node) -> Option<Port> {
    let name = platform::name(node)?;
    let number = |value: &crate::document::Value| {
        Some(Spanned::new(u16::try_from(form::integer(value)?).ok()?, value.span))
    };
    let protocol = match field(node, "protocol").and_then(|value| value.as_text()) {
        Some("udp") => Protocol::Udp,
        Some(_) | None => Protocol::Tcp,
    };
    Some(Port {
        // Without a number it is still the port that a probe means.
        number: node.values.get(1).and_then(number).unwrap_or(Spanned::new(1, node.span)),
        protocol,
        host: field(node, "host-port").and_then(number),
        name,
    })
}

fn resources(node: &Node, diagnostics: &mut Diagnostics) -> Option<Resources> {
    for (key, example) in [("cpu", "\"500m\""), ("memory", "\"512Mi\"")] {
        if node.child(key).is_none() {
            diagnostics.push(missing_field::found(node, key, example));
        }
    }
    let (cpu, memory) = (field(node, "cpu")?, field(node, "memory")?);
    let limit = |key: &str, read: fn(&crate::document::Value) -> Option<u64>| {
        let value = field(node, key)?;
        let text = form::quantity_text(value)?.to_owned();
        Some(Limit { amount: Spanned::new(read(value)?, value.span), text })
    };
    Some(Resources {
        cpu_milli: Spanned::new(form::cpu_milli(cpu)?, cpu.span),
        memory_bytes: Spanned::new(form::memory_bytes(memory)?, memory.span),
        cpu_text: form::quantity_text(cpu)?.to_owned(),
        memory_text: form::quantity_text(memory)?.to_owned(),
        cpu_limit: limit("cpu-limit", form::cpu_milli),
        memory_limit: limit("memory-limit", form::memory_bytes),
    })
}

/// What fits onto every node.
fn least(span: Span) -> Resources {
    Resources {
        cpu_milli: Spanned::new(1, span),
        memory_bytes: Spanned::new(1, span),
        cpu_text: "1m".to_owned(),
        memory_text: "1".to_owned(),
        cpu_limit: None,
        memory_limit: None,
    }
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

/// The first port stands for "the" port; its place is the node that leaves it out.
pub(super) fn first_port(node: &Node, ports: &[Port]) -> Option<Spanned<String>> {
    ports.first().map(|port| Spanned::new(port.name.value.clone(), node.span))
}
