//! The scheduler of Kubernetes: which node takes a pod, and when a pod that none took is tried again.
//!
//! [`shape`] reads a pod template; [`cache`] knows nodes and pods and decides: rules and wishes are [`taints`],
//! [`affinity`], [`fit`], [`balance`], [`spread`] and [`neighbours`], a file each, made comparable by [`score`], over
//! the nodes that [`search`] looks at. [`queue`] says who is next. Nothing of it knows the simulation: the same code
//! replays recorded placements. This file is the other side, the scheduler of a run.
//!
//! Not here, since no object or world says enough: preemption by priority, volumes, ports of nodes, devices, other
//! resources than CPU and memory, and the score for images that a node has, which needs their sizes.

pub mod affinity;
pub mod balance;
pub mod cache;
pub mod finder;
pub mod fit;
pub mod labels;
pub mod neighbours;
pub mod node;
pub mod queue;
pub mod refusals;
pub mod score;
pub mod search;
pub mod shape;
pub mod spread;
pub mod taints;
pub mod topology;

use std::collections::BTreeMap;

use super::controller::{Controller, Kind};
use crate::engine::queue::Event;
use crate::engine::trace::What;
use crate::mechanism::{Mechanism, Number, seconds};
use crate::run::Run;
use labels::{Labels, Requirement, Selector};
use queue::Change;
use refusals::Refusals;
use shape::Shape;

/// `scheduler`
pub static MECHANISM: Mechanism = Mechanism {
    name: "scheduler",
    docs: "kube-scheduler of Kubernetes 1.36 with its default profile, step for step: taints, node selector and affinity, room, topology spread and affinity between pods as rules; the same, free room and the balance of CPU and memory as wishes, weighed as upstream; a sample of the nodes in large clusters; a refused pod is tried again as soon as something changes that may help it, behind those that were refused less often, and after five minutes at the latest. It is checked against recorded placements. Among equal nodes the first in its order is chosen, where upstream draws one. A ResourcePolicy of ACK comes first: nodes of a later kind are used where none of an earlier one would do. Left out: preemption, volumes, ports of nodes, devices, resources other than CPU and memory, and the score for images that a node has.",
    defaults: &[
        Number {
            name: "from a pod to its node",
            value: |figures| seconds(figures.scheduling_delay_ns),
            source: "assumption: scheduler_perf places more than 500 pods a second, one takes some milliseconds",
        },
        Number {
            name: "nodes that are enough",
            value: |_| "50 % less one for each 125 nodes, at least 5 % and 100".to_owned(),
            source: "kube-scheduler, pkg/scheduler/schedule_one.go: numFeasibleNodesToFind",
        },
        Number {
            name: "weights",
            value: |_| {
                "taints 3, node affinity 2, spread 2, pod affinity 2, free room 1, balance 1".to_owned()
            },
            source: "kube-scheduler, pkg/scheduler/apis/config/v1/default_plugins.go",
        },
        Number {
            name: "back-off",
            value: |_| "1 s, doubled up to 10 s; nobody idles for it".to_owned(),
            source: "kube-scheduler, pkg/scheduler/apis/config/v1/defaults.go; feature SchedulerPopFromBackoffQ",
        },
    ],
};

/// The label that a Deployment gives to the pods of one template.
const TEMPLATE_HASH: &str = "pod-template-hash";

impl Run<'_> {
    /// The shape of the pods of a workload's template, which has a number there. Pods alike are, to the scheduler, those of
    /// the same Services and controller.
    pub(crate) fn shape(&mut self, controller: &Controller, namespace: &str, number: usize) -> usize {
        let mut template = controller.template.clone();
        let labels = &mut template.metadata.get_or_insert_default().labels;
        let name =
            controller.metadata.name.as_ref().filter(|_| matches!(controller.kind, Kind::Deployment(_)));
        if let Some(name) = name {
            labels.get_or_insert_default().insert(TEMPLATE_HASH.to_owned(), format!("{name}-{number}"));
        }
        let labels = labels.clone().unwrap_or_default();
        let selectors =
            self.services.selecting(&labels).filter_map(|service| service.spec.as_ref()?.selector.as_ref());
        let services: Labels = selectors.flatten().map(|(k, v)| (k.clone(), v.clone())).collect();
        let hash = labels.get(TEMPLATE_HASH).map(|hash| Requirement::is_in(TEMPLATE_HASH, &[hash]));
        let own = controller.selector().map(|selector| Selector::read(Some(selector)));
        let own = own.map_or_else(Vec::new, Selector::requirements);
        let alike = Selector::of(&services).and(own).and(hash);
        self.scheduler.shape(Shape::read(&template, namespace, &alike))
    }

    /// The kinds of node that a `ResourcePolicy` allows a pod, ECI or not, in its order.
    pub(crate) fn units(&self, pod: u32) -> Vec<bool> {
        let state = &self.pods[pod as usize];
        let labels = &self.workloads[state.workload].template(state).labels;
        let policy = self
            .policies
            .iter()
            .find(|policy| policy.spec.selector.iter().all(|(key, value)| labels.get(key) == Some(value)));
        policy.map_or_else(Vec::new, |policy| {
            policy.spec.units.iter().map(|unit| unit.resource == "eci").collect()
        })
    }

    /// The node for a pod: a daemon's own, or the best of so many that are enough.
    pub(crate) fn find_node(&mut self, pod: u32, enough: fn(usize) -> usize) -> Result<usize, Refusals> {
        let state = &self.pods[pod as usize];
        let (shape, pinned) = (state.shape, state.pinned);
        if let Some(node) = pinned {
            return self.scheduler.place_on(shape, node);
        }
        let units = self.units(pod);
        self.scheduler.place_among(shape, &units, enough)
    }

    /// The scheduler looks at a time, unless it looks earlier.
    pub(crate) fn schedule_at(&mut self, at_ns: u64) {
        if self.schedule_due.is_none_or(|due| at_ns < due) {
            self.schedule_due = Some(at_ns);
            self.queue.push(at_ns, Event::Schedule);
        }
    }

    /// Finds a node for every pod that may be tried.
    pub(crate) fn schedule(&mut self) {
        let now = self.clock.now_ns();
        if self.schedule_due != Some(now) {
            return;
        }
        self.schedule_due = None;
        self.pending.flush(now);
        // Why the pods of a workload were refused in this look; `None` if they found nodes.
        let mut tried: BTreeMap<usize, Option<Refusals>> = BTreeMap::new();
        let mut hopeless: BTreeMap<usize, Refusals> = BTreeMap::new();
        while let Some((pod, shape)) = self.pending.pop(now) {
            let workload = self.pods[pod as usize].workload;
            // Pods of one shape are refused for one reason; trying each of them would find nothing new.
            let refused = match hopeless.get(&shape) {
                Some(refusals) => Err(*refusals),
                None => self.find_node(pod, search::enough),
            };
            match refused {
                Ok(node) => {
                    self.pending.placed(pod);
                    self.bind(pod, node);
                    self.pending.changed(&self.scheduler, Change::Bound(shape), now);
                    // A pod more takes room, and can help those alone that look at other pods.
                    hopeless.retain(|shape, _| !self.scheduler.minds_pods(*shape));
                    tried.entry(workload).or_insert(None);
                }
                Err(refusals) => {
                    self.pending.refuse(pod, refusals, now);
                    // A daemon's pods have a node each, and so a reason each.
                    if self.pods[pod as usize].pinned.is_none() {
                        hopeless.insert(shape, refusals);
                    }
                    tried.insert(workload, Some(refusals));
                }
            }
        }
        self.tell_refused(&tried);
        if let Some(at_ns) = self.pending.flush_at_ns() {
            self.schedule_at(at_ns);
        }
    }

    /// Says why pods found no node, once for each reason.
    fn tell_refused(&mut self, tried: &BTreeMap<usize, Option<Refusals>>) {
        for (workload, refusals) in tried {
            let Some(reason) = refusals.map(|refusals| refusals.said()) else {
                self.refused.remove(workload);
                continue;
            };
            if self.refused.get(workload) != Some(&reason) {
                let deployment = self.workloads[*workload].key.name.clone();
                self.happened(What::Unschedulable { deployment, reason: reason.clone() });
                self.refused.insert(*workload, reason);
            }
        }
    }

    /// Gives a pod to a node, which begins to start it.
    pub(crate) fn bind(&mut self, pod: u32, node: usize) {
        self.occupy(pod, node);
        let name = self.nodes[node].name.clone();
        self.happened(What::Scheduled { pod, node: name });
        if self.nodes[node].is_virtual {
            self.create_eci(pod);
        } else {
            let started_ns = self.start_on_node(pod);
            self.queue.push(started_ns, Event::Started(pod));
        }
    }

    /// Counts a pod's requests on a node.
    pub(crate) fn occupy(&mut self, pod: u32, node: usize) {
        self.scheduler.add(self.pods[pod as usize].shape, node);
        let state = &self.pods[pod as usize];
        let template = self.workloads[state.workload].template(state);
        let place = &mut self.nodes[node];
        place.cpu_requested += template.cpu_request_milli;
        place.memory_requested += template.memory_request_bytes;
        place.pods.push(pod);
        let state = &mut self.pods[pod as usize];
        state.node = Some(node);
        state.phase = crate::cluster::Phase::Starting;
        state.start_time_ns = self.clock.now_ns().cast_signed();
        let component = &mut self.components[self.workloads[state.workload].component];
        component.placed += 1;
        if self.nodes[node].is_virtual {
            component.on_eci.insert(pod);
            self.share_eci(pod);
        } else {
            self.share_node(node);
        }
        self.bound_memory(pod);
    }

    /// Gives a pod's requests back, and lets those try again that it kept out.
    pub(crate) fn vacate(&mut self, pod: u32, node: usize) {
        let now = self.clock.now_ns();
        let (shape, was_ending) = (self.pods[pod as usize].shape, self.pods[pod as usize].terminating);
        self.scheduler.remove(shape, node, was_ending);
        let state = &self.pods[pod as usize];
        let template = self.workloads[state.workload].template(state);
        let place = &mut self.nodes[node];
        place.cpu_requested -= template.cpu_request_milli;
        place.memory_requested -= template.memory_request_bytes;
        place.pods.retain(|other| *other != pod);
        if !place.is_virtual {
            self.share_node(node);
        }
        self.pending.changed(&self.scheduler, Change::Gone(shape), now);
        if self.pending.is_ready() {
            self.schedule_at(now + self.world.figures.scheduling_delay_ns);
        }
    }
}
