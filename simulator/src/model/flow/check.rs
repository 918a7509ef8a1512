//! How far rates are from requests: windows that are simulated both ways, and the differences between the two.

use serde::Serialize;

use super::response::Responses;
use super::switch::Course;
use super::{Answers, Load, Outcome};
use crate::engine::histogram::Histogram;
use crate::engine::trace::Requests;
use crate::run::Run;

/// What a trace says about rates.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowTrace {
    /// For how long requests were rates: the mean of the groups of components that call each other, by what each gets of
    /// all requests from outside.
    pub on_ns: u64,
    /// Windows that were simulated both ways, of all groups.
    pub windows: u32,
    /// How long they were together.
    pub windows_ns: u64,
    /// How many groups there are that get requests, if not one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<u32>,
}

/// One component over the windows that were simulated both ways.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Compared {
    /// By requests.
    pub requests: Side,
    /// By rates.
    pub rates: Side,
}

/// One of the two ways.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// Requests that were answered.
    pub answered: u64,
    /// Requests that were given up.
    pub failed: u64,
    /// Sent to pods, retries included.
    pub attempts: u64,
    /// CPU used, in milli-core nanoseconds.
    pub cpu: u64,
    /// From the intended arrival to the answer.
    pub latency: Histogram,
}

/// The present windows, and what is known of those before.
#[derive(Clone, Debug, Default)]
pub(super) struct Check {
    trace: FlowTrace,
    components: Vec<Window>,
}

/// One component in the present window of its group.
#[derive(Clone, Debug, Default)]
struct Window {
    /// Requests from outside that are accounted for.
    own: u64,
    before: Seen,
    /// What rates say.
    count: u64,
    outcome: Outcome,
}

/// What requests have come to.
#[derive(Clone, Debug, Default)]
struct Seen {
    requests: Requests,
    latency: Histogram,
    cpu: u64,
}

impl Check {
    /// Requests from outside since this was asked last.
    pub fn arrived(&mut self, component: usize, in_all: u64) -> u64 {
        in_all - std::mem::replace(&mut self.components[component].own, in_all)
    }

    /// Counts what rates say.
    pub fn add(&mut self, component: usize, load: Load, outcome: &Outcome) {
        let window = &mut self.components[component];
        window.count += load.own + load.called;
        window.outcome.failed += outcome.failed;
        window.outcome.attempts += outcome.attempts;
        window.outcome.cpu += outcome.cpu;
    }
}

impl Run<'_> {
    /// From here on there are rates beside the requests of a group.
    pub(super) fn begin_window(&mut self, group: usize) {
        let now = self.clock.now_ns();
        let known = &mut self.flow.groups[group];
        (known.course, known.now_ns) = (Course::Both { from_ns: now }, now);
        let components = known.components.clone();
        self.flow.check.components.resize_with(self.flow.states.len(), Window::default);
        for component in components {
            self.gather(component);
            let counters = &self.counters[component];
            let own = counters.total.arrived - counters.called.arrived;
            let before = self.seen_of(component);
            self.flow.check.components[component] = Window { own, before, ..Window::default() };
            self.flow.states[component].step.clear();
        }
    }

    /// Requests that have come in the window of a group so far.
    pub(super) fn count_in_window(&self, group: usize) -> u64 {
        let components = self.flow.groups[group].components.iter();
        components.map(|component| self.flow.check.components[*component].count).sum()
    }

    /// The window of a group is over after so long; nothing is known of it if it was cut.
    pub(super) fn end_window(&mut self, group: usize, length_ns: Option<u64>) {
        for component in self.flow.groups[group].components.clone() {
            let window = std::mem::take(&mut self.flow.check.components[component]);
            let answers = std::mem::take(&mut self.flow.states[component].step);
            if length_ns.is_some() && window.count > 0 {
                self.compare(component, &window, &answers);
            }
        }
        // A group without requests has nothing to compare.
        if let Some(length_ns) = length_ns.filter(|_| self.flow.groups[group].part > 0.0) {
            let trace = &mut self.flow.check.trace;
            trace.windows += 1;
            trace.windows_ns += length_ns;
        }
    }

    /// Adds the two ways of a window.
    fn compare(&mut self, component: usize, window: &Window, answers: &[(u32, Answers)]) {
        let seen = self.seen_of(component);
        let requests = seen.requests.since(&window.before.requests);
        let mut latency = seen.latency;
        latency.take_out(&window.before.latency);
        let compared = &mut self.trace.components[component].compared;
        let compared = compared.get_or_insert_default();
        compared.requests.add(
            (requests.answered, requests.failed, requests.attempts),
            seen.cpu - window.before.cpu,
            &latency,
        );
        let failed = window.outcome.failed.round() as u64;
        let answered = window.count.saturating_sub(failed);
        compared.rates.add(
            (answered, failed, window.outcome.attempts.round() as u64),
            window.outcome.cpu as u64,
            &mixed(&self.flow.responses, answers, |answers| answers.all),
        );
    }

    fn seen_of(&mut self, component: usize) -> Seen {
        let cpu = self.used_by(component);
        let counters = &self.counters[component];
        let mut latency = self.trace.components[component].latency.clone();
        latency.merge(&counters.step_latency);
        Seen { requests: counters.total, latency, cpu }
    }

    /// Puts the latencies of a run's rates into its trace.
    pub(crate) fn close_flow(&mut self) {
        for (component, state) in self.flow.states.iter_mut().enumerate() {
            let answers = std::mem::take(&mut state.all);
            if answers.is_empty() {
                continue;
            }
            let responses = &self.flow.responses;
            let all = mixed(responses, &answers, |answers| answers.all);
            self.trace.components[component].latency.merge(&all);
            let called = mixed(responses, &answers, |answers| answers.called);
            self.counters[component].called.latency.merge(&called);
        }
        let (now, groups) = (self.clock.now_ns(), &self.flow.groups);
        let on_ns = groups.iter().map(|group| group.on_ns(now) as f64 * group.part).sum::<f64>() as u64;
        let asked = self.flow.asked;
        if asked > 1 {
            for (component, group) in self.flow.group_of.iter().enumerate() {
                self.trace.components[component].rates_ns = Some(groups[*group].on_ns(now));
            }
        }
        let trace = &self.flow.check.trace;
        if on_ns > 0 || trace.windows > 0 {
            let groups = (asked > 1).then_some(asked);
            self.trace.flow = Some(FlowTrace { on_ns, groups, ..trace.clone() });
        }
    }

    /// The 99th percentile of what rates have answered since the last sample, if they have answered more than others.
    pub(crate) fn flow_sample(&mut self, component: usize) -> Option<u64> {
        if !self.flow.is_counting(component) {
            return None;
        }
        let state = self.flow.states.get_mut(component).filter(|state| !state.step.is_empty())?;
        let step = std::mem::take(&mut state.step);
        let (mut weighted, mut count) = (0.0, 0.0);
        for (response, answers) in step {
            weighted += answers.all * self.flow.responses.all[response as usize].p99_ns as f64;
            count += answers.all;
            Answers::add(&mut state.all, response, answers);
        }
        let others = self.counters[component].step_latency.count() as f64;
        (count > others).then(|| (weighted / count) as u64)
    }
}

impl Side {
    fn add(&mut self, (answered, failed, attempts): (u64, u64, u64), cpu: u64, latency: &Histogram) {
        self.answered += answered;
        self.failed += failed;
        self.attempts += attempts;
        self.cpu += cpu;
        self.latency.merge(latency);
    }
}

/// The latencies of answers by their responses.
fn mixed(responses: &Responses, answers: &[(u32, Answers)], count: fn(&Answers) -> f64) -> Histogram {
    let mut histogram = Histogram::default();
    for (number, answers) in answers {
        let response = &responses.all[*number as usize];
        let count = count(answers).round() as u64;
        if response.latency.count() > 0 && count > 0 {
            histogram.merge_spread(&response.latency, count);
        }
    }
    histogram
}
