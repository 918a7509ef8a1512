//! node-problem-detector: watches the kernel, the file systems and the kubelet of every Linux node.
//!
//! It reports and repairs nothing: a watcher that restarts the kubelet belongs to whoever runs the nodes.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};
use k8s_openapi::api::core::v1::{
    ConfigMap, ConfigMapVolumeSource, Container, EnvVar, EnvVarSource, HostPathVolumeSource,
    ObjectFieldSelector, PodSpec, PodTemplateSpec, ResourceRequirements, SecurityContext, Volume,
    VolumeMount,
};
use k8s_openapi::api::rbac::v1::{ClusterRoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Value, json};

use super::{APP, NAMESPACE, everywhere, metadata, on_nodes, service_account};
use crate::lower::labels;
use crate::object::Object;

const NAME: &str = "node-problem-detector";

/// Conditions of a node that it sets, each true while something is wrong.
pub(super) const CONDITIONS: &str = "KernelDeadlock|XfsShutdown|ReadonlyFilesystem|KubeletUnhealthy";

/// Its objects, in the order of applying.
pub(super) fn lower(image: &str) -> Vec<Object> {
    let config = config_map();
    let daemon_set = daemon_set(image, &config.key().name);
    vec![service_account(NAME), binding(), config, Object::of_cell(daemon_set, NAME)]
}

/// The role is one that every API server has.
fn binding() -> Object {
    let subject = Subject {
        kind: "ServiceAccount".to_owned(),
        name: NAME.to_owned(),
        namespace: Some(NAMESPACE.to_owned()),
        ..Subject::default()
    };
    let role_ref = RoleRef {
        api_group: Some("rbac.authorization.k8s.io".to_owned()),
        kind: "ClusterRole".to_owned(),
        name: format!("system:{NAME}"),
    };
    let metadata = ObjectMeta { namespace: None, ..metadata(NAME) };
    Object::of_cell(ClusterRoleBinding { metadata, role_ref, subjects: Some(vec![subject]) }, NAME)
}

fn config_map() -> Object {
    let monitors = [
        ("kernel-monitor.json", kernel()),
        ("readonly-monitor.json", read_only()),
        ("kubelet-monitor.json", kubelet()),
    ];
    let data = monitors.map(|(name, monitor)| (name.to_owned(), format!("{monitor:#}\n")));
    let data = BTreeMap::from(data);
    let hash = labels::content_hash(&serde_json::to_vec(&data).expect("a map of texts serialises"));
    let config_map = ConfigMap {
        metadata: ObjectMeta { name: Some(format!("{NAME}-{hash}")), ..metadata(NAME) },
        data: Some(data),
        immutable: Some(true),
        ..ConfigMap::default()
    };
    Object::of_cell(config_map, NAME)
}

/// One line of the kernel's log that is worth an event, or that makes a condition true.
fn line(reason: &str, condition: Option<&str>, pattern: &str) -> Value {
    match condition {
        None => json!({ "type": "temporary", "reason": reason, "pattern": pattern }),
        Some(condition) => {
            json!({ "type": "permanent", "condition": condition, "reason": reason, "pattern": pattern })
        }
    }
}

fn log_monitor(source: &str, conditions: &Value, rules: &[Value]) -> Value {
    json!({
        "plugin": "kmsg",
        "logPath": "/dev/kmsg",
        "lookback": "5m",
        "bufferSize": 10,
        "source": source,
        "metricsReporting": true,
        "conditions": conditions,
        "rules": rules,
    })
}

fn condition(name: &str, reason: &str, message: &str) -> Value {
    json!({ "type": name, "reason": reason, "message": message })
}

fn kernel() -> Value {
    let conditions = json!([
        condition("KernelDeadlock", "KernelHasNoDeadlock", "kernel has no deadlock"),
        condition("XfsShutdown", "XfsHasNotShutDown", "XFS has not shut down"),
    ]);
    let rules = vec![
        line("OOMKilling", None, r"Killed process \d+ (.+) total-vm:\d+kB, anon-rss:\d+kB, file-rss:\d+kB.*"),
        line("TaskHung", None, r"task [\S ]+:\w+ blocked for more than \w+ seconds\."),
        line(
            "UnregisterNetDevice",
            None,
            r"unregister_netdevice: waiting for \w+ to become free. Usage count = \d+",
        ),
        line("KernelOops", None, r"BUG: unable to handle kernel NULL pointer dereference at .*"),
        line("KernelOops", None, r"divide error: 0000 \[#\d+\] SMP"),
        line("Ext4Error", None, r"EXT4-fs error .*"),
        line("Ext4Warning", None, r"EXT4-fs warning .*"),
        line("IOError", None, r"Buffer I/O error .*"),
        line("MemoryReadError", None, r"CE memory read error .*"),
        line("DockerHung", Some("KernelDeadlock"), r"task docker:\w+ blocked for more than \w+ seconds\."),
        line("XfsHasShutdown", Some("XfsShutdown"), r"XFS .* Shutting down filesystem.?"),
    ];
    log_monitor("kernel-monitor", &conditions, &rules)
}

fn read_only() -> Value {
    let conditions =
        json!([condition("ReadonlyFilesystem", "FilesystemIsNotReadOnly", "file systems can be written")]);
    let rules =
        vec![line("FilesystemIsReadOnly", Some("ReadonlyFilesystem"), "Remounting filesystem read-only")];
    log_monitor("readonly-monitor", &conditions, &rules)
}

fn kubelet() -> Value {
    let args =
        ["--component=kubelet", "--enable-repair=false", "--cooldown-time=1m", "--health-check-timeout=10s"];
    json!({
        "plugin": "custom",
        "pluginConfig": { "invoke_interval": "10s", "timeout": "3m", "max_output_length": 80, "concurrency": 1 },
        "source": "health-checker",
        "metricsReporting": true,
        "conditions": [condition("KubeletUnhealthy", "KubeletIsHealthy", "the kubelet answers")],
        "rules": [{
            "type": "permanent",
            "condition": "KubeletUnhealthy",
            "reason": "KubeletUnhealthy",
            "path": "/home/kubernetes/bin/health-checker",
            "args": args,
            "timeout": "3m",
        }],
    })
}

fn daemon_set(image: &str, config: &str) -> DaemonSet {
    let kmsg = HostPathVolumeSource { path: "/dev/kmsg".to_owned(), type_: Some("CharDevice".to_owned()) };
    let source = ConfigMapVolumeSource { name: config.to_owned(), ..ConfigMapVolumeSource::default() };
    let spec = PodSpec {
        service_account_name: Some(NAME.to_owned()),
        priority_class_name: Some("system-node-critical".to_owned()),
        // The kubelet answers on the node's loopback alone.
        host_network: Some(true),
        affinity: Some(on_nodes()),
        tolerations: Some(everywhere()),
        containers: vec![container(image)],
        volumes: Some(vec![
            Volume { name: "kmsg".to_owned(), host_path: Some(kmsg), ..Volume::default() },
            Volume { name: "config".to_owned(), config_map: Some(source), ..Volume::default() },
        ]),
        ..PodSpec::default()
    };
    let selector = BTreeMap::from([(APP.to_owned(), NAME.to_owned())]);
    let metadata_of_pods = ObjectMeta { labels: Some(selector.clone()), ..ObjectMeta::default() };
    DaemonSet {
        metadata: metadata(NAME),
        spec: Some(DaemonSetSpec {
            selector: labels::label_selector(selector),
            template: PodTemplateSpec { metadata: Some(metadata_of_pods), spec: Some(spec) },
            ..DaemonSetSpec::default()
        }),
        ..DaemonSet::default()
    }
}

fn container(image: &str) -> Container {
    let args = [
        "--logtostderr",
        "--config.system-log-monitor=/config/kernel-monitor.json,/config/readonly-monitor.json",
        "--config.custom-plugin-monitor=/config/kubelet-monitor.json",
    ];
    let field =
        ObjectFieldSelector { field_path: "spec.nodeName".to_owned(), ..ObjectFieldSelector::default() };
    let node_name = EnvVar {
        name: "NODE_NAME".to_owned(),
        value_from: Some(EnvVarSource { field_ref: Some(field), ..EnvVarSource::default() }),
        ..EnvVar::default()
    };
    // What upstream's manifest asks for.
    let quantities = [("cpu", "10m"), ("memory", "80Mi")];
    let quantities =
        BTreeMap::from(quantities.map(|(name, value)| (name.to_owned(), Quantity(value.to_owned()))));
    let mount = |name: &str, path: &str| VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    };
    Container {
        name: NAME.to_owned(),
        image: Some(image.to_owned()),
        command: Some(vec!["/node-problem-detector".to_owned()]),
        args: Some(args.map(str::to_owned).to_vec()),
        env: Some(vec![node_name]),
        resources: Some(ResourceRequirements {
            requests: Some(quantities.clone()),
            limits: Some(quantities),
            ..ResourceRequirements::default()
        }),
        // The kernel's log is not readable otherwise.
        security_context: Some(SecurityContext { privileged: Some(true), ..SecurityContext::default() }),
        volume_mounts: Some(vec![mount("kmsg", "/dev/kmsg"), mount("config", "/config")]),
        ..Container::default()
    }
}
