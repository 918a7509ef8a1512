//! Deployment: one revision of a stateless component.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};

use super::{Kind, labels, pod};
use crate::app::{Cell, Cluster, Component, Scale};
use crate::object::Object;

/// `Deployment`
pub static KIND: Kind = Kind {
    name: "Deployment",
    docs: "One revision of a component: named, labelled and selected by the hash of its pod template, so that two \
           revisions can run side by side. Where an autoscaler exists the count is its own and not written here.",
    ready: "the batch's replicas are available",
};

/// The Deployment of the revision that the component is.
pub fn lower(cluster: &Cluster, cell: &Cell, component: &Component, configs: &[Object]) -> Object {
    let (template, revision) = pod::revisioned(pod::template(cluster, cell, component, configs));
    let name = &component.name.value;
    let mut selected = labels::selector(component);
    selected.insert(labels::REVISION.to_owned(), revision.clone());
    let mut metadata = labels::metadata(cell, component, format!("{name}-{revision}"));
    metadata.labels.get_or_insert_default().insert(labels::REVISION.to_owned(), revision);
    let deployment = Deployment {
        metadata,
        spec: Some(DeploymentSpec {
            replicas: match &component.scale {
                Scale::Fixed(count) => Some(count.value as i32),
                Scale::Auto(_) => None,
            },
            min_ready_seconds: component.release.min_ready_seconds.map(|seconds| seconds.value as i32),
            selector: labels::label_selector(selected),
            template,
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    };
    Object::of_component(deployment, name, name)
}
