//! StatefulSet: a stateful component, with one name and one set of disks a member.

use k8s_openapi::api::apps::v1::{
    RollingUpdateStatefulSetStrategy, StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy,
    StatefulSetSpec, StatefulSetUpdateStrategy,
};

use super::{Kind, container, labels, persistent_volume_claim, pod, service};
use crate::app::{Cell, Cluster, Component, Scale, StartOrder};
use crate::object::Object;

/// `StatefulSet`
pub static KIND: Kind = Kind {
    name: "StatefulSet",
    docs: "A stateful component under its own name: its members keep their numbers, names and disks over every \
           revision, which is a label of the template. The partition equals the count, so that applying it moves no \
           member: the rollout lowers it, and the member with the highest number comes first. Disks stay when the set \
           or a member goes.",
    ready: "the members at and above the partition are ready and of the new revision",
};

/// The component's set.
pub fn lower(cluster: &Cluster, cell: &Cell, component: &Component, configs: &[Object]) -> Object {
    let (template, revision) = pod::revisioned(pod::template(cluster, cell, component, configs));
    let name = &component.name.value;
    let replicas = match &component.scale {
        Scale::Fixed(count) => count.value as i32,
        Scale::Auto(auto) => auto.min.value as i32,
    };
    let keep = || Some("Retain".to_owned());
    let spec = StatefulSetSpec {
        replicas: Some(replicas),
        service_name: Some(service::headless_name(component)),
        // Without the revision, since a selector cannot change.
        selector: labels::label_selector(labels::selector(component)),
        pod_management_policy: Some(
            match component.start {
                StartOrder::Ordered => "OrderedReady",
                StartOrder::Parallel => "Parallel",
            }
            .to_owned(),
        ),
        update_strategy: Some(StatefulSetUpdateStrategy {
            type_: Some("RollingUpdate".to_owned()),
            rolling_update: Some(RollingUpdateStatefulSetStrategy {
                partition: Some(replicas),
                ..RollingUpdateStatefulSetStrategy::default()
            }),
        }),
        min_ready_seconds: component.release.min_ready_seconds.map(|seconds| seconds.value as i32),
        volume_claim_templates: container::some(persistent_volume_claim::templates(component)),
        persistent_volume_claim_retention_policy: Some(StatefulSetPersistentVolumeClaimRetentionPolicy {
            when_deleted: keep(),
            when_scaled: keep(),
        }),
        template,
        ..StatefulSetSpec::default()
    };
    let mut metadata = labels::metadata(cell, component, name.clone());
    metadata.labels.get_or_insert_default().insert(labels::REVISION.to_owned(), revision);
    let set = StatefulSet { metadata, spec: Some(spec), ..StatefulSet::default() };
    Object::of_component(set, name, name)
}
