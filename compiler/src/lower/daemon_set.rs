//! DaemonSet: a daemon, with one pod on each node of its operating system.

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy};

use super::{Kind, labels, pod};
use crate::app::{Cell, Cluster, Component};
use crate::object::Object;

/// `DaemonSet`
pub static KIND: Kind = Kind {
    name: "DaemonSet",
    docs: "A daemon under its own name: one pod on each node of its operating system, control plane nodes included and \
           the virtual node never. The revision is a label of the template. Applying it replaces no pod (`OnDelete`): \
           the rollout does, node by node.",
    ready: "the pods of the batch's nodes are available and of the new revision",
};

/// The component's set.
pub fn lower(cluster: &Cluster, cell: &Cell, component: &Component, configs: &[Object]) -> Object {
    let (template, revision) = pod::revisioned(pod::template(cluster, cell, component, configs));
    let name = &component.name.value;
    let spec = DaemonSetSpec {
        // Without the revision, since a selector cannot change.
        selector: labels::label_selector(labels::selector(component)),
        update_strategy: Some(DaemonSetUpdateStrategy {
            type_: Some("OnDelete".to_owned()),
            ..DaemonSetUpdateStrategy::default()
        }),
        template,
        min_ready_seconds: component.release.min_ready_seconds.map(|seconds| seconds.value as i32),
        ..DaemonSetSpec::default()
    };
    let mut metadata = labels::metadata(cell, component, name.clone());
    metadata.labels.get_or_insert_default().insert(labels::REVISION.to_owned(), revision);
    let set = DaemonSet { metadata, spec: Some(spec), ..DaemonSet::default() };
    Object::of_component(set, name, name)
}
