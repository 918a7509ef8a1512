//! How many pods a component has, and where they may run.

use super::{cron, field, text_field, whole_field};
use crate::app::{
    Amount, Autoscale, Burst, Change, Described, Metric, MetricName, Resource, ResourceTarget, Restraint,
    Scale, ScalingPolicy, Select,
};
use crate::diag::Diagnostics;
use crate::document::{Node, Value};
use crate::resolve::{defaults, form, platform};
use crate::rules::{metric_target, missing_field, replicas_and_scale};
use crate::source::Spanned;

pub(super) fn scale(node: &Node, diagnostics: &mut Diagnostics) -> Option<Scale> {
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
    let min = scale.child("min").map(|_| whole_field(scale, "min"));
    let metrics = metrics(scale, diagnostics);
    let crons = scale.children_named("cron").filter_map(|node| cron::cron(node, diagnostics)).collect();
    let behavior = |key| scale.child("behavior").and_then(|node| node.child(key)).map(restraint);
    Some(Scale::Auto(Box::new(Autoscale {
        min: min.unwrap_or(Some(Spanned::new(defaults::SCALE_MIN, scale.span)))?,
        max: whole_field(scale, "max")?,
        metrics,
        up: behavior("up"),
        down: behavior("down"),
        crons,
    })))
}

/// Every metric in the order of the schema; CPU where none is written.
fn metrics(scale: &Node, diagnostics: &mut Diagnostics) -> Vec<Metric> {
    let of_pods = resources(scale).map(|(resource, target)| Metric::Resource { resource, target });
    let mut metrics: Vec<Metric> = of_pods.collect();
    metrics.extend(scale.children_named("container").flat_map(|node| container(node, diagnostics)));
    metrics.extend(scale.children_named("pods").filter_map(|node| pods(node, diagnostics)));
    metrics.extend(scale.children_named("object").filter_map(|node| object(node, diagnostics)));
    metrics.extend(scale.children_named("external").filter_map(|node| {
        let target = amount(node, diagnostics);
        Some(Metric::External { name: metric_name(node)?, target: target? })
    }));
    let written = ["cpu", "memory", "container", "pods", "object", "external"];
    if written.iter().all(|key| scale.child(key).is_none()) {
        let target = ResourceTarget::Utilization(defaults::CPU_PERCENT);
        metrics.push(Metric::Resource { resource: Resource::Cpu, target });
    }
    metrics
}

/// The targets of CPU and memory that a node has.
fn resources(node: &Node) -> impl Iterator<Item = (Resource, ResourceTarget)> {
    let all = [Resource::Cpu, Resource::Memory].into_iter();
    all.filter_map(|resource| Some((resource, resource_target(field(node, resource.name())?)?)))
}

fn container(node: &Node, diagnostics: &mut Diagnostics) -> Vec<Metric> {
    if node.child("cpu").is_none() && node.child("memory").is_none() {
        diagnostics.push(missing_field::found(node, "cpu", "\"60%\""));
    }
    let Some(container) = platform::name(node) else { return Vec::new() };
    let metric = |(resource, target)| Metric::Container { container: container.clone(), resource, target };
    resources(node).map(metric).collect()
}

fn resource_target(value: &Value) -> Option<ResourceTarget> {
    let text = value.as_text()?;
    Some(
        form::percent(value)
            .map_or_else(|| ResourceTarget::Average(text.to_owned()), ResourceTarget::Utilization),
    )
}

fn pods(node: &Node, diagnostics: &mut Diagnostics) -> Option<Metric> {
    if node.child("average").is_none() {
        diagnostics.push(missing_field::found(node, "average", "\"100\""));
    }
    let average = form::quantity_text(field(node, "average")?)?.to_owned();
    Some(Metric::Pods { name: metric_name(node)?, average })
}

fn object(node: &Node, diagnostics: &mut Diagnostics) -> Option<Metric> {
    if node.child("of").is_none() {
        diagnostics.push(missing_field::found(node, "of", "\"Ingress/web\""));
    }
    let target = amount(node, diagnostics);
    let of = Described::from_text(field(node, "of")?.as_text()?)?;
    Some(Metric::Object { name: metric_name(node)?, of, target: target? })
}

fn metric_name(node: &Node) -> Option<MetricName> {
    let pair = |node: &Node| {
        let (key, value) = (node.values.first()?.as_text()?, node.values.get(1)?.as_text()?);
        Some((key.to_owned(), value.to_owned()))
    };
    let selector = node.children_named("selector").filter_map(pair).collect();
    Some(MetricName { name: platform::name(node)?, selector })
}

/// Exactly one of `value` and `average`.
fn amount(node: &Node, diagnostics: &mut Diagnostics) -> Option<Amount> {
    let (whole, average) = (node.child("value"), node.child("average"));
    if whole.is_some() == average.is_some() {
        diagnostics.push(metric_target::found(node, whole.zip(average)));
    }
    let text = |key| {
        let value = field(node, key)?;
        Some(Spanned::new(form::quantity_text(value)?.to_owned(), value.span))
    };
    text("value").map(Amount::Value).or_else(|| text("average").map(Amount::Average))
}

fn restraint(node: &Node) -> Restraint {
    let select = text_field(node, "select").and_then(|word| match word.value.as_str() {
        "most" => Some(Select::Most),
        "least" => Some(Select::Least),
        "nothing" => Some(Select::Nothing),
        _ => None,
    });
    let tolerance = field(node, "tolerance");
    Restraint {
        window_seconds: field(node, "window").and_then(form::seconds),
        select,
        policies: node.children_named("policy").filter_map(policy).collect(),
        tolerance_milli: tolerance
            .and_then(|value| Some(Spanned::new(form::percent(value)? * 10, value.span))),
    }
}

fn policy(node: &Node) -> Option<ScalingPolicy> {
    let value = node.values.first()?;
    let count = form::integer(value).and_then(|count| u32::try_from(count).ok()).map(Change::Pods);
    let change = count.or_else(|| form::percent(value).map(Change::Percent))?;
    let every_seconds = field(node, "every").and_then(form::seconds).unwrap_or(defaults::POLICY_SECONDS);
    Some(ScalingPolicy { change, every_seconds })
}

pub(super) fn burst(node: &Node) -> Option<Spanned<Burst>> {
    let value = field(node, "burst")?;
    let burst = match value.as_text()? {
        "when-short" => Burst::WhenShort,
        "only" => Burst::Only,
        _ => Burst::Never,
    };
    Some(Spanned::new(burst, value.span))
}
