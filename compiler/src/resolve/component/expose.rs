//! Who may reach a component.

use super::container::first_port;
use super::{field, text_field};
use crate::app::{Expose, Port, Scope};
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::resolve::{defaults, form};
use crate::rules::missing_field;
use crate::source::Spanned;

pub(super) fn expose(node: &Node, ports: &[Port], diagnostics: &mut Diagnostics) -> Option<Expose> {
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
