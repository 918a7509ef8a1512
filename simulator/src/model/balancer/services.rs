//! What Services say: which pods they select, and how the balancer in front of them chooses.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Service;

use super::{Balancer, Behind, Policy, Rules};
use crate::model::scheduler::finder::Selectors;
use crate::model::scheduler::labels::{Labels, Selector};
use crate::run::Run;
use crate::scenario::Traffic;

/// Annotations of ACK's cloud controller begin with one of these; the second is its older form.
const PREFIXES: [&str; 2] = [
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-",
    "service.beta.kubernetes.io/alicloud-loadbalancer-",
];

const BACKEND_TYPE: &str = "service.beta.kubernetes.io/backend-type";

/// The most that the controller takes as a weight.
const WEIGHT_MAX: u32 = 100;

/// Whether a Service selects pods with these labels.
fn selects(service: &Service, labels: &Labels) -> bool {
    let selector = service.spec.as_ref().and_then(|spec| spec.selector.as_ref());
    selector.is_some_and(|selector| {
        !selector.is_empty() && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
    })
}

/// The Services of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Services {
    all: Vec<Service>,
    selectors: Selectors,
}

impl Services {
    /// Adds one.
    pub fn add(&mut self, service: &Service) {
        let selector = service.spec.as_ref().and_then(|spec| spec.selector.as_ref());
        if let Some(selector) = selector {
            self.selectors.add(&Selector::of(selector), self.all.len());
        }
        self.all.push(service.clone());
    }

    /// Those that select pods with these labels, as they were added.
    pub fn selecting(&self, labels: &Labels) -> impl Iterator<Item = &Service> {
        let candidates = self.selectors.candidates(labels).into_iter().map(|index| &self.all[index]);
        candidates.filter(|service| selects(service, labels))
    }
}

/// Whether a balancer stands in front of a Service.
pub fn is_balancer(service: &Service) -> bool {
    service.spec.as_ref().and_then(|spec| spec.type_.as_deref()) == Some("LoadBalancer")
}

/// The scheduler that a Service asks for, if no balancer of a run has it.
pub fn unknown_scheduler(service: &Service) -> Option<&str> {
    let word = annotation(service, "scheduler").filter(|_| is_balancer(service))?;
    policy(word).is_none().then_some(word)
}

/// What a Service says of the balancer in front of it. ACK's defaults hold for what is not said.
fn said(service: &Service) -> Rules {
    let local = service.spec.as_ref().and_then(|spec| spec.external_traffic_policy.as_deref());
    let annotations = service.metadata.annotations.as_ref();
    let backend_type = annotations.and_then(|all| all.get(BACKEND_TYPE)).map(String::as_str);
    // A weight is for a server group that others fill too: the controller reads it with these alone.
    let shared = annotation(service, "id").and(annotation(service, "vgroup-port"));
    let weight = shared.and(annotation(service, "weight")).and_then(|weight| weight.parse().ok());
    Rules {
        policy: annotation(service, "scheduler").and_then(policy).unwrap_or(Policy::RoundRobin),
        behind: match (backend_type, local) {
            (Some("eni"), _) => Behind::Pods,
            (_, Some("Local")) => Behind::NodesWithPods,
            (_, _) => Behind::EveryNode,
        },
        weight: weight.filter(|weight| *weight <= WEIGHT_MAX),
        is_outside: true,
    }
}

fn policy(scheduler: &str) -> Option<Policy> {
    match scheduler.to_ascii_lowercase().as_str() {
        "rr" => Some(Policy::RoundRobin),
        "wrr" => Some(Policy::Weighted),
        "wlc" => Some(Policy::LeastConnections),
        _ => None,
    }
}

fn annotation<'a>(service: &'a Service, name: &str) -> Option<&'a str> {
    let all = service.metadata.annotations.as_ref()?;
    PREFIXES.iter().find_map(|prefix| all.get(&format!("{prefix}{name}"))).map(String::as_str)
}

impl Run<'_> {
    /// Works out which workloads a Service selects, how it spreads requests, and what pods wait for.
    pub(crate) fn serve(&mut self) {
        self.read_gates();
        let mut rules: Vec<Option<Rules>> = vec![None; self.components.len()];
        for workload in &mut self.workloads {
            for revision in &mut workload.revisions {
                for service in self.services.selecting(&revision.template.labels) {
                    revision.served = true;
                    if is_balancer(service) {
                        // Of several balancers the first is the one that requests come through.
                        rules[workload.component].get_or_insert_with(|| said(service));
                    }
                }
            }
        }
        let traffic = self.scenario.traffic.iter().rev().map(|traffic| (traffic.component.as_str(), traffic));
        let traffic: BTreeMap<&str, &Traffic> = traffic.collect();
        for (component, said) in rules.into_iter().enumerate() {
            let mut rules = said.unwrap_or_default();
            let traffic = traffic.get(self.components[component].name.as_str());
            rules.policy = traffic.and_then(|traffic| traffic.balancer).unwrap_or(rules.policy);
            if self.components[component].balancer.rules != rules {
                self.balance(component, rules);
            }
        }
    }

    /// Puts a new balancer in front of a component.
    fn balance(&mut self, component: usize, rules: Rules) {
        let is_backend = |node: &crate::cluster::NodeState| !node.is_virtual && node.left_ns.is_none();
        let nodes = self.nodes.iter().enumerate().filter(|(_, node)| is_backend(node));
        let mut balancer = Balancer::new(rules, nodes.map(|(number, _)| number as u32));
        for pod in &self.components[component].endpoints {
            balancer.take_in(*pod, self.ecs_node(*pod));
        }
        self.components[component].balancer = balancer;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use compiler::object::{Manifest, Object};
    use serde_json::{Value, json};

    use super::*;
    use crate::model::balancer::Choice;
    use crate::run::fixture::{self, object};
    use crate::scenario::{Scenario, Traffic};
    use crate::world::{Pool, VirtualNode, World};

    const ACK: &str = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-";

    /// Two nodes for eight pods each, and ECI.
    fn world() -> World {
        let pool = |name: &str| Pool {
            name: name.to_owned(),
            cpu_milli: 8_000,
            ..fixture::world(1).pools.remove(0)
        };
        World {
            pools: vec![pool("one"), pool("two")],
            virtual_node: Some(VirtualNode { name: "eci".to_owned(), quota: 100 }),
            ..fixture::world(0)
        }
    }

    fn scenario(balancer: Option<Policy>) -> Scenario {
        let traffic =
            Traffic { component: "web".into(), base_per_second: 0.0, balancer, ..Traffic::default() };
        Scenario { traffic: vec![traffic], ..fixture::scenario() }
    }

    /// Pods of `web` on one place, where each takes a core.
    fn pods(name: &str, replicas: u32, place: &Value) -> Object {
        let labels = json!({"specc.io/component": "web", "deployment": name});
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name, "labels": labels},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels},
                "spec": {"nodeSelector": place,
                    "tolerations": [{"key": "virtual-kubelet.io/provider", "operator": "Exists"}],
                    "containers": [{"name": "web", "image": "web:1",
                        "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}]}}}});
        object(Manifest::Deployment(serde_json::from_value(deployment).unwrap()))
    }

    /// Six pods on node `one`, two on node `two`, and as many on ECI as told, behind a Service.
    fn objects(on_eci: u32, spec: &Value, annotations: &[(String, &str)]) -> Vec<Object> {
        let annotations: BTreeMap<&str, &str> =
            annotations.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        let mut service = json!({"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "web", "annotations": annotations}, "spec": spec});
        service["spec"]["selector"] = json!({"specc.io/component": "web"});
        vec![
            object(Manifest::Service(serde_json::from_value(service).unwrap())),
            pods("a", 6, &json!({"kubernetes.io/hostname": "one-0"})),
            pods("b", 2, &json!({"kubernetes.io/hostname": "two-0"})),
            pods("c", on_eci, &json!({"type": "virtual-kubelet"})),
        ]
    }

    /// How many of so many requests go to each pod of node `one`, of node `two`, and of ECI.
    fn shares(objects: &[Object], balancer: Option<Policy>, requests: u32) -> [Vec<u32>; 3] {
        let (world, scenario) = (world(), scenario(balancer));
        let mut run = Run::new(objects, &world, &scenario, &[]);
        let mut counts = vec![0; run.pods.len()];
        for _ in 0..requests {
            if let Some(choice) = run.choose(0) {
                counts[choice.pod as usize] += 1;
            }
        }
        [0, 1, 2].map(|node| {
            let own = (0..counts.len()).filter(|pod| run.pods[*pod].node == Some(node));
            own.map(|pod| counts[pod]).collect()
        })
    }

    fn balanced(policy: &str, scheduler: &'static str) -> (Value, Vec<(String, &'static str)>) {
        let spec = json!({"type": "LoadBalancer", "externalTrafficPolicy": policy});
        (spec, vec![(format!("{ACK}scheduler"), scheduler)])
    }

    /// Within four deviations of a random choice.
    fn near(count: u32, mean: f64) -> bool {
        (f64::from(count) - mean).abs() < 4.0 * mean.sqrt()
    }

    #[test]
    fn under_cluster_a_pod_on_eci_is_sent_as_many_requests_as_a_whole_node() {
        let (spec, annotations) = balanced("Cluster", "wrr");
        let [one, two, eci] = shares(&objects(2, &spec, &annotations), None, 40_000);
        // Each of four backends has a quarter; what nodes have they hand on to any of the ten pods.
        for count in one.iter().chain(&two) {
            assert!(near(*count, 20_000.0 / 10.0), "{one:?} {two:?}");
        }
        for count in &eci {
            assert!(
                near(count - 10_000, 20_000.0 / 10.0),
                "a quarter of its own, and a tenth of the rest: {eci:?}"
            );
        }
    }

    #[test]
    fn under_local_and_wrr_every_pod_has_the_same() {
        let (spec, annotations) = balanced("Local", "wrr");
        let [one, two, eci] = shares(&objects(2, &spec, &annotations), None, 10_000);
        assert_eq!((one.iter().sum(), two.iter().sum(), eci), (6_000, 2_000, vec![1_000, 1_000]));
        assert!(one.iter().chain(&two).all(|count| near(*count, 1_000.0)), "{one:?} {two:?}");
    }

    #[test]
    fn under_cluster_a_node_that_joins_or_leaves_is_a_backend_more_or_less() {
        let spec = json!({"type": "LoadBalancer"});
        let objects = objects(2, &spec, &[]);
        let (world, scenario) = (world(), scenario(None));
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        let eci_share = |run: &mut Run| {
            let choices: Vec<Choice> = (0..12_000).filter_map(|_| run.choose(0)).collect();
            let on_eci = |choice: &&Choice| run.pods[choice.pod as usize].node == Some(2);
            choices.iter().filter(on_eci).count() as f64 / 12_000.0
        };
        // Two of four backends are on ECI, and two of the ten pods that a node hands on to.
        assert!((eci_share(&mut run) - (0.5 + 0.5 * 0.2)).abs() < 0.02);
        run.tell_balancers(7, true);
        assert!((eci_share(&mut run) - (0.4 + 0.6 * 0.2)).abs() < 0.02, "a fifth backend");
        run.tell_balancers(7, false);
        assert!((eci_share(&mut run) - (0.5 + 0.5 * 0.2)).abs() < 0.02);
    }

    #[test]
    fn under_local_and_rr_weights_do_not_count() {
        let spec = json!({"type": "LoadBalancer", "externalTrafficPolicy": "Local"});
        let [one, two, eci] = shares(&objects(2, &spec, &[]), None, 10_000);
        assert_eq!((one.iter().sum(), two.iter().sum(), eci), (2_500, 2_500, vec![2_500, 2_500]));
    }

    #[test]
    fn a_balancer_of_eni_knows_pods_and_no_nodes() {
        let spec = json!({"type": "LoadBalancer"});
        let annotations = [(BACKEND_TYPE.to_owned(), "eni")];
        let shares = shares(&objects(2, &spec, &annotations), None, 1_000);
        assert_eq!(shares, [vec![100; 6], vec![100; 2], vec![100; 2]]);
    }

    #[test]
    fn a_weight_below_the_number_of_pods_leaves_those_on_eci_without_requests() {
        let (spec, mut annotations) = balanced("Local", "wrr");
        annotations.extend(
            [("id", "lb-1"), ("vgroup-port", "rsp-1:80"), ("weight", "10")]
                .map(|(key, value)| (format!("{ACK}{key}"), value)),
        );
        let [one, two, eci] = shares(&objects(2, &spec, &annotations), None, 10_000);
        assert_eq!((one.iter().sum(), two.iter().sum(), eci), (6_000, 2_000, vec![1_000, 1_000]));
        // Ten parts for eleven pods: a node of six has 5 of them, one of two has 1.
        let [one, two, eci] = shares(&objects(3, &spec, &annotations), None, 12_000);
        assert_eq!((one.iter().sum(), two.iter().sum(), eci), (10_000, 2_000, vec![0, 0, 0]));
    }

    #[test]
    fn a_service_without_a_balancer_is_random_over_pods() {
        let [one, two, eci] = shares(&objects(2, &json!({"type": "ClusterIP"}), &[]), None, 10_000);
        assert!(
            one.iter().chain(&two).chain(&eci).all(|count| near(*count, 1_000.0)),
            "{one:?} {two:?} {eci:?}"
        );
    }

    #[test]
    fn what_a_scenario_says_replaces_the_scheduler() {
        let service = || objects(2, &json!({"type": "ClusterIP"}), &[]);
        let turns = shares(&service(), Some(Policy::RoundRobin), 1_000);
        assert_eq!(turns, [vec![100; 6], vec![100; 2], vec![100; 2]]);
        let (spec, annotations) = balanced("Local", "rr");
        let [one, two, eci] = shares(&objects(2, &spec, &annotations), Some(Policy::Weighted), 1_000);
        assert_eq!((one.iter().sum(), two.iter().sum(), eci), (600, 200, vec![100, 100]));
    }

    #[test]
    fn open_requests_by_weight_decide_where_the_least_connections_are() {
        let (spec, annotations) = balanced("Local", "wlc");
        let (world, scenario) = (world(), scenario(None));
        let objects = objects(2, &spec, &annotations);
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        let mut open: Vec<Choice> = (0..1_000).filter_map(|_| run.choose(0)).collect();
        let on_node = |run: &Run, choice: &Choice, node| run.pods[choice.pod as usize].node == Some(node);
        let count = |run: &Run, open: &[Choice], node| {
            open.iter().filter(|choice| on_node(run, choice, node)).count()
        };
        assert_eq!([0, 1, 2].map(|node| count(&run, &open, node)), [600, 200, 200]);
        // What is over on one node is what goes there next.
        for choice in open.extract_if(.., |choice| on_node(&run, choice, 1)).collect::<Vec<_>>() {
            run.closed(choice);
        }
        open.extend((0..200).filter_map(|_| run.choose(0)));
        assert_eq!([0, 1, 2].map(|node| count(&run, &open, node)), [600, 200, 200]);
        // Idle, it gives turns by weight.
        for choice in open {
            run.closed(choice);
        }
        let mut turns = [0; 3];
        for _ in 0..1_000 {
            let choice = run.choose(0).unwrap();
            turns[run.pods[choice.pod as usize].node.unwrap()] += 1;
            run.closed(choice);
        }
        for (count, share) in turns.iter().zip([600_i32, 200, 200]) {
            assert!((count - share).abs() <= 2, "{turns:?}");
        }
    }

    #[test]
    fn the_emptier_of_two_is_taken() {
        let objects = objects(2, &json!({"type": "ClusterIP"}), &[]);
        let (world, scenario) = (world(), scenario(Some(Policy::RandomOfTwo)));
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        let mut counts = [0_u32; 10];
        for _ in 0..1_000 {
            counts[run.choose(0).unwrap().pod as usize] += 1;
        }
        // At random alone they would be some thirty apart.
        let (least, most) = (counts.iter().min(), counts.iter().max());
        assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 6), "{counts:?}");
    }
}
