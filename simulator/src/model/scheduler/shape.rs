//! What the pods of one template ask of a node, read once.

use compiler::resolve::quantity;
use k8s_openapi::api::core::v1::{
    Container, NodeAffinity, PodAffinityTerm, PodSpec, PodTemplateSpec, ResourceRequirements, Toleration,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::labels::{Labels, NodeTerm, Requirement, Selector};
use super::spread::{self, Constraint};

/// CPU that the score counts for a container without a request: `DefaultMilliCPURequest` of the scheduler.
const SCORED_CPU_MILLI: i64 = 100;
/// Memory that the score counts for a container without a request: `DefaultMemoryRequest` of the scheduler.
const SCORED_MEMORY_BYTES: i64 = 200 << 20;

/// All that the scheduler reads of a pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// The pod's namespace.
    pub namespace: String,
    /// Its labels.
    pub labels: Labels,
    /// Its requests.
    pub requests: Resources,
    /// Its requests as the score for free room counts them: no container asks for nothing.
    pub scored: Resources,
    /// Which taints it bears.
    pub tolerations: Vec<Toleration>,
    /// Labels that its node must have.
    pub node_selector: Labels,
    /// Terms of which its node must meet one; `None` without a required affinity.
    pub required: Option<Vec<NodeTerm>>,
    /// Terms that its node had better meet, with their weights; `None` without a preferred affinity.
    pub preferred: Option<Vec<(i64, NodeTerm)>>,
    /// Topologies over which its like must be spread.
    pub hard: Vec<Constraint>,
    /// Topologies over which its like had better be spread.
    pub soft: Vec<Constraint>,
    /// Whether `soft` are the scheduler's own, which a node without one of the keys does not escape.
    pub soft_by_default: bool,
    /// Pods that must be near.
    pub near: Vec<PodTerm>,
    /// Pods that must not be near.
    pub apart: Vec<PodTerm>,
    /// Pods that had better be near, or not, where the weight is negative.
    pub liked: Vec<(i64, PodTerm)>,
}

/// CPU in thousandths of a core and memory in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Thousandths of a core.
    pub cpu_milli: i64,
    /// Bytes.
    pub memory_bytes: i64,
}

impl Resources {
    /// Both together, or less the other where `count` is negative.
    pub fn add(&mut self, other: Self, count: i64) {
        self.cpu_milli += count * other.cpu_milli;
        self.memory_bytes += count * other.memory_bytes;
    }
}

/// Pods by label and namespace, and how far "near" reaches.
#[derive(Clone, Debug, PartialEq)]
pub struct PodTerm {
    /// The label of nodes whose value two pods share when they are near.
    pub key: String,
    selector: Selector,
    namespaces: Vec<String>,
    /// Selects namespaces by their labels; only the name of a namespace is known here.
    namespace_selector: Selector,
}

impl PodTerm {
    /// Reads a term of a pod; as the API server, it adds the values of the pod's own labels where asked.
    fn read(written: &PodAffinityTerm, namespace: &str, labels: &Labels) -> Self {
        let own = |keys: &Option<Vec<String>>, make: fn(&str, &[&str]) -> Requirement| {
            let keys = keys.iter().flatten();
            let values = keys.filter_map(|key| labels.get(key).map(|value| make(key, &[value])));
            values.collect::<Vec<_>>()
        };
        let selector = Selector::read(written.label_selector.as_ref())
            .and(own(&written.match_label_keys, Requirement::is_in))
            .and(own(&written.mismatch_label_keys, Requirement::is_not_in));
        let mut namespaces = written.namespaces.clone().unwrap_or_default();
        if namespaces.is_empty() && written.namespace_selector.is_none() {
            namespaces.push(namespace.to_owned());
        }
        let namespace_selector = Selector::read(written.namespace_selector.as_ref());
        Self { key: written.topology_key.clone(), selector, namespaces, namespace_selector }
    }

    /// Whether it means the pods of a shape.
    pub fn matches(&self, other: &Shape) -> bool {
        let own = || {
            let name = ("kubernetes.io/metadata.name".to_owned(), other.namespace.clone());
            self.namespace_selector.matches(&Labels::from([name]))
        };
        (self.namespaces.contains(&other.namespace) || own()) && self.selector.matches(&other.labels)
    }
}

impl Shape {
    /// Reads a pod template. `alike` selects the pods of the same controller and Services, for pods that say
    /// nothing about spreading.
    pub fn read(template: &PodTemplateSpec, namespace: &str, alike: &Selector) -> Self {
        let labels = template.metadata.as_ref().and_then(|metadata| metadata.labels.clone());
        let labels = labels.unwrap_or_default();
        let mut shape = Self { namespace: namespace.to_owned(), labels, ..Self::default() };
        if let Some(spec) = &template.spec {
            shape.read_spec(spec);
            let constraints = spec.topology_spread_constraints.as_deref().unwrap_or_default();
            (shape.hard, shape.soft) = spread::read(constraints, &shape.labels);
            shape.soft_by_default = constraints.is_empty();
        }
        if shape.soft_by_default && !alike.is_empty() {
            shape.soft = spread::by_default(alike);
        }
        shape
    }

    /// Every selector of pods in it.
    pub fn selectors(&self) -> impl Iterator<Item = &Selector> {
        let terms = self.near.iter().chain(&self.apart).chain(self.liked.iter().map(|(_, term)| term));
        let constraints = self.hard.iter().chain(&self.soft).map(|constraint| &constraint.selector);
        constraints.chain(terms.map(|term| &term.selector))
    }

    /// Whether every node is to it what it is to another, as long as nodes are empty.
    pub fn likes_nodes_as(&self, other: &Self) -> bool {
        self.tolerations == other.tolerations
            && self.node_selector == other.node_selector
            && self.required == other.required
            && self.preferred == other.preferred
    }

    fn read_spec(&mut self, spec: &PodSpec) {
        self.requests = resources(spec, Resources::default());
        let missing = Resources { cpu_milli: SCORED_CPU_MILLI, memory_bytes: SCORED_MEMORY_BYTES };
        self.scored = resources(spec, missing);
        self.tolerations = spec.tolerations.clone().unwrap_or_default();
        self.node_selector = spec.node_selector.clone().unwrap_or_default();
        let Some(affinity) = &spec.affinity else { return };
        if let Some(nodes) = &affinity.node_affinity {
            self.read_nodes(nodes);
        }
        let term = |term: &PodAffinityTerm| PodTerm::read(term, &self.namespace, &self.labels);
        let (mut near, mut apart, mut liked) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(pods) = &affinity.pod_affinity {
            near.extend(pods.required_during_scheduling_ignored_during_execution.iter().flatten().map(term));
            let preferred = pods.preferred_during_scheduling_ignored_during_execution.iter().flatten();
            liked.extend(preferred.map(|one| (i64::from(one.weight), term(&one.pod_affinity_term))));
        }
        if let Some(pods) = &affinity.pod_anti_affinity {
            apart.extend(pods.required_during_scheduling_ignored_during_execution.iter().flatten().map(term));
            let preferred = pods.preferred_during_scheduling_ignored_during_execution.iter().flatten();
            liked.extend(preferred.map(|one| (-i64::from(one.weight), term(&one.pod_affinity_term))));
        }
        (self.near, self.apart, self.liked) = (near, apart, liked);
    }

    fn read_nodes(&mut self, affinity: &NodeAffinity) {
        let required = affinity.required_during_scheduling_ignored_during_execution.as_ref();
        self.required =
            required.map(|selector| selector.node_selector_terms.iter().filter_map(NodeTerm::read).collect());
        let preferred = affinity.preferred_during_scheduling_ignored_during_execution.as_ref();
        self.preferred = preferred.map(|terms| {
            let terms =
                terms.iter().map(|term| Some((i64::from(term.weight), NodeTerm::read(&term.preference)?)));
            terms.flatten().collect()
        });
    }
}

/// What a pod requests: its containers beside each other, or its hungriest init container beside the sidecars
/// before it, and the overhead of its runtime; what stands at the pod itself wins.
fn resources(spec: &PodSpec, missing: Resources) -> Resources {
    Resources {
        cpu_milli: total(spec, "cpu", missing.cpu_milli, cpu_milli),
        memory_bytes: total(spec, "memory", missing.memory_bytes, memory_bytes),
    }
}

fn total(spec: &PodSpec, resource: &str, missing: i64, read: fn(&Quantity) -> i64) -> i64 {
    let of = |container: &Container| requested(container.resources.as_ref(), resource).map_or(missing, read);
    let mut together: i64 = spec.containers.iter().map(of).sum();
    let (mut sidecars, mut first) = (0, 0);
    for container in spec.init_containers.iter().flatten() {
        let one = of(container);
        if container.restart_policy.as_deref() == Some("Always") {
            (together, sidecars) = (together + one, sidecars + one);
            first = first.max(sidecars);
        } else {
            first = first.max(sidecars + one);
        }
    }
    let own = requested(spec.resources.as_ref(), resource).map(read);
    let overhead = spec.overhead.as_ref().and_then(|overhead| overhead.get(resource)).map_or(0, read);
    own.unwrap_or(together.max(first)) + overhead
}

/// A request that is absent equals the limit, as the API server has it.
fn requested<'a>(resources: Option<&'a ResourceRequirements>, resource: &str) -> Option<&'a Quantity> {
    let resources = resources?;
    let of = |list: &'a Option<std::collections::BTreeMap<String, Quantity>>| list.as_ref()?.get(resource);
    of(&resources.requests).or_else(|| of(&resources.limits))
}

fn cpu_milli(quantity: &Quantity) -> i64 {
    i64::try_from(quantity::cpu_milli(&quantity.0).unwrap_or(0)).unwrap_or(i64::MAX / 1000)
}

fn memory_bytes(quantity: &Quantity) -> i64 {
    i64::try_from(quantity::memory_bytes(&quantity.0).unwrap_or(0)).unwrap_or(i64::MAX / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(spec: &serde_json::Value) -> Shape {
        let template = serde_json::json!({"metadata": {"labels": {"app": "x"}}, "spec": spec});
        Shape::read(&serde_json::from_value(template).unwrap(), "default", &Selector::Nothing)
    }

    #[test]
    fn a_container_without_a_request_is_scored_and_fits_anywhere() {
        let read = shape(&serde_json::json!({"containers": [{"name": "app"}, {"name": "proxy"}]}));
        assert_eq!(read.requests, Resources::default());
        assert_eq!(read.scored, Resources { cpu_milli: 200, memory_bytes: 400 << 20 });
    }

    #[test]
    fn a_hungry_init_container_runs_beside_the_sidecars_before_it() {
        let cpu = |cpu: &str| serde_json::json!({"requests": {"cpu": cpu}});
        let read = shape(&serde_json::json!({
            "containers": [{"name": "app", "resources": cpu("500m")}],
            "initContainers": [
                {"name": "proxy", "restartPolicy": "Always", "resources": cpu("100m")},
                {"name": "migrate", "resources": cpu("2")},
            ],
        }));
        assert_eq!(read.requests.cpu_milli, 2_100);
    }
}
