//! The small world of the scheduler's vectors: pools of nodes, and pods that are made and deleted in steps.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PodTemplateSpec, Taint};
use serde::Deserialize;
use serde_json::{Value, json};
use simulator::model::scheduler::cache::Scheduler;
use simulator::model::scheduler::labels::{Labels, Selector};
use simulator::model::scheduler::node::Node;
use simulator::model::scheduler::queue::{Change, Queue};
use simulator::model::scheduler::shape::{Resources, Shape};
use simulator::model::scheduler::spread::{HOSTNAME, ZONE};

const SECOND_NS: u64 = 1_000_000_000;
/// From one step to the next.
const STEP_NS: u64 = 60 * SECOND_NS;
/// How often upstream looks for pods that were refused too long ago.
const FLUSH_NS: u64 = 30 * SECOND_NS;

#[derive(Debug, Deserialize)]
struct Scenario {
    pools: Vec<Pool>,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
struct Pool {
    name: String,
    count: usize,
    cpu_milli: i64,
    mem_mib: i64,
    pods: u32,
    #[serde(default)]
    labels: Labels,
    #[serde(default)]
    zones: Vec<String>,
    #[serde(default)]
    taints: Vec<Taint>,
}

#[derive(Debug, Deserialize)]
struct Step {
    name: String,
    #[serde(default)]
    count: usize,
    #[serde(default)]
    cpu_milli: i64,
    #[serde(default)]
    mem_mib: i64,
    #[serde(default)]
    labels: Labels,
    #[serde(default)]
    spec: Option<Value>,
    #[serde(default)]
    delete: Option<String>,
    #[serde(default)]
    add_pool: Option<Pool>,
    #[serde(default)]
    cordon: Option<String>,
    #[serde(default)]
    uncordon: Option<String>,
}

/// One pod.
struct Pod {
    batch: String,
    shape: usize,
    node: Option<usize>,
}

#[derive(Default)]
struct World {
    scheduler: Scheduler,
    queue: Queue,
    now_ns: u64,
    /// The indices of each pool's nodes.
    pools: BTreeMap<String, Vec<usize>>,
    /// Pods by number, in the order of their creation.
    pods: BTreeMap<u32, Pod>,
    made: u32,
}

/// The first difference between what a file expects and what the scheduler does.
pub fn difference(vector: &Value) -> Option<String> {
    let scenario: Scenario = match serde_json::from_value(vector["scenario"].clone()) {
        Ok(scenario) => scenario,
        Err(error) => return Some(format!("its scenario cannot be read: {error}")),
    };
    let Some(expected) = vector["expected"]["rows"].as_array() else {
        return Some("it expects no rows".to_owned());
    };
    if expected.len() != scenario.steps.len() {
        return Some(format!("{} steps and {} rows", scenario.steps.len(), expected.len()));
    }
    let mut world = World::default();
    scenario.pools.iter().for_each(|pool| world.join(pool));
    for (step, expected) in scenario.steps.iter().zip(expected) {
        world.step(step);
        let row = world.row(&step.name);
        if &row != expected {
            return Some(format!("step {}: {row}, upstream has {expected}", step.name));
        }
    }
    None
}

impl World {
    fn join(&mut self, pool: &Pool) {
        let mut joined = Vec::new();
        for number in 0..pool.count {
            let name = format!("{}-{number:03}", pool.name);
            let mut labels = pool.labels.clone();
            labels.insert(HOSTNAME.to_owned(), name.clone());
            if let Some(zone) = pool.zones.get(number % pool.zones.len().max(1)) {
                labels.insert(ZONE.to_owned(), zone.clone());
            }
            joined.push(self.scheduler.join(Node {
                name,
                labels,
                taints: pool.taints.clone(),
                allocatable: Resources { cpu_milli: pool.cpu_milli, memory_bytes: pool.mem_mib << 20 },
                pods_max: pool.pods,
                ..Node::default()
            }));
        }
        for node in &joined {
            self.queue.changed(&self.scheduler, Change::Joined(*node), self.now_ns);
        }
        self.pools.insert(pool.name.clone(), joined);
    }

    fn step(&mut self, step: &Step) {
        let template = template(step);
        for _ in 0..step.count {
            let shape = Shape::read(&template, "default", &Selector::Nothing);
            let shape = self.scheduler.shape(shape);
            self.pods.insert(self.made, Pod { batch: step.name.clone(), shape, node: None });
            self.queue.push(self.made, shape, self.now_ns);
            self.made += 1;
            self.settle();
        }
        if let Some(batch) = &step.delete {
            self.delete(batch);
        }
        if let Some(pool) = &step.add_pool {
            self.join(pool);
        }
        if let Some(pool) = &step.cordon {
            self.cordon(pool, true);
        }
        if let Some(pool) = &step.uncordon {
            self.cordon(pool, false);
        }
        let end_ns = self.now_ns + STEP_NS;
        while self.now_ns < end_ns {
            self.settle();
            self.now_ns += FLUSH_NS;
            self.queue.flush(self.now_ns);
        }
        self.settle();
    }

    /// Tries pods until none is left that may be tried.
    fn settle(&mut self) {
        while let Some((number, shape)) = self.queue.pop(self.now_ns) {
            match self.scheduler.place(shape, &[]) {
                Ok(node) => {
                    self.queue.placed(number);
                    self.scheduler.add(shape, node);
                    self.pods.get_mut(&number).expect("a pod that waits exists").node = Some(node);
                    self.queue.changed(&self.scheduler, Change::Bound(shape), self.now_ns);
                }
                Err(refusals) => self.queue.refuse(number, refusals, self.now_ns),
            }
        }
    }

    fn delete(&mut self, batch: &str) {
        let mut gone = Vec::new();
        for (number, pod) in self.pods.iter().filter(|(_, pod)| pod.batch == batch) {
            self.queue.forget(*number);
            if let Some(node) = pod.node {
                self.scheduler.remove(pod.shape, node, false);
                gone.push(pod.shape);
            }
        }
        self.pods.retain(|_, pod| pod.batch != batch);
        for shape in gone {
            self.queue.changed(&self.scheduler, Change::Gone(shape), self.now_ns);
        }
    }

    fn cordon(&mut self, pool: &str, is_cordoned: bool) {
        for node in &self.pools[pool] {
            self.scheduler.cordon(*node, is_cordoned);
            if !is_cordoned {
                self.queue.changed(&self.scheduler, Change::Opened(*node), self.now_ns);
            }
        }
    }

    /// The state after a step, in the columns of the files.
    fn row(&self, step: &str) -> Value {
        let mut bound: BTreeMap<&str, BTreeMap<&str, u32>> = BTreeMap::new();
        let mut pending: BTreeMap<&str, u32> = BTreeMap::new();
        let mut nodes: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (pool, indices) in &self.pools {
            let on = |index: &usize| self.pods.values().filter(|pod| pod.node == Some(*index)).count() as u32;
            let mut counts: Vec<u32> = indices.iter().map(on).collect();
            counts.sort_unstable();
            nodes.insert(pool, counts);
        }
        for pod in self.pods.values() {
            let pool = |node: usize| self.pools.iter().find(|(_, indices)| indices.contains(&node));
            match pod.node.and_then(pool) {
                Some((pool, _)) => *bound.entry(&pod.batch).or_default().entry(pool).or_default() += 1,
                None => *pending.entry(&pod.batch).or_default() += 1,
            }
        }
        json!([step, bound, pending, nodes])
    }
}

/// The pods of a step: one container, into whose pod the written spec is merged.
fn template(step: &Step) -> PodTemplateSpec {
    let mut requests = serde_json::Map::new();
    if step.cpu_milli > 0 {
        requests.insert("cpu".to_owned(), json!(format!("{}m", step.cpu_milli)));
    }
    if step.mem_mib > 0 {
        requests.insert("memory".to_owned(), json!(format!("{}Mi", step.mem_mib)));
    }
    let mut spec = json!({"containers": [{"name": "app", "resources": {"requests": requests}}]});
    for (key, value) in step.spec.iter().filter_map(Value::as_object).flatten() {
        spec[key] = value.clone();
    }
    let mut labels = step.labels.clone();
    labels.insert("batch".to_owned(), step.name.clone());
    serde_json::from_value(json!({"metadata": {"labels": labels}, "spec": spec})).expect("a step has a pod")
}
