//! A `DaemonSet` with its nodes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Taint;
use serde_json::{Map, Value, json};
use simulator::model::workloads::daemon_nodes::Demands;
use simulator::model::workloads::daemon_set::{DaemonSet, Node, Spec, Write, node_matters, sync};
use simulator::model::workloads::pod::Pod;

use super::pods::Pods;
use super::queue::Queue;
use super::scenario::{self, Event, Scenario};
use super::{Controllers, SECOND};

pub struct Daemons {
    demands: Demands,
    set: Option<DaemonSet>,
    /// Every name that a node had; a number is a place in it.
    names: Vec<String>,
    /// Nodes that exist, by number.
    nodes: BTreeMap<u32, scenario::Node>,
    queue: Queue<()>,
    scenario: Scenario,
}

impl Daemons {
    pub fn new(scenario: Scenario) -> Self {
        let mut spec = scenario.pod_spec.clone();
        spec.insert("containers".to_owned(), json!([]));
        let spec = serde_json::from_value(Value::Object(spec)).expect("a pod has such a spec");
        let nodes: BTreeMap<u32, scenario::Node> = (0..).zip(scenario.nodes.clone()).collect();
        let names = scenario.nodes.iter().map(|node| node.name.clone()).collect();
        let demands = Demands::new(&spec);
        Self { demands, set: None, names, nodes, queue: Queue::new(), scenario }
    }

    fn number(&mut self, name: &str) -> u32 {
        let known = self.names.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        }) as u32
    }

    fn seen(&self, number: u32, node: &scenario::Node) -> Node {
        let (key, effect) = node.taint.split_once(':').unwrap_or_default();
        let written = Taint { key: key.to_owned(), effect: effect.to_owned(), ..Taint::default() };
        let taints: Vec<Taint> = (!node.taint.is_empty()).then_some(written).into_iter().collect();
        self.demands.on(number, &node.name, &node.labels, &taints)
    }

    fn sync(&mut self, pods: &mut Pods, now_ns: i64) {
        let nodes: Vec<Node> = self.nodes.iter().map(|(number, node)| self.seen(*number, node)).collect();
        let Some(set) = &mut self.set else { return };
        let seen: Vec<Pod> = pods.existing().copied().collect();
        let synced = sync(set, &nodes, &seen, now_ns);
        let second = now_ns / SECOND;
        for write in synced.steps.into_iter().flatten() {
            match write {
                Write::Create(node) => {
                    let revision = set.spec.template;
                    let startup_s = self.scenario.startup_s(revision, pods.made(revision));
                    pods.create(revision, node, node, startup_s.map(|it| second + it), second);
                }
                Write::Delete(id) => pods.delete(id, second),
                Write::Revisions(revisions) => set.revisions = revisions,
                Write::Status(status) => set.status = status,
            }
            self.queue.add(());
        }
        if let Some(time_ns) = synced.again_ns {
            self.queue.add_at((), time_ns);
        }
    }

    fn node_changed(&mut self, number: u32, pods: &Pods) {
        let has_pods = pods.existing().any(|pod| pod.node == Some(number));
        if let Some((set, node)) = self.set.as_ref().zip(self.nodes.get(&number))
            && node_matters(set, self.seen(number, node), has_pods)
        {
            self.queue.add(());
        }
    }

    fn on(&self, number: u32, pods: &Pods) -> Vec<String> {
        let said = |pod: &Pod| {
            let state = if pod.terminating {
                'T'
            } else if pod.ready {
                'R'
            } else {
                'N'
            };
            format!("{}{state}", self.scenario.name(pod.revision))
        };
        let mut said: Vec<String> = pods.existing().filter(|pod| pod.place == number).map(said).collect();
        said.sort();
        said
    }
}

impl Controllers for Daemons {
    fn pod_changed(&mut self, id: u32, pods: &Pods) {
        self.queue.add(());
        let min_ready_s = self.set.as_ref().map_or(0, |set| set.spec.min_ready_s);
        if let Some(pod) = pods.get(id).filter(|pod| pod.ready && min_ready_s > 0) {
            self.queue.add_at((), pod.available_ns(min_ready_s) + SECOND);
        }
    }

    fn pod_gone(&mut self, _revision: u32, _pods: &Pods) {
        self.queue.add(());
    }

    fn write_spec(&mut self, spec: &Value, revision: u32) {
        let mut spec = spec.clone();
        (spec["selector"], spec["template"]) = (json!({}), json!({}));
        let spec = serde_json::from_value(spec).expect("a DaemonSet has such a spec");
        let spec = Spec::new(&spec, revision);
        let set = self.set.get_or_insert_with(|| DaemonSet::new(spec));
        if set.spec != spec {
            (set.spec, set.generation) = (spec, set.generation + 1);
        }
        self.queue.add(());
    }

    fn event(&mut self, event: &Event, pods: &mut Pods, _now_ns: i64) {
        let number = self.number(&event.node);
        let node = self.nodes.entry(number).or_insert_with(|| scenario::Node {
            name: event.node.clone(),
            labels: BTreeMap::new(),
            taint: String::new(),
        });
        match event.kind.as_str() {
            "node_add" => (node.labels, node.taint) = (event.labels.clone(), event.taint.clone()),
            "node_labels" => node.labels.clone_from(&event.labels),
            "node_taint" => node.taint.clone_from(&event.taint),
            // A cordon is no change of labels or taints, and every daemon's pod bears it.
            "node_cordon" => return,
            "node_delete" => {
                self.nodes.remove(&number);
            }
            other => panic!("no world knows the event {other}"),
        }
        self.node_changed(number, pods);
    }

    fn pod_of(&self, event: &Event, pods: &Pods) -> Option<u32> {
        let number = self.names.iter().position(|name| *name == event.node)? as u32;
        let live = |pod: &&Pod| pod.place == number && !pod.terminating;
        pods.existing().find(live).map(|pod| pod.id)
    }

    fn ready_order(&self, pod: &Pod) -> (String, u32) {
        (self.names[pod.place as usize].clone(), pod.id)
    }

    fn next_ns(&self) -> Option<i64> {
        self.queue.next_ns()
    }

    fn rest(&mut self, pods: &mut Pods, now_ns: i64) {
        self.queue.wake(now_ns);
        while self.queue.pop().is_some() {
            self.sync(pods, now_ns);
        }
    }

    fn row(&self, pods: &Pods) -> Vec<Value> {
        let Some(set) = &self.set else { return Vec::new() };
        let mut counts: BTreeMap<&str, [i64; 3]> = BTreeMap::new();
        for pod in pods.existing() {
            let place = if pod.terminating { 2 } else { usize::from(pod.ready) };
            counts.entry(self.scenario.name(pod.revision)).or_default()[place] += 1;
        }
        let status = &set.status;
        let mut row = vec![
            json!(counts),
            json!([
                status.desired,
                status.current,
                status.ready,
                status.available,
                status.updated,
                status.misscheduled
            ]),
        ];
        if self.scenario.record_ids {
            let nodes = (0..).zip(&self.names).map(|(number, name)| (name.clone(), self.on(number, pods)));
            let nodes = nodes.filter(|(_, pods)| !pods.is_empty()).map(|(name, pods)| (name, json!(pods)));
            row.push(Value::Object(nodes.collect::<Map<String, Value>>()));
        }
        row
    }
}
