//! What is watched: a component's alerts and logs, a cluster's log store, the platform's receivers.

use super::component::{field, text_field};
use super::{defaults, form, platform};
use crate::app::{
    Alert, AlertSeverity, LogSource, LogStore, Logs, Receiver, ReceiverKind, Signal, Threshold, WatchedEvent,
};
use crate::diag::Diagnostics;
use crate::document::{Node, Value};
use crate::rules::{log_source, missing_field};
use crate::source::Spanned;

/// One alert of a component.
pub(super) fn alert(node: &Node) -> Option<Alert> {
    let value = node.values.first()?;
    let critical = field(node, "severity").and_then(Value::as_text) == Some("critical");
    let above = field(node, "above").and_then(|value| Some(Spanned::new(threshold(value)?, value.span)));
    Some(Alert {
        signal: Spanned::new(Signal::from_word(value.as_text()?)?, value.span),
        above,
        for_ns: field(node, "for").and_then(form::duration_ns).unwrap_or(defaults::ALERT_FOR_NS),
        severity: if critical { AlertSeverity::Critical } else { AlertSeverity::Warning },
    })
}

fn threshold(value: &Value) -> Option<Threshold> {
    let count = form::integer(value).and_then(|count| u32::try_from(count).ok()).map(Threshold::Count);
    count.or_else(|| form::percent(value).map(Threshold::Percent))
}

/// One source of a component's logs.
pub(super) fn logs(node: &Node, diagnostics: &mut Diagnostics) -> Option<Logs> {
    let source = match (node.values.first(), text_field(node, "file")) {
        (Some(value), None) => Spanned::new(LogSource::Stdout, value.span),
        (None, Some(file)) => Spanned::new(LogSource::File(file.value), file.span),
        (Some(_), Some(_)) | (None, None) => {
            diagnostics.push(log_source::found(node));
            return None;
        }
    };
    Some(Logs { source })
}

/// Where a cluster's logs are kept.
pub(super) fn log_store(node: &Node, diagnostics: &mut Diagnostics) -> Option<LogStore> {
    needed(
        node,
        &[("project", "\"k8s-log-shop\""), ("logstore", "\"apps\""), ("region", "\"cn-hangzhou\"")],
        diagnostics,
    );
    let text = |key| text_field(node, key).map(|text| text.value);
    let region = text("region")?;
    Some(LogStore {
        project: text("project")?,
        logstore: text("logstore")?,
        endpoint: text("endpoint").unwrap_or_else(|| format!("{region}.log.aliyuncs.com")),
        region,
    })
}

/// The labels that a cluster's Prometheus operator looks for.
pub(super) fn rule_labels(cluster: &Node) -> Vec<(String, String)> {
    let nodes = cluster.child("monitoring").into_iter().flat_map(|node| node.children_named("rule-label"));
    let text = |node: &Node, index: usize| node.values.get(index)?.as_text().map(str::to_owned);
    nodes.filter_map(|node| Some((text(node, 0)?, text(node, 1)?))).collect()
}

/// The image of a cluster's node-problem-detector.
pub(super) fn detector(cluster: &Node, diagnostics: &mut Diagnostics) -> Option<Spanned<String>> {
    let node = cluster.child("node-problem-detector")?;
    needed(node, &[("image", "\"registry.example.com/node-problem-detector:0.8\"")], diagnostics);
    text_field(node, "image")
}

/// One receiver of the platform.
pub(super) fn receiver(node: &Node, diagnostics: &mut Diagnostics) -> Option<Receiver> {
    needed(node, &[("kind", "\"webhook\""), ("address", "(secret)\"alerts/webhook\"")], diagnostics);
    let kind = field(node, "kind")?;
    let kind_value = match kind.as_text()? {
        "dingtalk" => ReceiverKind::Dingtalk,
        _ => ReceiverKind::Webhook,
    };
    let address = field(node, "address").and_then(|value| {
        let (name, key) = form::secret(value.as_text()?)?;
        Some(Spanned::new((name.to_owned(), key.to_owned()), value.span))
    });
    let words = node.children_named("event").flat_map(|node| &node.values);
    let event = |value: &Value| Some(Spanned::new(WatchedEvent::from_word(value.as_text()?)?, value.span));
    Some(Receiver {
        name: platform::name(node)?,
        kind: Spanned::new(kind_value, kind.span),
        address,
        adapter: text_field(node, "adapter"),
        events: words.filter_map(event).collect(),
    })
}

fn needed(node: &Node, fields: &[(&str, &str)], diagnostics: &mut Diagnostics) {
    for (key, example) in fields {
        if node.child(key).is_none() {
            diagnostics.push(missing_field::found(node, key, example));
        }
    }
}
