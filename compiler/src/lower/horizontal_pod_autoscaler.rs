//! HorizontalPodAutoscaler: scales one revision by what is measured.

use std::collections::BTreeMap;

use k8s_openapi::api::autoscaling::v2::{
    ContainerResourceMetricSource, CrossVersionObjectReference, ExternalMetricSource, HPAScalingPolicy,
    HPAScalingRules, HorizontalPodAutoscaler, HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerSpec,
    MetricIdentifier, MetricSpec, MetricTarget, ObjectMetricSource, PodsMetricSource, ResourceMetricSource,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::{Kind, labels};
use crate::app::{
    Amount, Autoscale, Cell, Change, Component, Metric, MetricName, ResourceTarget, Restraint, Scale,
    ScalingPolicy, Select,
};
use crate::object::Object;

/// `HorizontalPodAutoscaler`
pub static KIND: Kind = Kind {
    name: "HorizontalPodAutoscaler",
    docs: "Scales one revision of a component by its metrics. While two revisions run, each has its own, and the \
           rollout divides the bounds between them. Bounds belong to the rollout and to scaling by the clock: an \
           apply never takes back what an open window has raised.",
    ready: "it exists",
};

/// The autoscaler of a revision, if the component has one.
pub fn lower(cell: &Cell, component: &Component, revision: &str) -> Option<Object> {
    let Scale::Auto(auto) = &component.scale else { return None };
    let name = format!("{}-{revision}", component.name.value);
    let spec = HorizontalPodAutoscalerSpec {
        scale_target_ref: CrossVersionObjectReference {
            api_version: Some("apps/v1".to_owned()),
            kind: "Deployment".to_owned(),
            name: name.clone(),
        },
        min_replicas: Some(auto.min.value as i32),
        max_replicas: auto.max.value as i32,
        metrics: Some(auto.metrics.iter().map(metric).collect()),
        behavior: behavior(auto),
    };
    let mut metadata = labels::metadata(cell, component, name);
    metadata.labels.get_or_insert_default().insert(labels::REVISION.to_owned(), revision.to_owned());
    let autoscaler = HorizontalPodAutoscaler { metadata, spec, ..HorizontalPodAutoscaler::default() };
    Some(Object::of_component(autoscaler, &component.name.value, &component.name.value))
}

fn metric(metric: &Metric) -> MetricSpec {
    let of_type = |type_: &str| MetricSpec { type_: type_.to_owned(), ..MetricSpec::default() };
    match metric {
        Metric::Resource { resource, target } => MetricSpec {
            resource: Some(ResourceMetricSource {
                name: resource.name().to_owned(),
                target: resource_target(target),
            }),
            ..of_type("Resource")
        },
        Metric::Container { container, resource, target } => MetricSpec {
            container_resource: Some(ContainerResourceMetricSource {
                container: container.value.clone(),
                name: resource.name().to_owned(),
                target: resource_target(target),
            }),
            ..of_type("ContainerResource")
        },
        Metric::Pods { name, average } => MetricSpec {
            pods: Some(PodsMetricSource { metric: identifier(name), target: average_value(average) }),
            ..of_type("Pods")
        },
        Metric::Object { name, of, target } => MetricSpec {
            object: Some(ObjectMetricSource {
                described_object: CrossVersionObjectReference {
                    api_version: Some(of.api_version.to_owned()),
                    kind: of.kind.to_owned(),
                    name: of.name.clone(),
                },
                metric: identifier(name),
                target: amount(target),
            }),
            ..of_type("Object")
        },
        Metric::External { name, target } => MetricSpec {
            external: Some(ExternalMetricSource { metric: identifier(name), target: amount(target) }),
            ..of_type("External")
        },
    }
}

fn identifier(name: &MetricName) -> MetricIdentifier {
    let selector: BTreeMap<String, String> = name.selector.iter().cloned().collect();
    MetricIdentifier {
        name: name.name.value.clone(),
        selector: (!selector.is_empty()).then(|| labels::label_selector(selector)),
    }
}

fn resource_target(target: &ResourceTarget) -> MetricTarget {
    match target {
        ResourceTarget::Utilization(percent) => MetricTarget {
            type_: "Utilization".to_owned(),
            average_utilization: Some(*percent as i32),
            ..MetricTarget::default()
        },
        ResourceTarget::Average(quantity) => average_value(quantity),
    }
}

fn amount(amount: &Amount) -> MetricTarget {
    match amount {
        Amount::Average(quantity) => average_value(&quantity.value),
        Amount::Value(quantity) => MetricTarget {
            type_: "Value".to_owned(),
            value: Some(Quantity(quantity.value.clone())),
            ..MetricTarget::default()
        },
    }
}

fn average_value(quantity: &str) -> MetricTarget {
    MetricTarget {
        type_: "AverageValue".to_owned(),
        average_value: Some(Quantity(quantity.to_owned())),
        ..MetricTarget::default()
    }
}

fn behavior(auto: &Autoscale) -> Option<HorizontalPodAutoscalerBehavior> {
    let (scale_up, scale_down) = (auto.up.as_ref().map(rules), auto.down.as_ref().map(rules));
    let some = scale_up.is_some() || scale_down.is_some();
    some.then_some(HorizontalPodAutoscalerBehavior { scale_up, scale_down })
}

/// What is not written is left to the API server, which knows Kubernetes' own values.
fn rules(restraint: &Restraint) -> HPAScalingRules {
    let select = restraint.select.map(|select| match select {
        Select::Most => "Max",
        Select::Least => "Min",
        Select::Nothing => "Disabled",
    });
    let policies = &restraint.policies;
    HPAScalingRules {
        policies: (!policies.is_empty()).then(|| policies.iter().map(policy).collect()),
        select_policy: select.map(str::to_owned),
        stabilization_window_seconds: restraint.window_seconds.map(|seconds| seconds as i32),
        tolerance: restraint.tolerance_milli.map(|milli| Quantity(format!("{}m", milli.value))),
    }
}

fn policy(policy: &ScalingPolicy) -> HPAScalingPolicy {
    let (type_, value) = match policy.change {
        Change::Pods(count) => ("Pods", count),
        Change::Percent(percent) => ("Percent", percent),
    };
    HPAScalingPolicy {
        type_: type_.to_owned(),
        value: value as i32,
        period_seconds: policy.every_seconds as i32,
    }
}
