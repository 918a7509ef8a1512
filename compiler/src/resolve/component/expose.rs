//! Who may reach a component.

use super::container::first_port;
use super::{field, text_field};
use crate::app::{Balancer, Expose, Port, Scope, Via};
use crate::diag::Diagnostics;
use crate::document::{Node, Value};
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
    let drain = field(node, "drain");
    let via = node.child("via");
    let shared = via.and_then(|via| field(via, "shared")).is_some_and(Value::is_true);
    let hosts = node.children_named("host").flat_map(|host| &host.values);
    Some(Expose {
        scope: Spanned::new(scope_value, scope.span),
        port: written.unwrap_or(Some(fallback))?,
        target,
        drain_ns: drain.and_then(form::duration_ns).unwrap_or(defaults::DRAIN_NS),
        drain_span: drain.map_or(node.span, |value| value.span),
        via: via.and_then(via_kind).unwrap_or(Spanned::new(Via::LoadBalancer, scope.span)),
        balancer: via.and_then(|via| text_field(via, "id")).map(|id| Balancer { id, shared }),
        shared,
        hosts: hosts
            .filter_map(|value| Some(Spanned::new(value.as_text()?.to_owned(), value.span)))
            .collect(),
        path: text_field(node, "path"),
        tls: text_field(node, "tls"),
    })
}

fn via_kind(node: &Node) -> Option<Spanned<Via>> {
    let value = node.values.first()?;
    let kinds = [Via::LoadBalancer, Via::Alb, Via::Gateway];
    let kind = kinds.into_iter().find(|kind| Some(kind.name()) == value.as_text())?;
    Some(Spanned::new(kind, value.span))
}
