//! What runs in a pod: ports, resources, variables, files, probes.

use super::{field, text_field};
use crate::app::{Config, EnvironmentValue, EnvironmentVariable, Port, Readiness, Resources};
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::resolve::{Files, form, platform};
use crate::rules::{missing_field, missing_file};
use crate::source::{Span, Spanned};

pub(super) fn port(node: &Node) -> Option<Port> {
    let name = platform::name(node)?;
    let number = node
        .values
        .get(1)
        .and_then(|value| Some(Spanned::new(u16::try_from(form::integer(value)?).ok()?, value.span)));
    // Without a number it is still the port that a probe means.
    Some(Port { number: number.unwrap_or(Spanned::new(1, node.span)), name })
}

pub(super) fn resources(node: &Node, diagnostics: &mut Diagnostics) -> Option<Resources> {
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
pub(super) fn least(span: Span) -> Resources {
    let (cpu_milli, memory_bytes) = (Spanned::new(1, span), Spanned::new(1, span));
    Resources { cpu_milli, memory_bytes, cpu_text: "1m".to_owned(), memory_text: "1".to_owned() }
}

pub(super) fn variable(node: &Node) -> Option<EnvironmentVariable> {
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

pub(super) fn config(node: &Node, files: &Files, diagnostics: &mut Diagnostics) -> Option<Config> {
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

pub(super) fn readiness(node: &Node, ports: &[Port], diagnostics: &mut Diagnostics) -> Option<Readiness> {
    let port = text_field(node, "port").or_else(|| first_port(node, ports));
    if port.is_none() {
        diagnostics.push(missing_field::found(node, "port", "\"http\""));
    }
    Some(Readiness { http_path: text_field(node, "http"), port: port? })
}

/// The first port stands for "the" port; its place is the node that leaves it out.
pub(super) fn first_port(node: &Node, ports: &[Port]) -> Option<Spanned<String>> {
    ports.first().map(|port| Spanned::new(port.name.value.clone(), node.span))
}
