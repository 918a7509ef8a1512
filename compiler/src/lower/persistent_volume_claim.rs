//! `PersistentVolumeClaim`: the share of all pods of a component, and the disk of each member.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{Kind, labels};
use crate::app::{Cell, Claim, Component, Volume, VolumeKind};
use crate::object::Object;

/// `PersistentVolumeClaim`
pub static KIND: Kind = Kind {
    name: "PersistentVolumeClaim",
    docs: "One network share for all pods of a component, over all revisions. The disks of a stateful component have \
           no object here: its StatefulSet makes one claim a member.",
    ready: "it exists",
};

/// The shares of a component, in the order written.
pub fn lower(cell: &Cell, component: &Component) -> Vec<Object> {
    let one = |volume: &Volume| {
        let VolumeKind::Nas(claim) = &volume.kind.value else { return None };
        let logical_name = name(component, volume);
        let metadata = labels::metadata(cell, component, logical_name.clone());
        let spec = Some(spec(claim, "ReadWriteMany"));
        let claim = PersistentVolumeClaim { metadata, spec, ..PersistentVolumeClaim::default() };
        Some(Object::of_component(claim, &logical_name, &component.name.value))
    };
    component.volumes.iter().filter_map(one).collect()
}

/// What a share is called.
pub fn name(component: &Component, volume: &Volume) -> String {
    format!("{}-{}", component.name.value, volume.name.value)
}

/// The claims that each member of a stateful component gets. Labels are those that select the component alone: the
/// list cannot change afterwards.
pub fn templates(component: &Component) -> Vec<PersistentVolumeClaim> {
    let one = |volume: &Volume| {
        let VolumeKind::Disk(claim) = &volume.kind.value else { return None };
        let own: BTreeMap<String, String> = labels::selector(component);
        let name = Some(volume.name.value.clone());
        let metadata = ObjectMeta { name, labels: Some(own), ..ObjectMeta::default() };
        let spec = Some(spec(claim, "ReadWriteOnce"));
        Some(PersistentVolumeClaim { metadata, spec, ..PersistentVolumeClaim::default() })
    };
    component.volumes.iter().filter_map(one).collect()
}

fn spec(claim: &Claim, access: &str) -> PersistentVolumeClaimSpec {
    let storage = ("storage".to_owned(), Quantity(claim.size.clone()));
    PersistentVolumeClaimSpec {
        access_modes: Some(vec![access.to_owned()]),
        storage_class_name: claim.class.clone(),
        resources: Some(VolumeResourceRequirements {
            requests: Some(BTreeMap::from([storage])),
            ..VolumeResourceRequirements::default()
        }),
        ..PersistentVolumeClaimSpec::default()
    }
}
