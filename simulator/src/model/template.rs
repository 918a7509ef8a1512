//! What a workload says about its pods, read once: requests, probes, the way to end.

use std::collections::BTreeMap;

use compiler::resolve::quantity;
use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::autoscaler::spec::Resource;
use super::eci::options::Options;
use super::probe::Probes;
use crate::engine::clock::SECOND_NS;

/// A pod template in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    /// The pod's labels.
    pub labels: BTreeMap<String, String>,
    /// Requested CPU, in thousandths of a core.
    pub cpu_request_milli: u64,
    /// Requested memory, in bytes.
    pub memory_request_bytes: u64,
    /// The CPU limit; `None` if a container has none.
    pub cpu_limit_milli: Option<u64>,
    /// The memory limit, in bytes; `None` if a container has none.
    pub memory_limit_bytes: Option<u64>,
    /// The CPU that ECI sizes it by, in thousandths of a core: limits if every container has one, else requests,
    /// without the containers that ECI is told to ignore.
    pub eci_cpu_milli: u64,
    /// The memory that ECI sizes it by, in bytes, by the same rule.
    pub eci_memory_bytes: u64,
    /// What its annotations tell ECI.
    pub eci: Options,
    /// Its images.
    pub images: Vec<String>,
    /// Its containers that run beside each other; the first is the one that serves.
    pub containers: Vec<ContainerNumbers>,
    /// The probes of its first container.
    pub probes: Probes,
    /// The conditions that must hold beside its containers' readiness.
    pub readiness_gates: Vec<String>,
    /// How long the preStop hook keeps the process from its end.
    pub pre_stop_ns: u64,
    /// How long an ending pod may last.
    pub grace_ns: u64,
}

/// One container in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerNumbers {
    /// Its name.
    pub name: String,
    /// Requested CPU, in thousandths of a core.
    pub cpu_request_milli: Option<u64>,
    /// Requested memory, in bytes.
    pub memory_request_bytes: Option<u64>,
    /// The memory limit, in bytes.
    pub memory_limit_bytes: Option<u64>,
}

impl Template {
    /// What all its containers request of a resource, or one of them, in thousandths; `None` if a container that counts
    /// requests nothing. A container that is not there requests 0, as upstream has it.
    pub fn request_milli(&self, resource: Resource, container: Option<&str>) -> Option<u64> {
        let counted = self.containers.iter().filter(|known| container.is_none_or(|name| known.name == name));
        let requests = counted.map(|counted| match resource {
            Resource::Cpu => counted.cpu_request_milli,
            Resource::Memory => counted.memory_request_bytes.map(|bytes| bytes.saturating_mul(1000)),
            Resource::Other => None,
        });
        requests.sum()
    }
}

/// Reads a pod template; what it leaves out gets the API server's defaults.
pub fn template(pod: &PodTemplateSpec) -> Template {
    let labels = pod.metadata.as_ref().and_then(|metadata| metadata.labels.clone()).unwrap_or_default();
    let Some(spec) = &pod.spec else { return Template { labels, ..Template::default() } };
    let containers: Vec<&Container> = running(spec).collect();
    Template {
        labels,
        cpu_request_milli: containers.iter().map(|c| requested(c, "cpu", cpu_milli)).sum(),
        memory_request_bytes: containers.iter().map(|c| requested(c, "memory", memory_bytes)).sum(),
        cpu_limit_milli: containers.iter().map(|c| limit(c, "cpu").map(cpu_milli)).sum(),
        memory_limit_bytes: containers.iter().map(|c| limit(c, "memory").map(memory_bytes)).sum(),
        eci_cpu_milli: eci_sum(&containers, "cpu", cpu_milli),
        eci_memory_bytes: eci_sum(&containers, "memory", memory_bytes),
        eci: Options::read(pod.metadata.as_ref().and_then(|metadata| metadata.annotations.as_ref())),
        images: containers.iter().filter_map(|container| container.image.clone()).collect(),
        containers: containers.iter().map(|container| numbers(container)).collect(),
        probes: containers.first().map(|container| Probes::read(container)).unwrap_or_default(),
        readiness_gates: spec
            .readiness_gates
            .iter()
            .flatten()
            .map(|gate| gate.condition_type.clone())
            .collect(),
        pre_stop_ns: containers.iter().map(|container| pre_stop_ns(container)).max().unwrap_or(0),
        grace_ns: seconds(spec.termination_grace_period_seconds.unwrap_or(30)),
    }
}

/// Containers that run beside each other, native sidecars included.
fn running(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    let sidecar = |container: &&Container| container.restart_policy.as_deref() == Some("Always");
    spec.containers.iter().chain(spec.init_containers.iter().flatten().filter(sidecar))
}

/// What ECI sizes a pod by, for one resource.
fn eci_sum(containers: &[&Container], resource: &str, read: fn(&Quantity) -> u64) -> u64 {
    let ignored = |container: &Container| {
        let mut variables = container.env.iter().flatten();
        variables.any(|variable| {
            variable.name == "__ECI_RESOURCE_IGNORE__" && variable.value.as_deref() == Some("TRUE")
        })
    };
    let counted = || containers.iter().filter(|container| !ignored(container));
    let limits: Option<u64> = counted().map(|c| limit(c, resource).map(read)).sum();
    limits.unwrap_or_else(|| counted().map(|c| requested(c, resource, read)).sum())
}

fn limit<'a>(container: &'a Container, resource: &str) -> Option<&'a Quantity> {
    container.resources.as_ref()?.limits.as_ref()?.get(resource)
}

/// A request that is absent equals the limit, as the API server has it.
fn request<'a>(container: &'a Container, resource: &str) -> Option<&'a Quantity> {
    let requests = container.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    requests.and_then(|requests| requests.get(resource)).or(limit(container, resource))
}

fn requested(container: &Container, resource: &str, read: fn(&Quantity) -> u64) -> u64 {
    request(container, resource).map_or(0, read)
}

fn numbers(container: &Container) -> ContainerNumbers {
    ContainerNumbers {
        name: container.name.clone(),
        cpu_request_milli: request(container, "cpu").map(cpu_milli),
        memory_request_bytes: request(container, "memory").map(memory_bytes),
        memory_limit_bytes: limit(container, "memory").map(memory_bytes),
    }
}

/// Thousandths of a core; 0 for what is no quantity, since the API server would not have taken it.
fn cpu_milli(quantity: &Quantity) -> u64 {
    quantity::cpu_milli(&quantity.0).unwrap_or(0)
}

fn memory_bytes(quantity: &Quantity) -> u64 {
    quantity::memory_bytes(&quantity.0).unwrap_or(0)
}

fn pre_stop_ns(container: &Container) -> u64 {
    let hook = container.lifecycle.as_ref().and_then(|lifecycle| lifecycle.pre_stop.as_ref());
    let slept = hook.and_then(|hook| hook.sleep.as_ref()).map(|sleep| sleep.seconds);
    let command = hook.and_then(|hook| hook.exec.as_ref()).and_then(|exec| exec.command.as_ref());
    // `sleep 15` is the usual hook; what other commands take nobody can know.
    let commanded =
        command.filter(|words| words.iter().any(|word| word.contains("sleep"))).and_then(|words| {
            words.iter().rev().find_map(|word| word.rsplit(' ').find_map(|part| part.parse().ok()))
        });
    seconds(slept.or(commanded).unwrap_or(0))
}

fn seconds(count: i64) -> u64 {
    // An eighth of the range is beyond every run, and leaves room to add times to it.
    u64::try_from(count).unwrap_or(0).saturating_mul(SECOND_NS).min(u64::MAX / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eci_is_sized_without_the_containers_that_it_is_told_to_ignore() {
        let pod = serde_json::from_value(serde_json::json!({ "spec": { "containers": [
            {"name": "app", "image": "x:1",
             "resources": {"requests": {"cpu": "500m"}, "limits": {"memory": "512Mi"}}},
            {"name": "dns", "image": "y:1", "env": [{"name": "__ECI_RESOURCE_IGNORE__", "value": "TRUE"}],
             "resources": {"requests": {"cpu": "25m"}, "limits": {"memory": "64Mi"}}},
        ] } }));
        let read = template(&pod.unwrap());
        assert_eq!((read.cpu_request_milli, read.memory_request_bytes), (525, 576 << 20), "on a node");
        assert_eq!((read.eci_cpu_milli, read.eci_memory_bytes), (500, 512 << 20), "on ECI");
    }

    #[test]
    fn requests_probe_and_hook_are_read() {
        let pod = serde_json::from_value(serde_json::json!({
            "metadata": {"labels": {"a": "b"}}, "spec": {
                "terminationGracePeriodSeconds": 45,
                "containers": [
                    {"name": "app", "image": "x:1", "readinessProbe": {"periodSeconds": 5},
                     "lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", "sleep 15"]}}},
                     "resources": {"requests": {"cpu": "500m"}, "limits": {"memory": "512Mi"}}},
                    {"name": "proxy", "image": "y:1", "resources": {"limits": {"cpu": "0.1", "memory": "1Gi"}}},
                ],
            },
        }));
        let read = template(&pod.unwrap());
        assert_eq!((read.cpu_request_milli, read.cpu_limit_milli), (600, None));
        assert_eq!(read.memory_request_bytes, (512 << 20) + (1 << 30));
        let period = read.probes.readiness.map(|probe| probe.period_ns);
        let (hook, grace) = (read.pre_stop_ns, read.grace_ns);
        assert_eq!((period, hook, grace), (Some(5 * SECOND_NS), 15 * SECOND_NS, 45 * SECOND_NS));
    }
}
