//! Requests as rates: what pods make of a load is looked up instead of being simulated request by request.
//!
//! [`switch`] says when; [`group`] who calls whom; [`cohort`] which pods are alike; [`asleep`] when
//! they are measured together; [`quiet`] which autoscalers need not be asked; [`response`] what pods
//! make of a load; [`check`] how far that is from the requests themselves.

pub(crate) mod asleep;
mod check;
mod cohort;
mod group;
pub(crate) mod quiet;
mod response;
mod switch;

pub use check::{Compared, FlowTrace, Side};

use crate::engine::clock::SECOND_NS;
use crate::engine::trace::Requests;
use crate::mechanism::{Mechanism, Number, seconds};
use crate::model::balancer::Policy;
use crate::run::Run;
use check::Check;
use cohort::{Cohort, Last, Mark};
use group::{Edge, Group};
use quiet::Quiet;
use response::{Attempts, Place, Question, Response, Responses, Trial};

/// `flow`
pub static MECHANISM: Mechanism = Mechanism {
    name: "flow",
    docs: "Requests as rates, for the hours that do not matter. What a pod makes of a load (its answers, errors, latencies, and what is inside) is found out once by simulating it alone under that load, 8000 requests after 1000 that warm it up; between points that are 5 % of its capacity apart the two answers are mixed. Pods that get the same share of the requests and have the same CPU are a cohort, and what one does all do. The number of requests in a stretch is drawn as Poisson from the expected number, which is exact; their CPU time is theirs exactly; calls follow from the requests that make them, and take as long as the called one was found to take. While requests are rates, metrics-server measures pods that have run for five minutes by cohorts, each over the time since it asked before, without the age of what kubelets know. An autoscaler by CPU that has nothing to do is not asked for a while as long as what its pods are expected to use stays within its tolerance by more than chance, and nothing happens to them; it remembers what it would have said. Each moment is taken as if its load had been there for long, so a queue that grows over minutes, a pool of connections that is empty, pods that end with requests inside, pods that warm up and memory that runs out are left out.\n\
           \n\
           `detail` in the scenario says how much is simulated request by request. With `auto` a run with few requests is, all of it. A longer one is wherever it matters: as long as something fails, a release or a fault is on, a pod ends or warms up, a source comes in bursts, or the load of a pod is above 70 % of what it can answer; around every change of a rate that is faster than a fifth in ten seconds; and until all of that has been over for 15 s. Components that call each other do so together, and each such group for itself: what a release, an ending pod or a spike does to one leaves the others as they are; a fault of the cluster concerns all. Before rates take over, a window is simulated both ways, and the report says how far they are apart, and for how long requests were rates: with several groups the mean by what each gets of all requests. `requests` and `flow` say all of it, or none but one such window at the beginning.",
    defaults: &[
        Number {
            name: "requests up to which `auto` simulates every one",
            value: |_| format!("{} million", switch::FEW / 1e6),
            source: "a few seconds of one core",
        },
        Number {
            name: "window that is simulated both ways",
            value: |_| {
                format!(
                    "{} to {}, until {} requests have come; shorter where more than {} come; of several groups to each its part of so many",
                    seconds(switch::WINDOW_NS_MIN),
                    seconds(switch::WINDOW_NS_MAX),
                    switch::WINDOW_REQUESTS,
                    switch::WINDOW_REQUESTS_MAX
                )
            },
            source: "the 99th percentile of so many is known to a few per cent",
        },
        Number {
            name: "from one look at whether anything matters to the next",
            value: |_| {
                let [least, longest] = [switch::LOOK_NS, switch::LOOK_NS_MAX].map(seconds);
                format!(
                    "{least}; of several groups {least} for each, up to {longest}, while rates are alone and nothing is in sight"
                )
            },
            source: "what happens to pods is looked at within a second all the same",
        },
        Number {
            name: "for how long an autoscaler is not asked",
            value: |_| {
                let [longest, shorter, least] = quiet::LENGTHS_NS.map(seconds);
                format!("{longest}, {shorter} or {least}, the first over which it would stay as it is")
            },
            source: "of taste: what autoscalers do does not depend on it",
        },
        Number {
            name: "more than chance",
            value: |_| {
                format!("{} standard deviations of the number of requests in a scrape", quiet::DEVIATIONS)
            },
            source: "chance goes further in one sync of 700, and only at the very edge",
        },
    ],
};

/// The longest stretch that is taken as one where rates change.
const STEP_NS: u64 = SECOND_NS;
/// The greatest rate of a steady stretch, in parts of the least.
const STEADY: f64 = 1.05;

/// What is known of rates in a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flow {
    responses: Responses,
    states: Vec<State>,
    groups: Vec<Group>,
    group_of: Vec<usize>,
    /// How many groups get requests.
    asked: u32,
    marks: Vec<Option<Mark>>,
    check: Check,
    quiet: Quiet,
    /// What had become of requests at the last look, by component.
    seen: Vec<Requests>,
}

/// What is known of one component.
#[derive(Clone, Debug, Default)]
struct State {
    source: Option<usize>,
    /// Whether requests come to it, or to others that it calls or that call it.
    is_asked: bool,
    /// The first component that serves alike.
    model: usize,
    /// CPU time of a request, and its time off the CPU without calls: means in nanoseconds.
    cpu_ns: f64,
    wait_ns: f64,
    edges: Vec<Edge>,
    cohorts: Vec<Cohort>,
    members: Vec<u32>,
    is_stale: bool,
    /// How many of its pods nobody looks at by themselves.
    asleep: usize,
    load: Load,
    /// Requests that are expected in a nanosecond.
    rate: f64,
    /// What is left of the requests that others call it with.
    owed: f64,
    /// Those that never come, since what callers keep answers them.
    kept: f64,
    /// What is left of each count.
    rest: Outcome,
    /// The share of its requests that is not answered.
    failing: f64,
    /// The share of its requests whose calls are answered.
    passes: f64,
    /// Attempts that its pods began with, for each request.
    begun: f64,
    /// The greatest load of a pod, in parts of its capacity.
    greatest: f64,
    /// What its greatest cohort answers.
    answer: Option<u32>,
    /// Answers since the last sample, and of the whole run, by response: all, and those to other components.
    step: Vec<(u32, Answers)>,
    all: Vec<(u32, Answers)>,
}

/// What comes to a component in a stretch.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    /// Requests that are expected.
    expected: f64,
    /// Requests from outside.
    own: u64,
    /// Calls of others.
    called: u64,
}

/// Answers whose latencies are spread alike.
#[derive(Clone, Copy, Debug, Default)]
struct Answers {
    all: f64,
    called: f64,
}

/// What becomes of the requests of a stretch.
#[derive(Clone, Debug, Default)]
struct Outcome {
    failed: f64,
    attempts: f64,
    unrouted: f64,
    refused: f64,
    timed_out: f64,
    dropped: f64,
    errored: f64,
    /// Calls that never came, since what callers keep answers them.
    kept: f64,
    cpu: f64,
}

impl Flow {
    fn cohort_of(&self, mark: Mark) -> &Cohort {
        &self.states[mark.component as usize].cohorts[mark.cohort as usize]
    }
}

impl Run<'_> {
    /// Accounts for the rates of a component up to the present.
    pub(crate) fn flow_to_now(&mut self, component: usize) {
        if self.flow.states[component].is_asked {
            self.flow_group_to_now(self.flow.group_of[component]);
        }
    }

    /// The same for those of a group.
    fn flow_group_to_now(&mut self, group: usize) {
        let now = self.clock.now_ns();
        while self.flow.groups[group].now_ns < now {
            let from_ns = self.flow.groups[group].now_ns;
            let is_steady = now - from_ns <= STEP_NS || self.is_steady(group, now);
            let until_ns = if is_steady { now } else { from_ns + STEP_NS };
            self.flow.groups[group].now_ns = until_ns;
            let members = std::mem::take(&mut self.flow.groups[group].components);
            for component in &members {
                self.load(*component, until_ns, until_ns - from_ns);
            }
            // What somebody makes of a load depends on what those make of it that he calls.
            for component in members.iter().rev() {
                self.flow_through(*component, until_ns - from_ns);
            }
            self.flow.groups[group].components = members;
        }
    }

    /// Whether a stretch up to a time can be taken as if its load were the same all along.
    fn is_steady(&self, group: usize, until_ns: u64) -> bool {
        self.sources_of(group).all(|source| {
            let (least, greatest) = source.rates_until(until_ns as f64);
            !source.is_bursty() && greatest <= least * STEADY
        })
    }

    /// The same for every component.
    pub(crate) fn flow_all_to_now(&mut self) {
        for component in 0..self.flow.states.len() {
            if !self.flow.is_off(component) {
                self.flow_to_now(component);
            }
        }
    }

    /// What comes to a component, and from it to those that it calls.
    fn load(&mut self, component: usize, until_ns: u64, passed_ns: u64) {
        let is_on = self.flow.is_on(component);
        if let Some(source) = self.flow.states[component].source {
            let source = &mut self.sources[source];
            let load = &mut self.flow.states[component].load;
            if is_on {
                let expected = source.expect(until_ns as f64);
                load.expected += expected;
                load.own = source.draw(expected);
            } else {
                let counters = &self.counters[component];
                let from_outside = counters.total.arrived - counters.called.arrived;
                load.own = self.flow.check.arrived(component, from_outside);
                load.expected += source.rates_until(0.0).1 * passed_ns as f64;
            }
        }
        let state = &self.flow.states[component];
        let (load, pods) = (state.load, state.members.len().max(1) as f64);
        // Attempts that come to the next call, for each request: the others have failed before it.
        let (mut come, mut passes) = (state.begun, 1.0);
        for index in 0..state.edges.len() {
            let edge = self.flow.states[component].edges[index];
            let responses = &self.flow.responses.all;
            let called = &mut self.flow.states[edge.to];
            let each = load.expected * come / passed_ns as f64 / pods;
            // The first answer comes sooner than the mean of a distribution with a long tail.
            let takes_ns = called.answer.map_or(0, |answer| responses[answer as usize].p50_ns) as f64;
            let calls = edge.calls(each, takes_ns, 1.0 - called.failing);
            let requests = (load.own + load.called) as f64 * come;
            called.load.expected += load.expected * come * calls.made;
            called.owed += requests * calls.made;
            called.kept += requests * calls.kept;
            come *= calls.passes;
            passes *= calls.passes;
            let whole = called.owed.floor();
            called.owed -= whole;
            called.load.called += whole as u64;
        }
        self.flow.states[component].passes = passes;
    }

    /// What becomes of what came to a component.
    fn flow_through(&mut self, component: usize, passed_ns: u64) {
        if self.flow.states[component].is_stale {
            self.gather(component);
        }
        let load = std::mem::take(&mut self.flow.states[component].load);
        let count = (load.own + load.called) as f64;
        self.flow.states[component].rate = load.expected / passed_ns as f64;
        if count + load.expected == 0.0 {
            self.flow.states[component].idle();
            return;
        }
        let rate = self.flow.states[component].rate;
        let called_part = if count > 0.0 { load.called as f64 / count } else { 0.0 };
        let mut outcome = Outcome::default();
        let (mut answered, mut all_begun, mut greatest, mut largest) = (0.0, 0.0, 0.0_f64, 0.0);
        let (ok, cpu_ns) = (self.flow.states[component].passes, self.flow.states[component].cpu_ns);
        for cohort in 0..self.flow.states[component].cohorts.len() {
            let (place, responses) = self.look_up(component, cohort, rate);
            greatest = greatest.max(place.parts());
            let share = self.flow.states[component].cohorts[cohort].share;
            let pods = f64::from(self.flow.states[component].cohorts[cohort].pods);
            let each = count * share;
            let mut inside = [0.0; 2];
            for (number, part) in responses.into_iter().zip([1.0 - place.part, place.part]) {
                let response = &self.flow.responses.all[number as usize];
                let (each, all) = (each * part, each * pods * part);
                inside[0] += response.inside * part;
                inside[1] += response.waiting * part;
                let good = outcome.add(response, all, ok);
                answered += good;
                let answers = Answers { all: good, called: good * called_part };
                Answers::add(&mut self.flow.states[component].step, number, answers);
                let taken = each * response.taken;
                all_begun += each * response.begun * pods;
                let used = each * response.begun * cpu_ns * 1000.0;
                outcome.cpu += used * pods;
                if self.flow.is_on(component) {
                    let done = &mut self.flow.states[component].cohorts[cohort].done;
                    done.used += used;
                    done.taken += taken;
                    done.sent += each * response.attempts.all;
                }
            }
            let state = &mut self.flow.states[component];
            (state.cohorts[cohort].inside, state.cohorts[cohort].waiting) = (inside[0], inside[1]);
            if share * pods > largest {
                largest = share * pods;
                state.answer = Some(responses[usize::from(place.part > 0.5)]);
            }
        }
        if self.flow.states[component].cohorts.is_empty() {
            let attempts = count * f64::from(self.patience_of(component).retries + 1);
            (outcome.attempts, outcome.unrouted, outcome.failed) = (attempts, attempts, count);
        }
        let state = &mut self.flow.states[component];
        state.greatest = greatest;
        state.begun = if count > 0.0 { all_begun / count } else { state.begun };
        state.failing = if count > 0.0 { 1.0 - answered / count } else { 0.0 };
        self.book(component, load, &outcome);
    }

    /// The responses of a cohort to so many requests a nanosecond that come to its component.
    fn look_up(&mut self, component: usize, cohort: usize, rate: f64) -> (Place, [u32; 2]) {
        let state = &self.flow.states[component];
        let called: Vec<Option<u32>> =
            state.edges.iter().map(|edge| self.flow.states[edge.to].answer).collect();
        let capacity = self.capacity(component, cohort, &called);
        let known = &state.cohorts[cohort];
        let place = Place::of(rate * known.share, capacity);
        if let Some(last) = &known.last
            && last.point == place.point
            && last.called == called
        {
            return (place, last.responses);
        }
        let (policy, among) = match self.components[component].balancer.policy() {
            (Policy::Random, _) => (Policy::Random, 1),
            (policy, backends) if known.is_chosen => (policy, backends.clamp(1, response::PODS_MAX)),
            (_, _) => (Policy::Random, 1),
        };
        let question = |point| Question {
            model: state.model,
            cores_milli: known.cores_milli,
            limit_milli: known.limit_milli,
            policy,
            pods: among,
            point,
            called: called.clone(),
        };
        let questions = [question(place.point), question(place.point + 1)];
        let responses = questions.map(|question| self.ask(component, question, capacity));
        let state = &mut self.flow.states[component];
        state.cohorts[cohort].last = Some(Last { point: place.point, called, responses });
        (place, responses)
    }

    fn ask(&mut self, component: usize, question: Question, capacity: f64) -> u32 {
        if let Some(known) = self.flow.responses.known(&question) {
            return known;
        }
        let service = self.components[component].service.map(|service| &self.scenario.services[service]);
        let waits = self.flow.responses.waits.entry(question.model);
        waits.or_insert_with(|| service.map_or(vec![0], |service| service.wait.values(response::VALUES)));
        let calls = question
            .called
            .iter()
            .map(|number| number.map(|number| &self.flow.responses.all[number as usize]));
        let trial = Trial {
            figures: &self.world.figures,
            // What chance has done to one point is not done to the next.
            seed: self.scenario.seed.wrapping_add(question.point.into()),
            service,
            waits: &self.flow.responses.waits[&question.model],
            patience: self.patience_of(component),
            capacity,
            calls: calls.collect(),
        };
        let response = trial.respond(&question);
        self.flow.responses.keep(question, response)
    }

    /// Requests a nanosecond that a pod of a cohort can answer for long.
    fn capacity(&self, component: usize, cohort: usize, called: &[Option<u32>]) -> f64 {
        let Some(service) = self.components[component].service else { return 0.0 };
        let state = &self.flow.states[component];
        let calls = state.edges.iter().zip(called).map(|(edge, number)| {
            let response = number.map(|number| &self.flow.responses.all[number as usize]);
            response.map_or(0.0, |response| response.latency.mean_ns()) * edge.per_request
        });
        let held_ns = state.cpu_ns + state.wait_ns + calls.sum::<f64>();
        let concurrency = self.scenario.services[service].concurrency;
        state.cohorts[cohort].capacity(state.cpu_ns, held_ns, concurrency)
    }

    /// Counts what became of requests: in the run if they are rates, beside it if they are compared.
    fn book(&mut self, component: usize, load: Load, outcome: &Outcome) {
        let kept = std::mem::take(&mut self.flow.states[component].kept);
        if !self.flow.is_on(component) {
            self.flow.check.add(component, load, outcome);
            return;
        }
        let rest = &mut self.flow.states[component].rest;
        let whole = |count: f64, rest: &mut f64| {
            *rest += count;
            let whole = rest.floor().max(0.0);
            *rest -= whole;
            whole as u64
        };
        let count = load.own + load.called;
        let failed = whole(outcome.failed, &mut rest.failed).min(count);
        let total = &mut self.counters[component].total;
        total.arrived += count;
        total.failed += failed;
        total.answered += count - failed;
        total.attempts += whole(outcome.attempts, &mut rest.attempts);
        total.unrouted += whole(outcome.unrouted, &mut rest.unrouted);
        total.refused += whole(outcome.refused, &mut rest.refused);
        total.timed_out += whole(outcome.timed_out, &mut rest.timed_out);
        total.dropped += whole(outcome.dropped, &mut rest.dropped);
        total.errored += whole(outcome.errored, &mut rest.errored);
        // Calls fail as often as others.
        let failed_calls = (failed * load.called).checked_div(count).unwrap_or(0);
        let kept = whole(kept, &mut rest.kept);
        let called = &mut self.counters[component].called;
        called.cached += kept;
        called.arrived += load.called;
        called.failed += failed_calls;
        called.answered += load.called - failed_calls;
    }
}

impl Place {
    /// The load, in parts of the capacity.
    fn parts(self) -> f64 {
        (f64::from(self.point) + self.part) / response::STEPS
    }
}

impl Outcome {
    /// So many requests are answered as a response has it, where calls are answered for a share of them. Returns how many
    /// are answered.
    fn add(&mut self, response: &Response, count: f64, ok: f64) -> f64 {
        let answered = count * response.answered;
        let good = answered * ok;
        let Attempts { all, unrouted, refused, timed_out, dropped } = response.attempts;
        self.failed += count - good;
        self.errored += answered - good;
        self.attempts += count * all;
        self.unrouted += count * unrouted;
        self.refused += count * refused;
        self.timed_out += count * timed_out;
        self.dropped += count * dropped;
        good
    }
}

impl State {
    /// Nothing has come.
    fn idle(&mut self) {
        (self.greatest, self.failing) = (0.0, 0.0);
        self.cohorts.iter_mut().for_each(|cohort| (cohort.inside, cohort.waiting) = (0.0, 0.0));
    }
}

impl Answers {
    /// Adds answers whose latencies are those of a response.
    fn add(to: &mut Vec<(u32, Self)>, response: u32, more: Self) {
        if more.all == 0.0 {
            return;
        }
        let place = to.iter().position(|(known, _)| *known == response).unwrap_or_else(|| {
            to.push((response, Self::default()));
            to.len() - 1
        });
        let answers = &mut to[place].1;
        answers.all += more.all;
        answers.called += more.called;
    }
}
