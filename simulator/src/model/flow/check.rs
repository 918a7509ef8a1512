//! How far rates are from requests: windows that are simulated both ways, and the differences between the two.

use serde::Serialize;

use super::response::Responses;
use super::{Answers, Load, Outcome};
use crate::engine::histogram::Histogram;
use crate::engine::trace::Requests;
use crate::run::Run;

/// What a trace says about rates.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowTrace {
    /// For how long requests were rates.
    pub on_ns: u64,
    /// Windows that were simulated both ways.
    pub windows: u32,
    /// How long they were together.
    pub windows_ns: u64,
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

/// The present window, and what is known of those before.
#[derive(Clone, Debug, Default)]
pub(super) struct Check {
    pub trace: FlowTrace,
    begun_ns: u64,
    components: Vec<Window>,
}

/// One component in the present window.
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

    /// Since when there is a window.
    pub fn begun_ns(&self) -> u64 {
        self.begun_ns
    }

    /// Requests that have come in the window so far.
    pub fn count(&self) -> u64 {
        self.components.iter().map(|window| window.count).sum()
    }
}

impl Run<'_> {
    /// From here on there are rates beside the requests.
    pub(super) fn begin_window(&mut self) {
        let now = self.clock.now_ns();
        self.flow.check.begun_ns = now;
        self.flow.groups.iter_mut().for_each(|group| group.now_ns = now);
        self.gather_all();
        let owned = self.owned();
        let windows = owned.iter().enumerate().map(|(component, workloads)| {
            let counters = &self.counters[component];
            let own = counters.total.arrived - counters.called.arrived;
            Window { own, before: self.seen_of(component, workloads), count: 0, outcome: Outcome::default() }
        });
        self.flow.check.components = windows.collect();
        for state in &mut self.flow.states {
            state.step.clear();
        }
    }

    /// The window is over; nothing is known of it if it was cut.
    pub(super) fn end_window(&mut self, is_cut: bool) {
        let (windows, owned) = (std::mem::take(&mut self.flow.check.components), self.owned());
        for (component, window) in windows.into_iter().enumerate() {
            let answers = std::mem::take(&mut self.flow.states[component].step);
            if is_cut || window.count == 0 {
                continue;
            }
            let seen = self.seen_of(component, &owned[component]);
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
            let rates = &mut compared.rates;
            rates.add(
                (answered, failed, window.outcome.attempts.round() as u64),
                window.outcome.cpu as u64,
                &mixed(&self.flow.responses, &answers, |answers| answers.all),
            );
        }
        if !is_cut {
            let trace = &mut self.flow.check.trace;
            trace.windows += 1;
            trace.windows_ns += self.clock.now_ns() - self.flow.check.begun_ns;
        }
    }

    fn seen_of(&mut self, component: usize, workloads: &[usize]) -> Seen {
        let cpu = self.used_by(component, workloads);
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
        let (on_ns, trace) = (self.flow.on_ns(self.clock.now_ns()), &self.flow.check.trace);
        if on_ns > 0 || trace.windows > 0 {
            self.trace.flow = Some(FlowTrace { on_ns, ..trace.clone() });
        }
    }

    /// The 99th percentile of what rates have answered since the last sample, if they have answered more than others.
    pub(crate) fn flow_sample(&mut self, component: usize) -> Option<u64> {
        if !self.flow.is_counting() {
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
