//! The pod template: containers, volumes, and where pods may run; the same for every kind of workload.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    PodOS, PodSecurityContext, PodSpec, PodTemplateSpec, SeccompProfile, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{container, dns, labels, placement, spread, volume};
use crate::app::{Cell, Cluster, Component, Container, Setting};
use crate::object::Object;

/// What Kubernetes gives a process to end, in seconds.
const USUAL_GRACE_SECONDS: i64 = 30;

/// The pod template of a component but for the revision label, which is the hash of all the rest.
pub fn template(
    cluster: &Cluster,
    cell: &Cell,
    component: &Component,
    configs: &[Object],
) -> PodTemplateSpec {
    let (volumes, mounts) = volume::lower(component, configs);
    let mut mounts = mounts.into_iter();
    let drain_seconds =
        component.expose.as_ref().map(|expose| expose.drain_ns.div_ceil(1_000_000_000) as i64);
    let mut lowered = |container: &Container, drain| {
        let own: Vec<VolumeMount> = mounts.next().expect("every container has its mounts");
        container::lower(component, container, own, drain)
    };
    let containers = component.running().map(|container| lowered(container, drain_seconds)).collect();
    let inits = component.inits.iter().map(|container| lowered(container, None)).collect();
    let grace_seconds = drain_seconds.unwrap_or(0) + component.stop_ns.div_ceil(1_000_000_000) as i64;
    let spec = PodSpec {
        containers,
        init_containers: container::some(inits),
        volumes: container::some(volumes),
        os: component.os.build().map(|_| PodOS { name: "windows".to_owned() }),
        node_selector: placement::node_selector(cluster, component),
        tolerations: placement::tolerations(component),
        affinity: placement::affinity(component, cluster.provider),
        topology_spread_constraints: spread::constraints(component),
        readiness_gates: spread::readiness_gates(cluster, component),
        host_network: component.host_network.map(|_| true),
        // The node's own resolver would not know the cluster's names.
        dns_policy: component.host_network.map(|_| "ClusterFirstWithHostNet".to_owned()),
        security_context: component.user.map(|user| restricted(user.value)),
        termination_grace_period_seconds: (grace_seconds != USUAL_GRACE_SECONDS).then_some(grace_seconds),
        ..PodSpec::default()
    };
    let mut labels = settings(&component.labels);
    labels.extend(labels::of_component(cell, component));
    let annotations = Some(settings(&component.annotations)).filter(|all| !all.is_empty());
    let metadata = ObjectMeta { labels: Some(labels), annotations, ..ObjectMeta::default() };
    let mut template = PodTemplateSpec { metadata: Some(metadata), spec: Some(spec) };
    dns::add(cluster, cell, component, &mut template);
    template
}

/// The template with its revision, which is the hash of all the rest.
pub fn revisioned(mut template: PodTemplateSpec) -> (PodTemplateSpec, String) {
    let revision = labels::content_hash(&serde_json::to_vec(&template).expect("typed objects serialise"));
    let labels = template.metadata.get_or_insert_default().labels.get_or_insert_default();
    labels.insert(labels::REVISION.to_owned(), revision.clone());
    (template, revision)
}

fn settings(all: &[Setting]) -> BTreeMap<String, String> {
    all.iter().map(|setting| (setting.key.value.clone(), setting.value.clone())).collect()
}

/// What Pod Security's level `restricted` asks of a pod. Volumes belong to the user's group, or only root could write
/// them.
fn restricted(user: u32) -> PodSecurityContext {
    let seccomp = SeccompProfile { type_: "RuntimeDefault".to_owned(), ..SeccompProfile::default() };
    PodSecurityContext {
        run_as_user: Some(i64::from(user)),
        run_as_non_root: Some(true),
        fs_group: Some(i64::from(user)),
        seccomp_profile: Some(seccomp),
        ..PodSecurityContext::default()
    }
}
