//! A pod that its namespace would not let in.

use super::ObjectRule;
use crate::app::{Cell, Component, PodSecurity};
use crate::check::Checked;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::object::Object;
use crate::source::Span;
use k8s_openapi::api::core::v1::{Container, PodSpec};

/// `pod-security-forbids`
pub static RULE: Rule =
    Rule { code: "S0377", name: "pod-security-forbids", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Under strict isolation a namespace enforces the Pod Security level `baseline`: no host network, no paths of the node,
no privileged containers. The API server refuses such a pod when its workload makes it, long after the apply. A daemon
that needs the node gets an environment whose operators write `pod-security="privileged"`.

## Wrong
```kdl no-run
app "shop" {
    component "log-agent" kind="daemon" {
        image "registry.example.com/log-agent:1"
        resources cpu="100m" memory="128Mi"
        volume "logs" kind="host" path="/var/log" mount="/var/log"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c" isolation="strict"
}
```

## Right
```kdl no-run
app "shop" {
    component "log-agent" kind="daemon" {
        image "registry.example.com/log-agent:1"
        resources cpu="100m" memory="128Mi"
        volume "logs" kind="host" path="/var/log" mount="/var/log"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c" isolation="strict" pod-security="privileged"
}
```
"#;

/// Looks at the pods of every cell whose namespace enforces a level.
pub const OBJECTS: ObjectRule =
    ObjectRule { concerns: |_, cell| cell.pod_security.value != PodSecurity::Privileged, check: object };

fn object(_: &Checked, cell: &Cell, object: &Object, diagnostics: &mut Diagnostics) {
    let Some(spec) = object.pod_spec() else { return };
    let beyond = beyond_baseline(&spec);
    if !beyond.is_empty() {
        let named = |component: &&Component| Some(&component.name.value) == object.component.as_ref();
        let component = cell.components.iter().find(named);
        let place = component.map_or(cell.span, |component| component.name.span);
        diagnostics.push(found(object.kind(), place, &beyond, cell));
    }
}

fn found(kind: &str, place: Span, beyond: &[String], cell: &Cell) -> Diagnostic {
    let what = beyond.join(", ");
    let message = format!("the pods of this {kind} need {what}, which `baseline` forbids");
    Diagnostic::new(&RULE, message, place, "would not be let in")
        .also(cell.pod_security.span, "enforced here")
        .hint("leave out what needs it, or let the operators write `pod-security=\"privileged\"` on the environment")
}

/// Capabilities that `baseline` lets a container add.
const CAPABILITIES: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// What a pod asks for that the level `baseline` of the Pod Security Standards forbids.
fn beyond_baseline(spec: &PodSpec) -> Vec<String> {
    let mut beyond = Vec::new();
    let host = [("hostNetwork", spec.host_network), ("hostPID", spec.host_pid), ("hostIPC", spec.host_ipc)];
    beyond.extend(host.iter().filter(|(_, set)| *set == Some(true)).map(|(name, _)| format!("`{name}`")));
    for volume in spec.volumes.iter().flatten().filter(|volume| volume.host_path.is_some()) {
        beyond.push(format!("a path of the node (volume `{}`)", volume.name));
    }
    if let Some(context) = &spec.security_context {
        let unconfined =
            context.seccomp_profile.as_ref().is_some_and(|profile| profile.type_ == "Unconfined");
        beyond.extend(unconfined.then(|| "an unconfined seccomp profile".to_owned()));
        let windows =
            context.windows_options.as_ref().is_some_and(|options| options.host_process == Some(true));
        beyond.extend(windows.then(|| "HostProcess".to_owned()));
        let sysctls =
            context.sysctls.iter().flatten().filter(|sysctl| !SYSCTLS.contains(&sysctl.name.as_str()));
        beyond.extend(sysctls.map(|sysctl| format!("the sysctl `{}`", sysctl.name)));
    }
    for container in spec.containers.iter().chain(spec.init_containers.iter().flatten()) {
        beyond.extend(container_beyond(container));
    }
    beyond
}

/// Sysctls that are the pod's alone.
const SYSCTLS: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_syncookies",
];

fn container_beyond(container: &Container) -> Vec<String> {
    let name = &container.name;
    let mut beyond = Vec::new();
    let host_port = container.ports.iter().flatten().any(|port| port.host_port.is_some_and(|port| port > 0));
    beyond.extend(host_port.then(|| format!("a port of the node (container `{name}`)")));
    let Some(context) = &container.security_context else { return beyond };
    let privileged = context.privileged == Some(true);
    beyond.extend(privileged.then(|| format!("a privileged container (`{name}`)")));
    let added = context.capabilities.iter().flat_map(|capabilities| capabilities.add.iter().flatten());
    let forbidden = added.filter(|capability| !CAPABILITIES.contains(&capability.as_str()));
    beyond.extend(forbidden.map(|capability| format!("the capability `{capability}` (container `{name}`)")));
    let unconfined = context.seccomp_profile.as_ref().is_some_and(|profile| profile.type_ == "Unconfined");
    beyond.extend(unconfined.then(|| format!("an unconfined seccomp profile (container `{name}`)")));
    let mask = context.proc_mount.as_ref().is_some_and(|mount| mount != "Default");
    beyond.extend(mask.then(|| format!("an unmasked /proc (container `{name}`)")));
    let windows = context.windows_options.as_ref().is_some_and(|options| options.host_process == Some(true));
    beyond.extend(windows.then(|| format!("HostProcess (container `{name}`)")));
    beyond
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beyond(spec: &str) -> Vec<String> {
        beyond_baseline(&serde_json::from_str(spec).expect("a pod spec"))
    }

    #[test]
    fn what_reaches_the_node_is_beyond_the_baseline() {
        let spec = r#"{ "hostNetwork": true, "volumes": [{ "name": "logs", "hostPath": { "path": "/var/log" } }],
            "containers": [{ "name": "a", "securityContext": { "privileged": true },
                "ports": [{ "containerPort": 80, "hostPort": 80 }] }] }"#;
        assert_eq!(
            beyond(spec),
            [
                "`hostNetwork`",
                "a path of the node (volume `logs`)",
                "a port of the node (container `a`)",
                "a privileged container (`a`)"
            ]
        );
    }

    #[test]
    fn only_some_capabilities_and_sysctls_may_be_added() {
        let spec = r#"{ "securityContext": { "sysctls": [{ "name": "net.core.somaxconn", "value": "1" },
                { "name": "net.ipv4.tcp_syncookies", "value": "1" }] },
            "initContainers": [{ "name": "b", "securityContext":
                { "capabilities": { "add": ["NET_ADMIN", "NET_BIND_SERVICE"] } } }], "containers": [] }"#;
        let expected = ["the sysctl `net.core.somaxconn`", "the capability `NET_ADMIN` (container `b`)"];
        assert_eq!(beyond(spec), expected);
    }

    #[test]
    fn an_ordinary_pod_is_let_in() {
        let spec = r#"{ "hostNetwork": false, "containers": [{ "name": "a", "image": "a:1",
            "ports": [{ "containerPort": 80 }], "securityContext": { "runAsNonRoot": true } }],
            "volumes": [{ "name": "x", "emptyDir": {} }, { "name": "y", "configMap": { "name": "z" } }] }"#;
        assert!(beyond(spec).is_empty());
    }
}
