//! How a pod's names are resolved: what its template holds for the component's DNS mode.
//!
//! Pods name their cache first and the cluster's DNS second, so nothing ever resolves only through a server that
//! may be down. They never rely on a webhook or on a redirection by kube-proxy: what is built is what runs, on
//! iptables and IPVS alike, and one component's mode does not touch its neighbours.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Capabilities, ConfigMap, ConfigMapVolumeSource, Container, ContainerPort, EnvVar, HTTPGetAction,
    PodDNSConfig, PodDNSConfigOption, PodSpec, PodTemplateSpec, Probe, ResourceRequirements, SecurityContext,
    Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::labels;
use crate::app::dns::{SIDECAR_CPU_MILLI, SIDECAR_MEMORY_BYTES};
use crate::app::{Burst, Cell, Cluster, Component, DnsMode, Provider};
use crate::object::{Object, ObjectKey};

/// Where the cache of a node listens; the address that NodeLocal DNSCache and ACK's add-on use.
pub const NODE_LOCAL_ADDRESS: &str = "169.254.20.10";

/// The ports that the sidecar takes, with what each is for.
pub const SIDECAR_PORTS: [(u16, &str); 4] =
    [(53, "names"), (METRICS_PORT, "metrics"), (READY_PORT, "readiness"), (HEALTH_PORT, "liveness")];

const METRICS_PORT: u16 = 9253;
const READY_PORT: u16 = 9254;
const HEALTH_PORT: u16 = 9255;

/// The label with which ACK's webhook leaves a pod alone: pods on ECI could not reach a node's cache.
const NO_INJECTION: (&str, &str) = ("node-local-dns-injection", "disabled");

/// What glibc and musl are told: the values that ACK's own injection writes. With three dots a name is looked up
/// as it stands; below that, `web.other.svc` still goes through the search list in musl.
const OPTIONS: [(&str, &str); 3] = [("ndots", "3"), ("timeout", "1"), ("attempts", "2")];

/// The sidecar's file, by content; `None` in the other modes.
pub fn config(cluster: &Cluster, cell: &Cell, component: &Component) -> Option<Object> {
    if component.dns.value != DnsMode::Sidecar {
        return None;
    }
    let content = corefile(cluster);
    let hash = labels::content_hash(content.as_bytes());
    let name = &component.name.value;
    let config_map = ConfigMap {
        metadata: labels::metadata(cell, component, format!("{name}-dns-{hash}")),
        data: Some(BTreeMap::from([("Corefile".to_owned(), content)])),
        immutable: Some(true),
        ..ConfigMap::default()
    };
    // No file of the component's own has a dot in its logical name.
    Some(Object::of_component(config_map, &format!("{name}.dns"), name))
}

/// What must be up on every node before pods of the component start.
pub fn needs(component: &Component) -> Vec<ObjectKey> {
    match component.dns.value {
        DnsMode::Cluster | DnsMode::Sidecar => Vec::new(),
        DnsMode::NodeLocal => vec![ObjectKey {
            api_version: "apps/v1".to_owned(),
            kind: "DaemonSet".to_owned(),
            namespace: Some("kube-system".to_owned()),
            name: super::platform::node_local_dns::NAME.to_owned(),
        }],
    }
}

/// Adds to a pod template what the mode needs.
pub fn add(cluster: &Cluster, cell: &Cell, component: &Component, template: &mut PodTemplateSpec) {
    if cluster.provider == Provider::Ack && cluster.dns.node_local.value {
        let labels = template.metadata.get_or_insert_default().labels.get_or_insert_default();
        labels.insert(NO_INJECTION.0.to_owned(), NO_INJECTION.1.to_owned());
    }
    let first = match component.dns.value {
        DnsMode::Cluster => return,
        DnsMode::NodeLocal => NODE_LOCAL_ADDRESS,
        DnsMode::Sidecar => "127.0.0.1",
    };
    let spec = template.spec.get_or_insert_default();
    spec.dns_policy = Some("None".to_owned());
    spec.dns_config = Some(dns_config(cluster, cell, first));
    if let Some(config) = config(cluster, cell, component) {
        sidecar(cluster, component, &config, spec);
    }
}

fn dns_config(cluster: &Cluster, cell: &Cell, first: &str) -> PodDNSConfig {
    let domain = &cluster.dns.domain;
    let option = |(name, value): (&str, &str)| PodDNSConfigOption {
        name: Some(name.to_owned()),
        value: Some(value.to_owned()),
    };
    PodDNSConfig {
        nameservers: Some(vec![first.to_owned(), service_ip(cluster)]),
        searches: Some(vec![
            format!("{}.svc.{domain}", cell.namespace),
            format!("svc.{domain}"),
            domain.clone(),
        ]),
        options: Some(OPTIONS.map(option).to_vec()),
    }
}

/// The cluster IP of the cluster's DNS: a literal, since a cache that forwards to /etc/resolv.conf asks itself.
pub(super) fn service_ip(cluster: &Cluster) -> String {
    let address = cluster.dns.service_ip.as_ref().expect("check asks for the address where a cache is used");
    address.value.to_string()
}

/// Answers for an hour while the cluster's DNS is down, and asks it first while it is up.
fn corefile(cluster: &Cluster) -> String {
    let upstream = service_ip(cluster);
    format!(
        "\
.:53 {{
    bind 127.0.0.1
    errors
    cache {{
        success 9984 30
        denial 9984 5
        serve_stale 1h verify
    }}
    forward . {upstream} {{
        max_concurrent 1000
    }}
    ready :{READY_PORT}
    health :{HEALTH_PORT}
    prometheus :{METRICS_PORT}
}}
"
    )
}

/// Before everything else in the pod: on nodes as a native sidecar, whose start-up the kubelet waits for; where
/// ECI is possible as a container with ECI's own order, since no document says that ECI knows native sidecars.
fn sidecar(cluster: &Cluster, component: &Component, config: &Object, spec: &mut PodSpec) {
    let names = |containers: &[Container]| containers.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    let mut taken = names(&spec.containers);
    taken.extend(spec.init_containers.iter().flat_map(|containers| names(containers)));
    taken.extend(spec.volumes.iter().flatten().map(|volume| volume.name.clone()));
    let name = free(&taken);
    let source = ConfigMapVolumeSource { name: config.key().name, ..ConfigMapVolumeSource::default() };
    let volume = Volume { name: name.clone(), config_map: Some(source), ..Volume::default() };
    spec.volumes.get_or_insert_default().push(volume);
    let container = container(cluster, name);
    match component.burst.value {
        Burst::Never => spec.init_containers.get_or_insert_default().insert(0, native(container)),
        Burst::WhenShort | Burst::Only => spec.containers.push(ordered(container)),
    }
}

/// A name that no container and no volume of the pod has.
fn free(taken: &[String]) -> String {
    let mut name = "dns".to_owned();
    while taken.contains(&name) {
        name.push_str("-cache");
    }
    name
}

fn container(cluster: &Cluster, name: String) -> Container {
    let image = cluster.dns.sidecar_image.as_ref().expect("check asks for the image where a sidecar is used");
    let mount = VolumeMount {
        name: name.clone(),
        mount_path: "/etc/coredns".to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    };
    let metrics = ContainerPort {
        name: Some("dns-metrics".to_owned()),
        container_port: METRICS_PORT.into(),
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    };
    Container {
        name,
        image: Some(image.value.clone()),
        args: Some(vec!["-conf".to_owned(), "/etc/coredns/Corefile".to_owned()]),
        ports: Some(vec![metrics]),
        resources: Some(resources()),
        liveness_probe: Some(probe("/health", HEALTH_PORT, 10, 5)),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities {
                add: Some(vec!["NET_BIND_SERVICE".to_owned()]),
                drop: Some(vec!["ALL".to_owned()]),
            }),
            read_only_root_filesystem: Some(true),
            ..SecurityContext::default()
        }),
        volume_mounts: Some(vec![mount]),
        ..Container::default()
    }
}

fn resources() -> ResourceRequirements {
    let memory = ("memory".to_owned(), Quantity(format!("{}Mi", SIDECAR_MEMORY_BYTES >> 20)));
    let cpu = ("cpu".to_owned(), Quantity(format!("{SIDECAR_CPU_MILLI}m")));
    ResourceRequirements {
        requests: Some(BTreeMap::from([cpu, memory.clone()])),
        limits: Some(BTreeMap::from([memory])),
        ..ResourceRequirements::default()
    }
}

fn native(container: Container) -> Container {
    Container {
        restart_policy: Some("Always".to_owned()),
        startup_probe: Some(probe("/ready", READY_PORT, 1, 30)),
        ..container
    }
}

/// ECI starts larger priorities first and waits for their readiness. The instance is not made larger for the cache.
fn ordered(container: Container) -> Container {
    let variables = [
        ("ECI_CONTAINER_LAUNCH_PRIORITY", "1000"),
        ("ECI_CONTAINER_EXIT_PRIORITY", "-1000"),
        ("__ECI_RESOURCE_IGNORE__", "TRUE"),
    ];
    let variable = |(name, value): (&str, &str)| EnvVar {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        ..EnvVar::default()
    };
    Container {
        env: Some(variables.map(variable).to_vec()),
        readiness_probe: Some(probe("/ready", READY_PORT, 1, 3)),
        ..container
    }
}

/// Asked on the pod's address, since the kubelet cannot reach a loopback.
fn probe(path: &str, port: u16, period_seconds: i32, failure_threshold: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::Int(port.into()),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(period_seconds),
        failure_threshold: Some(failure_threshold),
        ..Probe::default()
    }
}
