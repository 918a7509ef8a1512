//! One run: its state, and the loop that takes one event after the other.

pub(crate) mod fill;
#[cfg(test)]
pub(crate) mod fixture;
mod left_out;
#[cfg(test)]
#[path = "../tests/statistics/mod.rs"]
pub(crate) mod statistics;
mod troubles;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use compiler::object::{Object, ObjectKey, ResourcePolicy};
use compiler::plan::Plan;
use k8s_openapi::api::networking::v1::Ingress;

use crate::Progress;
use crate::cluster::{Component, NodeState, Pod, Workload};
use crate::engine::clock::{Clock, SECOND_NS};
use crate::engine::histogram::Histogram;
use crate::engine::queue::{Arrivals, Event, Queue};
use crate::engine::random::Stream;
use crate::engine::trace::{self, ComponentTrace, Cut, Happening, Sample, Trace, What, Why};
use crate::invariants::{self, Open};
use crate::model::autoscaler::Autoscaler;
use crate::model::balancer::services::Services;
use crate::model::client::{Callers, Lane, Requests};
use crate::model::connection_pool::Links;
use crate::model::cost;
use crate::model::cron_job::Clockwork;
use crate::model::cronhpa::Cronhpa;
use crate::model::disruption::Budget;
use crate::model::eci::Eci;
use crate::model::flow::Flow;
use crate::model::node_pool::Pools;
use crate::model::quota::Quota;
use crate::model::rollout::Rollout;
use crate::model::scheduler::cache::Scheduler;
use crate::model::scheduler::queue::Queue as Waiting;
use crate::model::service::{Jobs, Work};
use crate::model::traffic::Source;
use crate::model::ttl_cache::TtlCache;
use crate::model::workloads::desk::{Desk, Rates};
use crate::scenario::Scenario;
use crate::world::World;

/// So many events are taken between two looks at whether the run is to go on: some milliseconds of work.
const EVENTS_A_LOOK: u64 = 1 << 16;

/// Every so many samples, and at the end, a run checks what must hold; tests check it at each.
const SAMPLES_A_CHECK: u64 = 64;

/// A run has at most so many samples for each component.
const SAMPLES_MAX: u64 = 7_200;

/// And so many for all of them: 50 MB.
const SAMPLES_IN_ALL_MAX: u64 = 500_000;

/// The whole state of a run. Mechanisms are `impl Run` blocks in `model`, one a file.
pub(crate) struct Run<'a> {
    pub world: &'a World,
    pub scenario: &'a Scenario,
    pub clock: Clock,
    pub queue: Queue,
    pub arrivals: Arrivals,
    pub end_ns: u64,
    pub streams: Streams,
    pub sources: Vec<Source>,
    pub callers: Vec<Callers>,
    pub lanes: Vec<Lane>,
    pub requests: Requests,
    pub links: Links,
    /// What calls were answered, by the pod and the callers of its component that it is one of.
    pub answers: TtlCache<(u32, u32)>,
    pub jobs: Jobs,
    pub pods: Vec<Pod>,
    /// What each pod is doing, apart from the pod: the two are looked at on different occasions.
    pub works: Vec<Work>,
    pub components: Vec<Component>,
    /// Their indices by their names.
    pub component_named: BTreeMap<String, usize>,
    pub workloads: Vec<Workload>,
    pub autoscalers: Vec<Autoscaler>,
    pub nodes: Vec<NodeState>,
    pub policies: Vec<ResourcePolicy>,
    /// Every object as it was applied last, in JSON: a value takes ten times the memory.
    pub applied: BTreeMap<ObjectKey, String>,
    pub services: Services,
    pub ingresses: Vec<Ingress>,
    pub cronhpa: Cronhpa,
    /// Every `CronJob` that patches an autoscaler.
    pub clocks: Vec<Clockwork>,
    pub rollouts: Vec<Rollout<'a>>,
    pub scheduler: Scheduler,
    /// Pods without a node.
    pub pending: Waiting,
    pub schedule_due: Option<u64>,
    /// Why the pods of a workload's template find no node.
    pub refused: BTreeMap<usize, String>,
    /// Objects in the hands of controllers.
    pub desks: Vec<Desk>,
    pub rates: Rates,
    pub eci: Eci,
    pub pools: Pools,
    pub budgets: Vec<Budget>,
    pub quotas: Vec<Quota>,
    /// When metrics-server asks every kubelet next; `None` while it does not work.
    pub next_scrape_ns: Option<u64>,
    pub counters: Vec<Counters>,
    /// Requests as rates.
    pub flow: Flow,
    pub trace: Trace,
}

/// One stream for each mechanism that acts on no thing in particular.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    pub balancer: Stream,
    pub balancer_delay: Stream,
    pub service: Stream,
    pub service_cpu: Stream,
    pub calls: Stream,
    pub nodes: Stream,
    pub spot: Stream,
    pub housekeeping: Stream,
    pub phase: Stream,
    pub uid: Stream,
}

impl Streams {
    fn new(seed: u64) -> Self {
        let stream = |name| Stream::new(seed, name, 0);
        Self {
            balancer: stream("balancer"),
            balancer_delay: stream("balancer-delay"),
            service: stream("service"),
            service_cpu: stream("service-cpu"),
            calls: stream("calls"),
            nodes: stream("nodes"),
            spot: stream("spot"),
            housekeeping: stream("housekeeping"),
            phase: stream("phase"),
            uid: stream("uid"),
        }
    }
}

/// What is counted of one component.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    pub total: trace::Requests,
    /// What of it other components called.
    pub called: trace::Called,
    /// The totals at the last sample.
    pub sampled: trace::Requests,
    pub step_latency: Histogram,
    pub sampled_usage: u64,
    /// How its open requests add up over time.
    pub open: Open,
}

impl Counters {
    pub fn in_flight(&self) -> u64 {
        self.total.arrived - self.total.answered - self.total.failed
    }

    /// A request arrives.
    #[inline]
    pub fn arrived(&mut self, now_ns: u64) {
        self.open.pass(self.in_flight(), now_ns);
        self.total.arrived += 1;
    }

    /// A request is over that arrived so long ago.
    #[inline]
    pub fn ended(&mut self, now_ns: u64, answered: bool, lasted_ns: u64) {
        self.open.pass(self.in_flight(), now_ns);
        self.open.ended(lasted_ns);
        if answered {
            self.total.answered += 1;
        } else {
            self.total.failed += 1;
        }
    }
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        objects: &[Object],
        world: &'a World,
        scenario: &'a Scenario,
        plans: &'a [Plan],
    ) -> Self {
        let figures = &world.figures;
        let mut run = Self {
            world,
            scenario,
            clock: Clock::default(),
            queue: Queue::default(),
            arrivals: Arrivals::default(),
            end_ns: scenario.duration_ns,
            streams: Streams::new(scenario.seed),
            sources: Vec::new(),
            callers: Vec::new(),
            lanes: Vec::new(),
            requests: Requests::default(),
            links: Links::default(),
            answers: TtlCache::default(),
            jobs: Jobs::default(),
            pods: Vec::new(),
            works: Vec::new(),
            components: Vec::new(),
            component_named: BTreeMap::new(),
            workloads: Vec::new(),
            autoscalers: Vec::new(),
            nodes: Vec::new(),
            policies: Vec::new(),
            applied: BTreeMap::new(),
            services: Services::default(),
            ingresses: Vec::new(),
            cronhpa: Cronhpa::default(),
            clocks: Vec::new(),
            rollouts: Vec::new(),
            scheduler: Scheduler::default(),
            pending: Waiting::default(),
            schedule_due: None,
            refused: BTreeMap::new(),
            desks: Vec::new(),
            rates: Rates::new(figures),
            eci: Eci::new(figures),
            pools: Pools::new(world),
            budgets: Vec::new(),
            quotas: Vec::new(),
            next_scrape_ns: None,
            counters: Vec::new(),
            flow: Flow::default(),
            trace: Trace::default(),
        };
        run.fill(objects, plans);
        run
    }

    /// Runs to the end, or until it is told to stop, or has taken as many events as it may.
    pub(crate) fn finish(
        mut self,
        events_max: u64,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Trace {
        for taken in 1_u64.. {
            if !self.take() {
                break;
            }
            if taken % EVENTS_A_LOOK == 0 || self.at_sample() {
                let told = progress(Progress { now_ns: self.clock.now_ns(), end_ns: self.end_ns });
                let why = if told.is_break() {
                    Why::Stopped
                } else if taken >= events_max {
                    Why::Events
                } else {
                    continue;
                };
                self.trace.cut = Some(Cut { at_ns: self.clock.now_ns(), why });
                break;
            }
        }
        self.close()
    }

    /// Takes the next event or arrival; `false` at the end of the run.
    #[inline]
    pub(crate) fn take(&mut self) -> bool {
        if let Some((time_ns, source)) = self.arrivals.pop_before(self.queue.next_key()) {
            self.clock.advance(time_ns);
            self.arrival(source);
            return true;
        }
        match self.queue.pop() {
            Some((time_ns, event)) if time_ns <= self.end_ns => {
                self.clock.advance(time_ns);
                self.handle(event);
                !(event == Event::Sample && time_ns == self.end_ns)
            }
            Some(_) | None => false,
        }
    }

    /// Takes every event and arrival up to a time, and the one after it.
    pub(crate) fn run_to(&mut self, until_ns: u64) {
        while self.clock.now_ns() < until_ns && self.take() {}
    }

    #[inline]
    fn handle(&mut self, event: Event) {
        match event {
            Event::CpuDone(pod) => self.cpu_done(pod),
            Event::WaitDone(job) => self.wait_done(job),
            Event::Timeout(client) => self.timeouts(client as usize),
            Event::Retry(lane) => self.retry(lane as usize),
            Event::Backoff(client) => self.back_off(client as usize),
            Event::Connections(link) => self.connections(link),
            Event::Sample => self.sample(),
            Event::Scrape => self.scrape(),
            Event::Autoscale(index) => self.autoscale(index as usize),
            Event::Reconcile(desk) => self.reconcile(desk as usize),
            Event::Schedule => self.schedule(),
            Event::Started(pod) => self.started(pod),
            Event::Ready(pod) => self.ready(pod),
            Event::Available(pod) => self.available(pod),
            Event::Endpoint(pod) => self.endpoint(pod),
            Event::Stopped(pod) => self.stopped(pod),
            Event::Killed(pod) => self.gone(pod),
            Event::Rollout(index) => self.rollout(index as usize),
            Event::Cronhpa => self.cronhpa(),
            Event::Clock(index) => self.clock(index as usize),
            Event::Patch(index) => self.patch(index as usize),
            Event::NodeScan => self.scan_nodes(),
            Event::NodesJoin(order) => self.join_nodes(order as usize),
            Event::SpotCheck(pod) => self.check_spot(pod),
            Event::Fault(index) => self.fault(index as usize),
            Event::Measure => self.measure(),
            Event::OutOfMemory(pod) => self.out_of_memory(pod),
            Event::TooSlow(pod) => self.too_slow(pod),
            Event::Housekeep(pod) => self.housekeep(pod),
            Event::Backend(pod) => self.backend(pod),
            Event::Look(group) => self.look(group as usize),
        }
    }

    pub(crate) fn happened(&mut self, what: What) {
        self.trace.happenings.push(Happening { at_ns: self.clock.now_ns(), what });
    }

    /// The time between two samples: a second, or more where there would be too many.
    pub(crate) fn step_ns(&self) -> u64 {
        let count = SAMPLES_MAX.min(SAMPLES_IN_ALL_MAX / self.components.len().max(1) as u64).max(1);
        (self.end_ns / count).div_ceil(SECOND_NS).max(1) * SECOND_NS
    }

    fn at_sample(&self) -> bool {
        let last = self.trace.components.first().and_then(|component| component.samples.last());
        last.is_some_and(|sample| sample.at_ns == self.clock.now_ns())
    }

    fn sample(&mut self) {
        let now = self.clock.now_ns();
        self.flow_all_to_now();
        for component in 0..self.components.len() {
            let sample = self.sample_of(component, now);
            let counters = &mut self.counters[component];
            counters.sampled = counters.total;
            if counters.step_latency.count() > 0 {
                self.trace.components[component].latency.merge(&counters.step_latency);
                counters.step_latency.clear();
            }
            self.trace.components[component].samples.push(sample);
        }
        if cfg!(debug_assertions) || (now / self.step_ns()).is_multiple_of(SAMPLES_A_CHECK) {
            invariants::assert_all(self);
        }
        if now < self.end_ns {
            self.queue.push((now + self.step_ns()).min(self.end_ns), Event::Sample);
        }
    }

    /// Every pod that exists, by its number.
    pub(crate) fn living(&self) -> Vec<u32> {
        let pods = self.workloads.iter().flat_map(|workload| workload.pods.iter().chain(&workload.ending));
        let mut pods: Vec<u32> = pods.copied().collect();
        pods.sort_unstable();
        pods
    }

    /// The workloads of a component.
    pub(crate) fn workloads_of(&self, component: usize) -> impl Iterator<Item = &Workload> {
        self.components[component].workloads.iter().map(|index| &self.workloads[*index])
    }

    /// What the pods of a component's workloads have used, gone ones included, in milli-core nanoseconds.
    pub(crate) fn used_by(&mut self, component: usize) -> u64 {
        let now = self.clock.now_ns();
        let mut used = self.components[component].used_by_gone;
        let owned = self.workloads_of(component);
        let number = owned.map(|owned| owned.pods.len() + owned.ending.len()).sum();
        if let Some(asleep) = self.used_by_sleepers(component, number) {
            return used + asleep;
        }
        let owned = self.workloads_of(component);
        let pods: Vec<u32> =
            owned.flat_map(|owned| owned.pods.iter().chain(&owned.ending).copied()).collect();
        for pod in pods {
            self.account(pod);
            used += self.works[pod as usize].usage(now);
        }
        used
    }

    fn sample_of(&mut self, component: usize, now: u64) -> Sample {
        let flow_p99_ns = self.flow_sample(component);
        let usage = self.used_by(component);
        let counters = &self.counters[component];
        let state = &self.components[component];
        let mut sample = Sample {
            at_ns: now,
            arrived: counters.total.arrived - counters.sampled.arrived,
            answered: counters.total.answered - counters.sampled.answered,
            failed: counters.total.failed - counters.sampled.failed,
            in_flight: counters.in_flight(),
            p99_ns: flow_p99_ns.or_else(|| counters.step_latency.quantile_ns(990)).unwrap_or(0),
            ready: state.endpoints.len() as u32,
            ..Sample::default()
        };
        let mut spent = u128::from(state.spent_on_gone);
        for workload in self.workloads_of(component) {
            sample.replicas += workload.held.replicas();
            sample.pods += workload.pods.len() as u32;
            sample.pending += (workload.pods.len() + workload.ending.len()) as u32;
        }
        sample.pending -= state.placed;
        sample.on_eci = state.on_eci.len() as u32;
        sample.on_ecs = state.placed - sample.on_eci;
        spent += state.on_eci.iter().map(|pod| u128::from(self.spent_nano(*pod as usize))).sum::<u128>();
        let passed = now - self.trace.components[component].samples.last().map_or(0, |last| last.at_ns);
        sample.cpu_milli = usage.saturating_sub(self.counters[component].sampled_usage) / passed.max(1);
        self.counters[component].sampled_usage = usage;
        sample.eci_cost = cost::units(spent);
        sample
    }

    fn close(mut self) -> Trace {
        self.flow_all_to_now();
        self.close_flow();
        invariants::assert_all(&self);
        self.trace.troubles = self.troubles();
        self.trace.bill = self.bill();
        self.trace.pools = self.pool_traces();
        self.trace.workloads = self.workloads.iter().map(|workload| workload.key.name.clone()).collect();
        self.trace.pods = self.pods.iter().map(|pod| pod.workload as u32).collect();
        self.trace.events = self.queue.made();
        self.trace.releases = self.rollouts.iter().map(|rollout| rollout.trace.clone()).collect();
        for (component, counters) in self.trace.components.iter_mut().zip(&self.counters) {
            (component.requests, component.called) = (counters.total, counters.called.clone());
        }
        self.trace
    }

    /// An empty trace with its head filled in.
    pub(crate) fn begin_trace(&mut self) {
        let scenario = self.scenario;
        let component =
            |component: &Component| ComponentTrace { name: component.name.clone(), ..Default::default() };
        self.trace = Trace {
            scenario: scenario.name.clone(),
            seed: scenario.seed,
            from_ns: scenario.from_ns,
            duration_ns: scenario.duration_ns,
            step_ns: self.step_ns(),
            profile: self.world.profile.clone(),
            components: self.components.iter().map(component).collect(),
            ..Trace::default()
        };
    }
}
