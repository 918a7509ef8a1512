//! HorizontalPodAutoscaler: scales one revision by its CPU use.

use k8s_openapi::api::autoscaling::v2::{
    CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricSpec,
    MetricTarget, ResourceMetricSource,
};

use super::{Kind, labels};
use crate::app::{Cell, Component, Scale};
use crate::object::Object;

/// `HorizontalPodAutoscaler`
pub static KIND: Kind = Kind {
    name: "HorizontalPodAutoscaler",
    docs: "Scales one revision of a component by its CPU use. While two revisions run, each has its own, and the \
           rollout divides the bounds between them.",
    ready: "it exists",
};

/// The autoscaler of a revision, if the component has one.
pub fn lower(cell: &Cell, component: &Component, revision: &str) -> Option<Object> {
    let Scale::Auto(auto) = &component.scale else { return None };
    let name = format!("{}-{revision}", component.name.value);
    let target = MetricTarget {
        type_: "Utilization".to_owned(),
        average_utilization: Some(auto.cpu_percent.value as i32),
        ..MetricTarget::default()
    };
    let metric = MetricSpec {
        type_: "Resource".to_owned(),
        resource: Some(ResourceMetricSource { name: "cpu".to_owned(), target }),
        ..MetricSpec::default()
    };
    let spec = HorizontalPodAutoscalerSpec {
        scale_target_ref: CrossVersionObjectReference {
            api_version: Some("apps/v1".to_owned()),
            kind: "Deployment".to_owned(),
            name: name.clone(),
        },
        min_replicas: Some(auto.min.value as i32),
        max_replicas: auto.max.value as i32,
        metrics: Some(vec![metric]),
        ..HorizontalPodAutoscalerSpec::default()
    };
    let mut metadata = labels::metadata(cell, component, name);
    metadata.labels.get_or_insert_default().insert(labels::REVISION.to_owned(), revision.to_owned());
    let autoscaler = HorizontalPodAutoscaler { metadata, spec, ..HorizontalPodAutoscaler::default() };
    Some(Object::of_component(autoscaler, &component.name.value, &component.name.value))
}
