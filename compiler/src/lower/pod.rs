//! The pod template: containers, probes, volumes, and where pods may run; the same for every kind of workload.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, Container, ContainerPort, EnvVar, EnvVarSource, HTTPGetAction, Lifecycle,
    LifecycleHandler, PodSpec, PodTemplateSpec, Probe, ResourceRequirements, SecretKeySelector, SleepAction,
    TCPSocketAction, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{labels, placement, spread};
use crate::app::{Cell, Cluster, Component, EnvironmentValue, EnvironmentVariable, Readiness, Resources};
use crate::object::Object;

/// What a process has to end after it was told to, in seconds: what Kubernetes gives unless told.
const STOP_SECONDS: i64 = 30;

/// The pod template of a component but for the revision label, which is the hash of all the rest.
pub fn template(
    cluster: &Cluster,
    cell: &Cell,
    component: &Component,
    configs: &[Object],
) -> PodTemplateSpec {
    let (volumes, mounts) = mounted(component, configs);
    let drain_seconds =
        component.expose.as_ref().map(|expose| expose.drain_ns.div_ceil(1_000_000_000) as i64);
    let burst = component.burst.value;
    let spec = PodSpec {
        containers: vec![container(component, mounts, drain_seconds)],
        volumes: (!volumes.is_empty()).then_some(volumes),
        tolerations: placement::tolerations(burst),
        affinity: placement::affinity(burst, cluster.provider),
        topology_spread_constraints: spread::constraints(component),
        readiness_gates: spread::readiness_gates(cluster, component),
        termination_grace_period_seconds: drain_seconds.map(|drain| drain + STOP_SECONDS),
        ..PodSpec::default()
    };
    let metadata =
        ObjectMeta { labels: Some(labels::of_component(cell, component)), ..ObjectMeta::default() };
    PodTemplateSpec { metadata: Some(metadata), spec: Some(spec) }
}

fn container(component: &Component, mounts: Vec<VolumeMount>, drain_seconds: Option<i64>) -> Container {
    let ports = component.ports.iter().map(|port| ContainerPort {
        name: Some(port.name.value.clone()),
        container_port: i32::from(port.number.value),
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    });
    // The pod goes on serving while load balancers and kube-proxy forget it.
    let lifecycle = drain_seconds.map(|seconds| Lifecycle {
        pre_stop: Some(LifecycleHandler {
            sleep: Some(SleepAction { seconds }),
            ..LifecycleHandler::default()
        }),
        ..Lifecycle::default()
    });
    Container {
        name: component.name.value.clone(),
        image: Some(component.image.value.clone()),
        ports: (!component.ports.is_empty()).then(|| ports.collect()),
        env: (!component.env.is_empty()).then(|| component.env.iter().map(variable).collect()),
        resources: Some(resources(&component.resources)),
        readiness_probe: component.readiness.as_ref().map(probe),
        lifecycle,
        volume_mounts: (!mounts.is_empty()).then_some(mounts),
        ..Container::default()
    }
}

/// Memory is limited to what is requested, or a leak would take its neighbours along; CPU is not limited,
/// since a limit throttles a pod while its node is idle.
fn resources(resources: &Resources) -> ResourceRequirements {
    let memory = ("memory".to_owned(), Quantity(resources.memory_text.clone()));
    let cpu = ("cpu".to_owned(), Quantity(resources.cpu_text.clone()));
    ResourceRequirements {
        requests: Some(BTreeMap::from([cpu, memory.clone()])),
        limits: Some(BTreeMap::from([memory])),
        ..ResourceRequirements::default()
    }
}

fn variable(variable: &EnvironmentVariable) -> EnvVar {
    let name = variable.name.value.clone();
    match &variable.value {
        EnvironmentValue::Text(text) => EnvVar { name, value: Some(text.clone()), ..EnvVar::default() },
        EnvironmentValue::Secret { name: secret, key } => {
            let key =
                SecretKeySelector { name: secret.clone(), key: key.clone(), ..SecretKeySelector::default() };
            let source = EnvVarSource { secret_key_ref: Some(key), ..EnvVarSource::default() };
            EnvVar { name, value_from: Some(source), ..EnvVar::default() }
        }
    }
}

fn probe(readiness: &Readiness) -> Probe {
    let port = IntOrString::String(readiness.port.value.clone());
    let http = readiness.http_path.as_ref().map(|path| path.value.clone());
    let tcp = http.is_none().then(|| TCPSocketAction { port: port.clone(), ..TCPSocketAction::default() });
    Probe {
        http_get: http.map(|path| HTTPGetAction { path: Some(path), port, ..HTTPGetAction::default() }),
        tcp_socket: tcp,
        // Half of what Kubernetes takes: under a spike every second until a new pod counts.
        period_seconds: Some(5),
        ..Probe::default()
    }
}

/// One volume and one mount a file, so that the folder's other files stay visible.
fn mounted(component: &Component, configs: &[Object]) -> (Vec<Volume>, Vec<VolumeMount>) {
    let one = |(index, (config, object)): (usize, (&crate::app::Config, &Object))| {
        let name = format!("config-{index}");
        let source = ConfigMapVolumeSource { name: object.key().name, ..ConfigMapVolumeSource::default() };
        let volume = Volume { name: name.clone(), config_map: Some(source), ..Volume::default() };
        let file = &config.name.value;
        let mount = VolumeMount {
            name,
            mount_path: format!("{}/{file}", config.mount.value.trim_end_matches('/')),
            sub_path: Some(file.clone()),
            read_only: Some(true),
            ..VolumeMount::default()
        };
        (volume, mount)
    };
    component.configs.iter().zip(configs).enumerate().map(one).unzip()
}
