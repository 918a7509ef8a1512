//! NodeLocal DNSCache: a cache of names on every node.
//!
//! It listens on its own link-local address alone, and never on that of the cluster's DNS. So `dns "cluster"` and
//! `dns "node-local"` mean two things in one cluster, the second name server of a pod is really another one, and
//! kube-proxy's mode does not matter. It forwards everything to the cluster's DNS, so that a name has one answer in
//! every mode.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy, RollingUpdateDaemonSet};
use k8s_openapi::api::core::v1::{
    Capabilities, ConfigMap, ConfigMapVolumeSource, Container, ContainerPort, HTTPGetAction,
    HostPathVolumeSource, KeyToPath, PodSpec, PodTemplateSpec, Probe, ResourceRequirements, SecurityContext,
    Service, ServicePort, ServiceSpec, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{APP, everywhere, metadata, on_nodes, service_account};
use crate::app::Cluster;
use crate::lower::dns::{NODE_LOCAL_ADDRESS, service_ip};
use crate::lower::labels;
use crate::object::Object;

/// What its DaemonSet is called, here and in ACK's add-on.
pub const NAME: &str = "node-local-dns";

const METRICS_PORT: i32 = 9253;
const HEALTH_PORT: i32 = 8080;

/// Its objects, in the order of applying.
pub fn lower(cluster: &Cluster) -> Vec<Object> {
    let config = config_map(cluster);
    let daemon_set = daemon_set(cluster, &config.key().name);
    vec![service_account(NAME), config, Object::of_cell(service(), NAME), Object::of_cell(daemon_set, NAME)]
}

fn config_map(cluster: &Cluster) -> Object {
    let content = corefile(cluster);
    let hash = labels::content_hash(content.as_bytes());
    let config_map = ConfigMap {
        metadata: ObjectMeta { name: Some(format!("{NAME}-{hash}")), ..metadata(NAME) },
        data: Some(BTreeMap::from([("Corefile".to_owned(), content)])),
        immutable: Some(true),
        ..ConfigMap::default()
    };
    Object::of_cell(config_map, NAME)
}

/// By TCP, since a lost datagram costs seconds and a full table of connections loses them.
fn corefile(cluster: &Cluster) -> String {
    let upstream = service_ip(cluster);
    format!(
        "\
.:53 {{
    errors
    cache {{
        success 9984 30
        denial 9984 5
    }}
    loop
    bind {NODE_LOCAL_ADDRESS}
    forward . {upstream} {{
        force_tcp
    }}
    prometheus :{METRICS_PORT}
    health {NODE_LOCAL_ADDRESS}:{HEALTH_PORT}
}}
"
    )
}

/// Without an address of its own: it only names the pods, for whoever reads their metrics.
fn service() -> Service {
    let port = ServicePort {
        name: Some("metrics".to_owned()),
        port: METRICS_PORT,
        target_port: Some(IntOrString::Int(METRICS_PORT)),
        protocol: Some("TCP".to_owned()),
        ..ServicePort::default()
    };
    let spec = ServiceSpec {
        cluster_ip: Some("None".to_owned()),
        ports: Some(vec![port]),
        selector: Some(selector()),
        ..ServiceSpec::default()
    };
    Service { metadata: metadata(NAME), spec: Some(spec), ..Service::default() }
}

fn selector() -> BTreeMap<String, String> {
    BTreeMap::from([(APP.to_owned(), NAME.to_owned())])
}

fn daemon_set(cluster: &Cluster, config: &str) -> DaemonSet {
    let spec = PodSpec {
        priority_class_name: Some("system-node-critical".to_owned()),
        service_account_name: Some(NAME.to_owned()),
        host_network: Some(true),
        // The node's own resolver, or it would ask itself.
        dns_policy: Some("Default".to_owned()),
        affinity: Some(on_nodes()),
        tolerations: Some(everywhere()),
        containers: vec![container(cluster)],
        volumes: Some(volumes(config)),
        ..PodSpec::default()
    };
    let rolling = RollingUpdateDaemonSet {
        max_unavailable: Some(IntOrString::String("10%".to_owned())),
        ..RollingUpdateDaemonSet::default()
    };
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta { labels: Some(selector()), ..ObjectMeta::default() }),
        spec: Some(spec),
    };
    DaemonSet {
        metadata: metadata(NAME),
        spec: Some(DaemonSetSpec {
            selector: labels::label_selector(selector()),
            template,
            update_strategy: Some(DaemonSetUpdateStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(rolling),
            }),
            ..DaemonSetSpec::default()
        }),
        ..DaemonSet::default()
    }
}

fn container(cluster: &Cluster) -> Container {
    let image =
        cluster.dns.node_local_image.as_ref().expect("check asks for the image where specc makes the cache");
    let args = ["-localip", NODE_LOCAL_ADDRESS, "-conf", "/etc/Corefile", "-pidfile", "/tmp/node-cache.pid"];
    let port = |name: &str, number: i32, protocol: &str| ContainerPort {
        name: Some(name.to_owned()),
        container_port: number,
        protocol: Some(protocol.to_owned()),
        ..ContainerPort::default()
    };
    let ports =
        vec![port("dns", 53, "UDP"), port("dns-tcp", 53, "TCP"), port("metrics", METRICS_PORT, "TCP")];
    // CoreDNS takes 54 MB with full caches, by its own scaling guide; the CPU is what upstream's manifest asks for.
    let requests = [("cpu", "25m"), ("memory", "64Mi")];
    let requests = requests.map(|(name, value)| (name.to_owned(), Quantity(value.to_owned())));
    Container {
        name: "node-cache".to_owned(),
        image: Some(image.value.clone()),
        args: Some(args.map(str::to_owned).to_vec()),
        ports: Some(ports),
        resources: Some(ResourceRequirements {
            requests: Some(BTreeMap::from(requests)),
            ..ResourceRequirements::default()
        }),
        security_context: Some(SecurityContext {
            capabilities: Some(Capabilities {
                add: Some(vec!["NET_ADMIN".to_owned()]),
                ..Capabilities::default()
            }),
            ..SecurityContext::default()
        }),
        readiness_probe: Some(probe(0, 5)),
        liveness_probe: Some(probe(60, 10)),
        volume_mounts: Some(vec![
            mount("xtables-lock", "/run/xtables.lock", false),
            mount("config", "/etc/coredns", true),
        ]),
        ..Container::default()
    }
}

fn mount(name: &str, path: &str, read_only: bool) -> VolumeMount {
    VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(read_only),
        ..VolumeMount::default()
    }
}

fn probe(initial_delay_seconds: i32, period_seconds: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            host: Some(NODE_LOCAL_ADDRESS.to_owned()),
            path: Some("/health".to_owned()),
            port: IntOrString::Int(HEALTH_PORT),
            ..HTTPGetAction::default()
        }),
        initial_delay_seconds: Some(initial_delay_seconds),
        period_seconds: Some(period_seconds),
        timeout_seconds: Some(5),
        ..Probe::default()
    }
}

fn volumes(config: &str) -> Vec<Volume> {
    let lock =
        HostPathVolumeSource { path: "/run/xtables.lock".to_owned(), type_: Some("FileOrCreate".to_owned()) };
    let item =
        KeyToPath { key: "Corefile".to_owned(), path: "Corefile.base".to_owned(), ..KeyToPath::default() };
    let source = ConfigMapVolumeSource {
        name: config.to_owned(),
        items: Some(vec![item]),
        ..ConfigMapVolumeSource::default()
    };
    vec![
        Volume { name: "xtables-lock".to_owned(), host_path: Some(lock), ..Volume::default() },
        Volume { name: "config".to_owned(), config_map: Some(source), ..Volume::default() },
    ]
}
