//! A Deployment with its `ReplicaSet`s, or a `ReplicaSet` that nobody owns.

use serde_json::{Map, Value, json};
use simulator::model::workloads::choice::{Together, first_to_go, together};
use simulator::model::workloads::deployment::{self, Again, Deployment, Spec, Strategy, Write};
use simulator::model::workloads::pod::{Pod, next_available_ns};
use simulator::model::workloads::replica_set::{self, Counts, ReplicaSet};

use super::pods::Pods;
use super::queue::Queue;
use super::scenario::{Event, Scenario};
use super::{Controllers, SECOND};

/// The first delay of a work queue's rate limit, in nanoseconds.
const RETRY_NS: i64 = 5_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Deployment,
    /// The set of a template.
    Set(u32),
}

pub struct Rollout {
    scenario: Scenario,
    /// `None` for a `ReplicaSet` that nobody owns.
    deployment: Option<Deployment>,
    /// Oldest first.
    sets: Vec<ReplicaSet>,
    queue: Queue<Key>,
}

impl Rollout {
    pub fn new(scenario: Scenario) -> Self {
        Self { scenario, deployment: None, sets: Vec::new(), queue: Queue::new() }
    }

    fn place(&self, template: u32) -> Option<usize> {
        self.sets.iter().position(|set| set.template == template)
    }

    fn sync_deployment(&mut self, pods: &Pods, now_ns: i64) {
        let Some(deployment) = self.deployment else { return };
        let unended = |set: &ReplicaSet| {
            pods.existing().filter(|pod| pod.revision == set.template && !pod.is_terminal()).count() as u32
        };
        let counts: Vec<u32> = self.sets.iter().map(unended).collect();
        let synced = deployment::sync(&deployment, &self.sets, &counts, now_ns);
        for write in synced.writes {
            self.write(write);
        }
        match synced.again {
            None => {}
            Some(Again::Soon) => self.queue.add_at(Key::Deployment, now_ns + RETRY_NS),
            Some(Again::At { time_ns }) => self.queue.add_at(Key::Deployment, time_ns),
        }
    }

    fn write(&mut self, write: Write) {
        self.queue.add(Key::Deployment);
        match write {
            Write::Create(set) => {
                self.sets.push(set);
                self.queue.add(Key::Set(set.template));
            }
            Write::Update(set) => {
                if let Some(place) = self.place(set.template) {
                    self.sets[place] = ReplicaSet { status: self.sets[place].status, ..set };
                    self.queue.add(Key::Set(set.template));
                }
            }
            Write::Delete(template) => self.sets.retain(|set| set.template != template),
            Write::Status(status) => {
                if let Some(deployment) = &mut self.deployment {
                    deployment.status = status;
                }
            }
        }
    }

    fn sync_set(&mut self, template: u32, pods: &mut Pods, now_ns: i64) {
        let Some(place) = self.place(template) else { return };
        let set = self.sets[place];
        let own: Vec<Pod> = pods.existing().filter(|pod| pod.revision == template).copied().collect();
        let active: Vec<Pod> = own.iter().filter(|pod| pod.is_active()).copied().collect();
        let count = |holds: &dyn Fn(&Pod) -> bool| active.iter().filter(|pod| holds(pod)).count() as i32;
        let counts = Counts {
            active: active.len() as i32,
            ready: count(&|pod| pod.ready),
            available: count(&|pod| pod.is_available(set.min_ready_s, now_ns)),
            terminating: own.iter().filter(|pod| pod.terminating && !pod.is_terminal()).count() as i32,
        };
        let nodes = self.deployment.map_or_else(Together::new, |_| together(pods.existing()));
        let choose = |count| first_to_go(active.clone(), &nodes, count, now_ns);
        for write in replica_set::sync(&set, counts, choose).into_iter().flatten() {
            match write {
                replica_set::Write::Create => self.create(template, pods, now_ns),
                replica_set::Write::Delete(id) => pods.delete(id, now_ns / SECOND),
                replica_set::Write::Status(status) => {
                    self.sets[place].status = status;
                    self.queue.add(Key::Deployment);
                }
            }
            self.queue.add(Key::Set(template));
        }
        if counts.ready != counts.available
            && let Some(time_ns) = next_available_ns(&active, set.min_ready_s, now_ns)
        {
            self.queue.add_at(Key::Set(template), time_ns);
        }
    }

    fn create(&self, template: u32, pods: &mut Pods, now_ns: i64) {
        let second = now_ns / SECOND;
        let startup_s = self.scenario.startup_s(template, pods.made(template));
        let made: usize = (0..self.scenario.revisions.len() as u32).map(|revision| pods.made(revision)).sum();
        let node = self.scenario.node_count.map_or(made as u32, |nodes| made as u32 % nodes);
        pods.create(template, 0, node, startup_s.map(|startup_s| second + startup_s), second);
    }
}

impl Controllers for Rollout {
    fn pod_changed(&mut self, id: u32, pods: &Pods) {
        if let Some(pod) = pods.get(id) {
            self.queue.add(Key::Set(pod.revision));
        }
    }

    fn pod_gone(&mut self, _revision: u32, pods: &Pods) {
        for set in &self.sets {
            self.queue.add(Key::Set(set.template));
        }
        let recreates = self.deployment.is_some_and(|it| it.spec.strategy == Strategy::Recreate);
        if recreates && pods.existing().next().is_none() {
            self.queue.add(Key::Deployment);
        }
    }

    fn write_spec(&mut self, spec: &Value, revision: u32) {
        if self.scenario.kind == "ReplicaSet" {
            let replicas = spec["replicas"].as_i64().unwrap_or(1) as i32;
            let min_ready_s = spec["minReadySeconds"].as_i64().unwrap_or(0) as i32;
            let old = self.sets.pop().unwrap_or_default();
            let generation = old.generation + 1;
            self.sets.push(ReplicaSet { template: revision, replicas, min_ready_s, generation, ..old });
            self.queue.add(Key::Set(revision));
            return;
        }
        let mut spec = spec.clone();
        (spec["selector"], spec["template"]) = (json!({}), json!({}));
        let spec = serde_json::from_value(spec).expect("a Deployment has such a spec");
        let spec = Spec::new(&spec, revision);
        let deployment = self.deployment.get_or_insert_with(|| Deployment::new(spec));
        if deployment.spec != spec {
            (deployment.spec, deployment.generation) = (spec, deployment.generation + 1);
        }
        self.queue.add(Key::Deployment);
    }

    fn event(&mut self, event: &Event, _pods: &mut Pods, _now_ns: i64) {
        panic!("a Deployment knows no event {}", event.kind);
    }

    fn pod_of(&self, event: &Event, pods: &Pods) -> Option<u32> {
        event.pod.filter(|id| pods.get(*id).is_some())
    }

    fn ready_order(&self, pod: &Pod) -> (String, u32) {
        (String::new(), pod.id)
    }

    fn next_ns(&self) -> Option<i64> {
        self.queue.next_ns()
    }

    fn rest(&mut self, pods: &mut Pods, now_ns: i64) {
        self.queue.wake(now_ns);
        while let Some(key) = self.queue.pop() {
            match key {
                Key::Deployment => self.sync_deployment(pods, now_ns),
                Key::Set(template) => self.sync_set(template, pods, now_ns),
            }
        }
    }

    fn row(&self, _pods: &Pods) -> Vec<Value> {
        let row = |set: &ReplicaSet| {
            let status = &set.status;
            let counts = [set.replicas, status.replicas, status.ready, status.available, status.terminating];
            (self.scenario.name(set.template).to_owned(), json!(counts))
        };
        let mut row = vec![Value::Object(self.sets.iter().map(row).collect::<Map<String, Value>>())];
        let Some(deployment) = &self.deployment else { return row };
        let status = &deployment.status;
        row.push(json!([
            deployment.spec.replicas,
            status.replicas,
            status.updated,
            status.ready,
            status.available
        ]));
        // Which of these reasons is the last inside a second is a race.
        let same = |text: String| {
            text.replace("NewReplicaSetCreated", "ReplicaSetUpdated")
                .replace("FoundNewReplicaSet", "ReplicaSetUpdated")
        };
        let progressing = status.progressing.filter(|_| self.place(deployment.spec.template).is_some());
        row.push(json!(progressing.map_or_else(String::new, |condition| same(condition.to_string()))));
        row.push(json!(
            status.available_condition.map_or_else(String::new, |condition| condition.to_string())
        ));
        row
    }
}
