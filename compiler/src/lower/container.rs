//! A container: image, ports, resources, variables, probes, and what it may do.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Probe as CoreProbe;
use k8s_openapi::api::core::v1::{
    Capabilities, Container as CoreContainer, ContainerPort, EnvVar, EnvVarSource, ExecAction, GRPCAction,
    HTTPGetAction, Lifecycle, LifecycleHandler, ResourceRequirements, SecretKeySelector, SecurityContext,
    SleepAction, TCPSocketAction, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::app::{
    Component, Container, EnvironmentValue, EnvironmentVariable, Port, Probe, ProbeAction, Resources,
};

/// The container as Kubernetes is told; `drain_seconds` keeps it serving while load balancers forget its pod.
pub fn lower(
    component: &Component,
    container: &Container,
    mounts: Vec<VolumeMount>,
    drain_seconds: Option<i64>,
) -> CoreContainer {
    let on_host = component.host_network.is_some();
    let lifecycle = drain_seconds.map(|seconds| Lifecycle {
        pre_stop: Some(LifecycleHandler {
            sleep: Some(SleepAction { seconds }),
            ..LifecycleHandler::default()
        }),
        ..Lifecycle::default()
    });
    let asked = |probe: &Option<Probe>| probe.as_ref().map(|asked| probe_of(asked, &container.ports));
    CoreContainer {
        name: container.name.value.clone(),
        image: Some(container.image.value.clone()),
        command: some(container.command.clone()),
        args: some(container.args.clone()),
        ports: some(container.ports.iter().map(|port| port_of(port, on_host)).collect()),
        env: some(container.env.iter().map(variable).collect()),
        resources: Some(resources(&container.resources)),
        readiness_probe: asked(&container.readiness),
        liveness_probe: asked(&container.liveness),
        startup_probe: asked(&container.startup),
        security_context: component.user.map(|_| restricted()),
        lifecycle,
        volume_mounts: some(mounts),
        ..CoreContainer::default()
    }
}

/// An empty list is left out, as the API server leaves it out.
pub fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// What Pod Security's level `restricted` asks of each container.
fn restricted() -> SecurityContext {
    let drop = Some(vec!["ALL".to_owned()]);
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities { drop, ..Capabilities::default() }),
        ..SecurityContext::default()
    }
}

fn port_of(port: &Port, on_host: bool) -> ContainerPort {
    let number = i32::from(port.number.value);
    ContainerPort {
        name: Some(port.name.value.clone()),
        container_port: number,
        // On the node's own network each port is one of the node, and the scheduler has to know.
        host_port: port.host.map(|host| i32::from(host.value)).or(on_host.then_some(number)),
        protocol: Some(port.protocol.name().to_owned()),
        ..ContainerPort::default()
    }
}

/// Memory is limited to what is requested, or a leak would take its neighbours along; CPU is not limited,
/// since a limit throttles a pod while its node is idle.
fn resources(resources: &Resources) -> ResourceRequirements {
    let quantity = |text: &str| Quantity(text.to_owned());
    let most = resources.memory_limit.as_ref().map_or(&resources.memory_text, |limit| &limit.text);
    let mut limits = BTreeMap::from([("memory".to_owned(), quantity(most))]);
    limits.extend(resources.cpu_limit.iter().map(|limit| ("cpu".to_owned(), quantity(&limit.text))));
    let requests = [("cpu", &resources.cpu_text), ("memory", &resources.memory_text)];
    ResourceRequirements {
        requests: Some(requests.into_iter().map(|(name, text)| (name.to_owned(), quantity(text))).collect()),
        limits: Some(limits),
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

/// What differs from what the API server fills in is written, and the period always.
fn probe_of(probe: &Probe, ports: &[Port]) -> CoreProbe {
    let unless = |value: u32, usual: u32| (value != usual).then_some(value as i32);
    let mut lowered = CoreProbe {
        initial_delay_seconds: unless(probe.delay_seconds, 0),
        period_seconds: Some(probe.period_seconds as i32),
        timeout_seconds: unless(probe.timeout_seconds, 1),
        failure_threshold: unless(probe.failures, 3),
        ..CoreProbe::default()
    };
    let named = |port: &str| IntOrString::String(port.to_owned());
    match &probe.action {
        ProbeAction::Http { path, port } => {
            let (path, port) = (Some(path.clone()), named(&port.value));
            lowered.http_get = Some(HTTPGetAction { path, port, ..HTTPGetAction::default() });
        }
        ProbeAction::Tcp { port } => {
            let port = named(&port.value);
            lowered.tcp_socket = Some(TCPSocketAction { port, ..TCPSocketAction::default() });
        }
        ProbeAction::Grpc { port } => {
            // This action takes no name, and a name that is not declared has been refused.
            let number =
                ports.iter().find(|known| known.name.value == port.value).map(|port| port.number.value);
            let port = i32::from(number.expect("a probe asks a port that is declared"));
            lowered.grpc = Some(GRPCAction { port, ..GRPCAction::default() });
        }
        ProbeAction::Command(words) => {
            lowered.exec = Some(ExecAction { command: Some(words.clone()) });
        }
    }
    lowered
}
