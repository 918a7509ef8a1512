//! Volumes of a pod, and where its containers find them.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    ConfigMapProjection, ConfigMapVolumeSource, EmptyDirVolumeSource, HostPathVolumeSource, NFSVolumeSource,
    PersistentVolumeClaimVolumeSource, ProjectedVolumeSource, SecretVolumeSource, Volume as CoreVolume,
    VolumeMount, VolumeProjection,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::persistent_volume_claim;
use crate::app::{Component, Config, Container, Os, Volume, VolumeKind};
use crate::object::Object;

/// The volumes of a pod, and the mounts of each of its containers in the order of
/// [`Component::every_container`]; `configs` holds the ConfigMaps of [`Component::configs`].
pub fn lower(component: &Component, configs: &[Object]) -> (Vec<CoreVolume>, Vec<Vec<VolumeMount>>) {
    let mut volumes: Vec<CoreVolume> = Vec::new();
    let mut mounts = Vec::new();
    let mut names = configs.iter().map(|object| object.key().name);
    for container in component.every_container() {
        let files = container.configs.iter().zip(names.by_ref()).collect();
        let mut own = match component.os {
            Os::Linux => single_files(files, &mut volumes),
            Os::Windows(_) => folders(files, &mut volumes),
        };
        own.extend(mounted(container));
        mounts.push(own);
    }
    volumes.extend(component.volumes.iter().filter_map(|volume| volume_of(component, volume)));
    (volumes, mounts)
}

/// One volume and one mount a file, so that the folder's other files stay visible.
fn single_files(files: Vec<(&Config, String)>, volumes: &mut Vec<CoreVolume>) -> Vec<VolumeMount> {
    let one = |(config, name): (&Config, String)| {
        let source = ConfigMapVolumeSource { name, ..ConfigMapVolumeSource::default() };
        let volume = format!("config-{}", volumes.len());
        volumes.push(CoreVolume { name: volume.clone(), config_map: Some(source), ..CoreVolume::default() });
        let file = &config.name.value;
        VolumeMount {
            name: volume,
            mount_path: format!("{}/{file}", config.mount.value.trim_end_matches('/')),
            sub_path: Some(file.clone()),
            read_only: Some(true),
            ..VolumeMount::default()
        }
    };
    files.into_iter().map(one).collect()
}

/// One volume a folder, since Windows mounts no single files; the folder holds nothing else.
fn folders(files: Vec<(&Config, String)>, volumes: &mut Vec<CoreVolume>) -> Vec<VolumeMount> {
    let mut folders: BTreeMap<&str, Vec<VolumeProjection>> = BTreeMap::new();
    for (config, name) in files {
        let source = ConfigMapProjection { name, ..ConfigMapProjection::default() };
        let projection = VolumeProjection { config_map: Some(source), ..VolumeProjection::default() };
        folders.entry(config.mount.value.trim_end_matches('/')).or_default().push(projection);
    }
    let one = |(folder, sources): (&str, Vec<VolumeProjection>)| {
        let projected = ProjectedVolumeSource { sources: Some(sources), ..ProjectedVolumeSource::default() };
        let volume = format!("config-{}", volumes.len());
        volumes.push(CoreVolume {
            name: volume.clone(),
            projected: Some(projected),
            ..CoreVolume::default()
        });
        VolumeMount {
            name: volume,
            mount_path: folder.to_owned(),
            read_only: Some(true),
            ..VolumeMount::default()
        }
    };
    folders.into_iter().map(one).collect()
}

fn mounted(container: &Container) -> impl Iterator<Item = VolumeMount> {
    container.mounts.iter().map(|mount| VolumeMount {
        name: mount.volume.value.clone(),
        mount_path: mount.path.value.clone(),
        read_only: mount.read_only.then_some(true),
        ..VolumeMount::default()
    })
}

/// A disk is no volume of the template: the StatefulSet makes a claim for each member.
fn volume_of(component: &Component, volume: &Volume) -> Option<CoreVolume> {
    let mut lowered = CoreVolume { name: volume.name.value.clone(), ..CoreVolume::default() };
    match &volume.kind.value {
        VolumeKind::Disk(_) => return None,
        VolumeKind::Nas(_) => {
            let claim_name = persistent_volume_claim::name(component, volume);
            let source = PersistentVolumeClaimVolumeSource { claim_name, read_only: None };
            lowered.persistent_volume_claim = Some(source);
        }
        VolumeKind::Share(share) => {
            let (server, path) = (share.server.clone(), share.path.value.clone());
            lowered.nfs = Some(NFSVolumeSource { server, path, read_only: None });
        }
        VolumeKind::Scratch { size, in_memory } => {
            lowered.empty_dir = Some(EmptyDirVolumeSource {
                medium: in_memory.then(|| "Memory".to_owned()),
                size_limit: size.clone().map(Quantity),
            });
        }
        VolumeKind::Host { path } => {
            lowered.host_path = Some(HostPathVolumeSource { path: path.clone(), type_: None });
        }
        VolumeKind::Secret { name } => {
            let secret_name = Some(name.clone());
            lowered.secret = Some(SecretVolumeSource { secret_name, ..SecretVolumeSource::default() });
        }
    }
    Some(lowered)
}
