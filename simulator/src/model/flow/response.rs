//! What pods make of a load, found out by simulating a few of them request by request.

use std::collections::BTreeMap;

use compiler::object::{Manifest, Object};
use serde_json::json;

use crate::engine::histogram::Histogram;
use crate::engine::trace::Requests;
use crate::model::balancer::Policy;
use crate::run::Run;
use crate::scenario::{Call, Client, Detail, Patience, Scenario, Service, Traffic, default};
use crate::world::{Figures, World};

/// Requests that a response is made of, after as many eighths of it as warm the pods up.
const REQUESTS: f64 = 8_000.0;
const WARM_UP: f64 = REQUESTS / 8.0;
/// How often a pod is asked what it has inside.
const LOOKS: u32 = 1_000;
/// Pods behind a balancer whose choices depend on each other: enough that one more changes little.
pub(super) const PODS_MAX: u32 = 8;

/// Values of a distribution that are drawn in turn.
pub(super) const VALUES: u32 = 4_000;

/// Up to capacity there is a point of the grid for every so many parts of it.
pub(super) const STEPS: f64 = 20.0;
/// Beyond it each point is that much above the one before.
const GROWTH: f64 = 1.25;

/// Which pods under which load, so that what was found out is used again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Question {
    /// The first component that serves alike.
    pub model: usize,
    /// Cores at a time, in thousandths.
    pub cores_milli: u64,
    /// The CPU limit, in thousandths of a core.
    pub limit_milli: Option<u64>,
    /// How they are chosen.
    pub policy: Policy,
    /// Among how many.
    pub pods: u32,
    /// The point of the grid.
    pub point: u32,
    /// What those that it calls answer.
    pub called: Vec<Option<u32>>,
}

/// What pods make of a load.
#[derive(Clone, Debug, Default)]
pub(super) struct Response {
    /// Requests that are answered, of those that are answered or fail.
    pub answered: f64,
    /// Attempts for each request, and what becomes of them.
    pub attempts: Attempts,
    /// Attempts that a pod took, for each request.
    pub taken: f64,
    /// Those of them that a worker began with.
    pub begun: f64,
    /// Requests inside a pod.
    pub inside: f64,
    /// Of which so many wait for a worker.
    pub waiting: f64,
    /// From the intended arrival to the answer.
    pub latency: Histogram,
    /// The median of that.
    pub p50_ns: u64,
    /// The 99th percentile of that.
    pub p99_ns: u64,
}

/// Attempts, and what becomes of them, for each request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attempts {
    pub all: f64,
    pub unrouted: f64,
    pub refused: f64,
    pub timed_out: f64,
    pub dropped: f64,
}

impl Attempts {
    /// What becomes of those that are open at the end is not known, but how often they were sent is.
    fn new(requests: &Requests) -> Self {
        let each = |count: u64| count as f64 / requests.arrived.max(1) as f64;
        Self {
            all: each(requests.attempts),
            unrouted: each(requests.unrouted),
            refused: each(requests.refused),
            timed_out: each(requests.timed_out),
            dropped: each(requests.dropped),
        }
    }
}

/// Everything that was found out, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Responses {
    pub all: Vec<Response>,
    /// How long requests wait, by model.
    pub waits: BTreeMap<usize, Vec<u64>>,
    known: BTreeMap<Question, u32>,
}

/// Two points of the grid, and how far a load is from the first to the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub point: u32,
    pub part: f64,
}

impl Place {
    /// Where a load lies, in the unit of the capacity.
    pub fn of(rate: f64, capacity: f64) -> Self {
        let load = if capacity > 0.0 { rate / capacity } else { f64::MAX };
        let position = if load <= 1.0 { load * STEPS } else { STEPS + libm::log(load) / libm::log(GROWTH) };
        let position = position.min(200.0);
        Self { point: position as u32, part: position.fract() }
    }

    /// The load of a point, in parts of the capacity.
    fn load(point: u32) -> f64 {
        match f64::from(point) {
            // Nobody can be asked what he makes of nothing.
            0.0 => 0.25 / STEPS,
            position if position <= STEPS => position / STEPS,
            position => libm::pow(GROWTH, position - STEPS),
        }
    }
}

impl Responses {
    /// The number of an answer.
    pub fn known(&self, question: &Question) -> Option<u32> {
        self.known.get(question).copied()
    }

    /// Keeps an answer.
    pub fn keep(&mut self, question: Question, response: Response) -> u32 {
        let number = self.all.len() as u32;
        self.all.push(response);
        self.known.insert(question, number);
        number
    }
}

/// A little world of its own for one question.
pub(super) struct Trial<'a> {
    pub figures: &'a Figures,
    pub seed: u64,
    pub service: Option<&'a Service>,
    /// How long its requests wait, in equal parts.
    pub waits: &'a [u64],
    pub patience: Patience,
    /// Requests a nanosecond that a pod can answer for long.
    pub capacity: f64,
    /// What each call takes, as its caller sees it.
    pub calls: Vec<Option<&'a Response>>,
}

impl Trial<'_> {
    /// Asks.
    pub fn respond(&self, question: &Question) -> Response {
        let per_ns = match self.capacity {
            // Whatever answers at once answers any load alike.
            capacity if !capacity.is_finite() || capacity <= 0.0 => 1e-9,
            capacity => capacity * Place::load(question.point),
        } * f64::from(question.pods);
        let (world, scenario) = (self.world(question), self.scenario(per_ns, question));
        let mut objects = deployment(POD, question.pods, question.limit_milli).to_vec();
        objects.extend(self.edges().flat_map(|(name, _)| deployment(&name, 1, None)));
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        self.tabulate(&mut run);
        let component = run.components.iter().position(|known| known.name == POD).unwrap_or_default();
        let pods = run.components[component].endpoints.clone();
        let begin_ns = WARM_UP / per_ns;
        run.run_to(begin_ns as u64);
        let before = run.counters[component].total;
        let taken_before = run.taken(&pods);
        run.counters[component].step_latency.clear();
        let (mut inside, mut waiting) = (0, 0);
        for look in 1..=LOOKS {
            run.run_to((begin_ns + REQUESTS / per_ns * f64::from(look) / f64::from(LOOKS)) as u64);
            for pod in &pods {
                let (_, there, queued) = run.works[*pod as usize].counted();
                (inside, waiting) = (inside + there, waiting + queued);
            }
        }
        let looks = f64::from(LOOKS) * pods.len().max(1) as f64;
        let requests = run.counters[component].total.since(&before);
        let latency = std::mem::take(&mut run.counters[component].step_latency);
        let taken = run.taken(&pods) - taken_before;
        let arrived = requests.arrived.max(1) as f64;
        Response {
            taken: taken as f64 / arrived,
            begun: taken.saturating_sub(requests.dropped) as f64 / arrived,
            inside: inside as f64 / looks,
            waiting: waiting as f64 / looks,
            p50_ns: latency.quantile_ns(500).unwrap_or(0),
            p99_ns: latency.quantile_ns(990).unwrap_or(0),
            latency,
            answered: requests.answered as f64 / (requests.answered + requests.failed).max(1) as f64,
            attempts: Attempts::new(&requests),
        }
    }

    /// Chance is kept out of what is known: waits have the distribution that they should have, and calls that of the
    /// latencies of those that they go to.
    fn tabulate(&self, run: &mut Run) {
        for workload in 0..run.workloads.len() {
            let name = &run.components[run.workloads[workload].component].name;
            let response = self.edges().find(|(edge, _)| edge == name).map(|(_, response)| response);
            let values = match (response, self.service) {
                (Some(Some(response)), _) => response.latency.values(VALUES),
                (None, Some(_)) => self.waits.to_vec(),
                (Some(None), _) | (None, None) => continue,
            };
            let table = run.streams.service.add_table(values);
            for pod in run.workloads[workload].pods.clone() {
                run.works[pod as usize].wait_for(table);
            }
        }
    }

    fn edges(&self) -> impl Iterator<Item = (String, Option<&Response>)> {
        self.calls.iter().copied().enumerate().map(|(index, response)| (format!("called-{index}"), response))
    }

    /// A node for each pod, with the cores that a pod has.
    fn world(&self, question: &Question) -> World {
        let nodes = question.pods + self.calls.len() as u32;
        World::of_nodes(nodes, question.cores_milli.max(1), 1 << 40, self.figures)
    }

    fn scenario(&self, per_ns: f64, question: &Question) -> Scenario {
        let traffic = Traffic {
            component: POD.to_owned(),
            base_per_second: per_ns * 1e9,
            balancer: Some(question.policy),
            ..Traffic::default()
        };
        let mut services: Vec<Service> = self.edges().map(|(name, _)| called(name)).collect();
        services.extend(self.service.map(|service| {
            let mut service = Service { component: POD.to_owned(), memory: None, ..service.clone() };
            for (call, (name, _)) in service.calls.iter_mut().zip(self.edges()) {
                // How the caller tries is in the latency already.
                *call = Call { to: name, patience: Patience::default(), ..call.clone() };
            }
            service
        }));
        Scenario {
            // Samples of a long run are rare.
            duration_ns: default::DURATION_MAX_NS,
            seed: self.seed,
            detail: Detail::Requests,
            traffic: vec![traffic],
            services,
            clients: vec![Client { name: String::new(), of: POD.to_owned(), patience: self.patience }],
            ..Scenario::default()
        }
    }
}

const POD: &str = "pod";

/// Whoever is called, without a limit to how many requests it answers.
fn called(component: String) -> Service {
    Service { component, concurrency: u32::MAX, ..Service::default() }
}

/// So many pods behind their Service.
fn deployment(name: &str, replicas: u32, limit_milli: Option<u64>) -> [Object; 2] {
    let labels = json!({"app": name});
    let mut container = json!({"name": name, "image": name});
    if let Some(limit) = limit_milli {
        container["resources"] = json!({"limits": {"cpu": format!("{limit}m")}});
    }
    let deployment = json!({
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    });
    let service = json!({"metadata": {"name": name}, "spec": {"selector": labels}});
    let object =
        |manifest| Object { manifest, logical_name: name.to_owned(), component: None, after_release: false };
    let deployment = serde_json::from_value(deployment).expect("it is a Deployment");
    let service = serde_json::from_value(service).expect("it is a Service");
    [object(Manifest::Service(service)), object(Manifest::Deployment(deployment))]
}

impl Run<'_> {
    fn taken(&self, pods: &[u32]) -> u64 {
        pods.iter().map(|pod| self.works[*pod as usize].counted().0.taken).sum()
    }
}
