//! The beginning of a run: objects become components, Deployments, autoscalers and pods that serve already.

use std::collections::{BTreeMap, BTreeSet};

use compiler::lower::REVISION;
use compiler::object::{Manifest, Object, ObjectKey};
use compiler::plan::Plan;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1::Taint;

use super::left_out::left_out;
use super::{Counters, Run};
use crate::cluster::{Component, Held, NodeState, Phase, Workload};
use crate::engine::clock::SIGNED_SECOND_NS;
use crate::engine::queue::Event;
use crate::engine::trace::ComponentTrace;
use crate::model::autoscaler::Autoscaler;
use crate::model::controller::Controller;
use crate::model::disruption::Budget;
use crate::model::quota::Quota;
use crate::model::readiness_gate::Gate;
use crate::model::rollout::Rollout;
use crate::model::scheduler::labels::Labels;
use crate::model::scheduler::node::Node;
use crate::model::scheduler::search;
use crate::model::scheduler::shape::Resources;
use crate::model::scheduler::spread::{HOSTNAME, ZONE};
use crate::model::traffic::Source;
use crate::model::verification::unanswered;
use crate::model::workloads::desk::{Desk, Subject};
use crate::model::workloads::pods::revision;
use crate::world::{self, Figures, VirtualNode, virtual_node};

/// Pods of the beginning have run for an hour: no start-up rule applies to them any more.
const AGE_NS: i64 = 3_600 * SIGNED_SECOND_NS;

/// The scheduler takes a hundredfold of a node's room.
const ROOM_MAX: i64 = i64::MAX / 200;

impl<'a> Run<'a> {
    pub(super) fn fill(&mut self, objects: &[Object], plans: &'a [Plan]) {
        for (pool, node) in self.world.nodes() {
            self.join_node(Some(pool), seen(&node, &self.world.figures), 0);
        }
        if let Some(node) = &self.world.virtual_node {
            self.join_node(None, seen_virtual(node), 0);
        }
        self.applied = objects.iter().map(|object| (object.key(), object.value().to_string())).collect();
        self.add_components(objects);
        for object in objects {
            if let Manifest::ResourcePolicy(policy) = &object.manifest {
                self.policies.push((**policy).clone());
            }
            if let Manifest::Service(service) = &object.manifest {
                self.services.add(service);
            }
            if let Manifest::PodDisruptionBudget(budget) = &object.manifest {
                self.budgets.extend(Budget::read(budget));
            }
            if let Manifest::ResourceQuota(quota) = &object.manifest {
                self.quotas.push(Quota::read(quota));
            }
            if let Manifest::Ingress(ingress) = &object.manifest {
                self.ingresses.push((**ingress).clone());
            }
        }
        // The scheduler spreads the pods of a Service, so Services come first.
        let least = least_replicas(objects);
        for object in objects {
            if let Some(controller) = Controller::of(&object.manifest) {
                let replicas = initial_replicas(&controller, &least);
                self.add_workload(&controller, object.key(), replicas);
            }
        }
        for object in objects {
            if let Manifest::HorizontalPodAutoscaler(autoscaler) = &object.manifest {
                self.add_autoscaler(autoscaler);
            }
        }
        self.serve();
        for autoscaler in &mut self.autoscalers {
            // It has run for long and knows its Deployment.
            let replicas = autoscaler.workload.map_or(0, |workload| self.workloads[workload].held.replicas());
            autoscaler.current = replicas.cast_signed();
        }
        self.begin_trace();
        self.begin_scans();
        self.trace.left_out = left_out(objects, self.scenario);
        self.trace.left_out.extend(self.closed_gates());
        self.populate();
        self.add_traffic();
        self.add_calls();
        self.begin_flow();
        self.add_timers(plans);
        for object in objects {
            self.apply_clock(object);
        }
    }

    /// Applies an object that scales by the clock, if it is one.
    pub(crate) fn apply_clock(&mut self, object: &Object) {
        if let Manifest::CronHorizontalPodAutoscaler(written) = &object.manifest {
            self.apply_cronhpa(written);
        }
        if let Manifest::CronJob(job) = &object.manifest {
            self.apply_cron_job(object.key(), job);
        }
    }

    /// Components of workloads, of traffic and of calls, sorted by name.
    fn add_components(&mut self, objects: &[Object]) {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for object in objects {
            if let Some(controller) = Controller::of(&object.manifest) {
                names.insert(controller.component());
            }
        }
        names.extend(self.scenario.traffic.iter().map(|traffic| traffic.component.clone()));
        let calls = self.scenario.services.iter().flat_map(|service| &service.calls);
        names.extend(calls.map(|call| call.to.clone()));
        let services = self.scenario.services.iter().enumerate();
        let services: BTreeMap<&str, usize> =
            services.rev().map(|(index, service)| (service.component.as_str(), index)).collect();
        for name in names {
            let service = services.get(name.as_str()).copied();
            self.add_component(Component { name, service, ..Component::default() });
        }
    }

    fn add_component(&mut self, component: Component) -> usize {
        let index = self.components.len();
        self.component_named.insert(component.name.clone(), index);
        self.components.push(component);
        self.counters.push(Counters::default());
        index
    }

    /// Adds a workload without pods.
    pub(crate) fn add_workload(&mut self, controller: &Controller, key: ObjectKey, replicas: u32) -> usize {
        let name = controller.component();
        let component = self.component_named.get(&name).copied().unwrap_or_else(|| {
            self.trace.components.push(ComponentTrace { name: name.clone(), ..Default::default() });
            self.add_component(Component { name, ..Component::default() })
        });
        let index = self.workloads.len();
        self.components[component].workloads.push(index);
        let shape = self.shape(controller, key.namespace.as_deref().unwrap_or_default(), 0);
        self.workloads.push(Workload {
            key,
            component,
            revision: controller.label(REVISION).unwrap_or_default(),
            held: Held::new(controller, 0, replicas),
            desk: self.desks.len(),
            revisions: vec![revision(controller, shape)],
            pods: BTreeSet::new(),
            ending: BTreeSet::new(),
            epoch: None,
            removed: false,
        });
        self.desks.push(Desk::new(Subject::Workload(index)));
        index
    }

    /// Adds an autoscaler, or tells the one of that name what it keeps.
    pub(crate) fn add_autoscaler(&mut self, object: &HorizontalPodAutoscaler) -> usize {
        let target = &object.spec.scale_target_ref.name;
        let workload =
            self.workloads.iter().position(|workload| &workload.key.name == target && !workload.removed);
        let added = Autoscaler::new(object, workload, &self.world.figures.autoscaler);
        let known = self.autoscalers.iter().position(|known| known.name == added.name && !known.removed);
        if let Some(known) = known {
            // Its bounds belong to whoever scales.
            let old = &mut self.autoscalers[known];
            let bounds = old.bounds();
            old.spec = added.spec;
            old.set_bounds(bounds);
            self.stir_autoscaler(known);
            return known;
        }
        self.autoscalers.push(added);
        self.autoscalers.len() - 1
    }

    /// An autoscaler that was there before its Deployment finds it.
    pub(crate) fn adopt(&mut self, workload: usize) {
        let name = self.workloads[workload].key.name.clone();
        let waits = |autoscaler: &&mut Autoscaler| autoscaler.workload.is_none() && autoscaler.name == name;
        for autoscaler in self.autoscalers.iter_mut().filter(waits) {
            autoscaler.workload = Some(workload);
        }
    }

    /// Pods of the beginning: they have their nodes and images and are ready, as long as there is room.
    fn populate(&mut self) {
        // Pods of daemons come with the node, and members keep their place over every release of others.
        let rank = |workload: &Workload| match workload.key.kind.as_str() {
            "DaemonSet" => 0,
            "StatefulSet" => 1,
            _ => 2,
        };
        let mut order: Vec<usize> = (0..self.workloads.len()).collect();
        order.sort_by_key(|index| rank(&self.workloads[*index]));
        for workload in order {
            // Members come one after the other, so that controllers and places take turns.
            self.settle(workload);
            while self.place_beginning(workload) {
                self.settle(workload);
            }
        }
    }

    /// Gives its node to each pod of a workload that fits somewhere; `false` if none does.
    fn place_beginning(&mut self, workload: usize) -> bool {
        let mut placed = false;
        let waits = |pod: &u32| self.pods[*pod as usize].node.is_none();
        let waiting: Vec<u32> = self.workloads[workload].pods.iter().copied().filter(waits).collect();
        for pod in waiting {
            // Nobody knows which nodes there were when these pods came: as few are looked at as the scheduler ever looks at.
            let Ok(node) = self.find_node(pod, search::least) else { continue };
            let images = self.workloads[workload].template(&self.pods[pod as usize]).images.clone();
            placed = true;
            self.pending.forget(pod);
            self.occupy(pod, node);
            self.eci.know(&images);
            self.nodes[node].images.extend(images);
            let ready = !matches!(self.gate_of(pod), Gate::Never(_));
            self.change_pod(pod, |state| {
                (state.phase, state.ready, state.accepting) = (Phase::Running, ready, true);
                (state.start_time_ns, state.running_ns, state.transition_ns) = (-AGE_NS, -AGE_NS, -AGE_NS);
            });
            self.begin_housekeeping(pod, true);
            self.tell_proxies(pod, true);
            if self.nodes[node].is_virtual {
                self.pods[pod as usize].eci_from_ns = Some(0);
                self.watch_spot(pod, None);
            }
        }
        placed
    }

    fn add_traffic(&mut self) {
        let scenario = self.scenario;
        for (index, traffic) in scenario.traffic.iter().enumerate() {
            let Some(component) = self.component_named.get(&traffic.component).copied() else { continue };
            let client = scenario.clients.iter().find(|client| client.of == traffic.component);
            let patience = client.map(|client| client.patience).unwrap_or_default();
            let client = self.add_callers(&patience, component, false);
            self.sources.push(Source::new(scenario, index, component, client as usize));
            self.next_arrival(index);
        }
    }

    /// Everything that comes round: samples, scrapes, autoscalers; and the releases of the scenario.
    fn add_timers(&mut self, plans: &'a [Plan]) {
        let figures = &self.world.figures;
        self.queue.push(self.step_ns().min(self.end_ns), Event::Sample);
        let scrape_ns = self.streams.phase.below(figures.metrics_resolution_ns.max(1));
        self.scrape_at(scrape_ns);
        let period_ns = figures.autoscaler.sync_period_ns.max(1);
        for index in 0..self.autoscalers.len() {
            let sync_ns = self.streams.phase.below(period_ns);
            self.autoscale_at(index, sync_ns);
        }
        self.add_faults();
        if !self.scenario.metrics.is_empty() {
            let measure_ns = self.streams.phase.below(figures.metrics_resolution_ns.max(1));
            self.queue.push(measure_ns, Event::Measure);
        }
        for (index, (release, plan)) in self.scenario.releases.iter().zip(plans).enumerate() {
            let released = plan.releases.iter().find(|planned| planned.component == release.component);
            let unanswered = released.into_iter().flat_map(|planned| unanswered(self.scenario, planned));
            self.trace.left_out.extend(unanswered);
            self.rollouts.push(Rollout::new(&release.component, release.at_ns, release.approve_ns, plan));
            self.queue.push(release.at_ns, Event::Rollout(index as u32));
        }
    }
}

/// The least that autoscalers keep, by what they scale.
fn least_replicas(objects: &[Object]) -> BTreeMap<&str, i32> {
    let least = objects.iter().rev().filter_map(|object| {
        let Manifest::HorizontalPodAutoscaler(autoscaler) = &object.manifest else { return None };
        let spec = &autoscaler.spec;
        Some((spec.scale_target_ref.name.as_str(), spec.min_replicas.unwrap_or(1)))
    });
    least.collect()
}

/// `spec.replicas`, or the least that its autoscaler keeps, or 1.
fn initial_replicas(controller: &Controller, least: &BTreeMap<&str, i32>) -> u32 {
    let least = controller.metadata.name.as_deref().and_then(|name| least.get(name)).copied();
    u32::try_from(controller.replicas().or(least).unwrap_or(1)).unwrap_or(0)
}

/// A node of a world as the scheduler sees it.
pub(crate) fn seen(node: &world::Node, figures: &Figures) -> Node {
    let mut own = vec![
        ("kubernetes.io/os", node.os),
        (HOSTNAME, node.name.as_str()),
        (ZONE, &node.zone),
        ("alibabacloud.com/nodepool-id", &node.pool),
    ];
    own.extend(node.build.map(|build| ("node.kubernetes.io/windows-build", build)));
    Node {
        name: node.name.clone(),
        labels: labels(&own),
        allocatable: Resources {
            cpu_milli: node.cpu_milli.cast_signed(),
            memory_bytes: node.memory_bytes.cast_signed(),
        },
        pods_max: figures.pods_per_node,
        ..Node::default()
    }
}

/// The virtual node as the scheduler sees it.
fn seen_virtual(node: &VirtualNode) -> Node {
    let (key, value) = virtual_node::TAINT;
    let quota = i64::from(node.quota);
    let own = [("kubernetes.io/os", "linux"), (HOSTNAME, node.name.as_str()), virtual_node::TYPE_LABEL];
    Node {
        name: node.name.clone(),
        labels: labels(&own),
        taints: vec![Taint {
            key: key.to_owned(),
            value: Some(value.to_owned()),
            effect: "NoSchedule".to_owned(),
            ..Taint::default()
        }],
        is_virtual: true,
        // Behind a virtual node there is always room; only the quota ends.
        allocatable: Resources {
            cpu_milli: (quota * virtual_node::POD_CPU_MILLI_MAX).min(ROOM_MAX),
            memory_bytes: quota.saturating_mul(virtual_node::POD_MEMORY_BYTES_MAX).min(ROOM_MAX),
        },
        pods_max: node.quota,
        ..Node::default()
    }
}

fn labels(labels: &[(&str, &str)]) -> Labels {
    labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// A node without pods as its kubelet knows it.
pub(crate) fn room(node: &Node, pool: Option<usize>, billed_from_ns: u64) -> NodeState {
    NodeState {
        name: node.name.clone(),
        is_virtual: node.is_virtual,
        is_windows: node.labels.get("kubernetes.io/os").is_some_and(|os| os == "windows"),
        pool,
        cpu_milli: node.allocatable.cpu_milli.unsigned_abs(),
        memory_bytes: node.allocatable.memory_bytes.unsigned_abs(),
        pods_max: node.pods_max,
        cpu_requested: 0,
        memory_requested: 0,
        pods: Vec::new(),
        images: BTreeSet::new(),
        pull_free_ns: 0,
        billed_from_ns,
        unneeded_ns: None,
        is_closed: false,
        left_ns: None,
    }
}
