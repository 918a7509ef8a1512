//! What a run answers to the questions that verify a release: those that it measures itself, about the last minute.

use compiler::plan::{Answer, PlannedVerification, Question, Release, ReleasePlan, Said};

use crate::engine::clock::SECOND_NS;
use crate::engine::trace::Sample;
use crate::mechanism::{Mechanism, Number, seconds};
use crate::run::Run;
use crate::scenario::Scenario;

/// What `specc explain verification` says.
pub static MECHANISM: Mechanism = Mechanism {
    name: "verification",
    docs: "Answers to what verifies a release, about all revisions of the component together: `error-rate` is the share of requests that were given up, `p99` the latency of the worst step. Every other question and every webhook counts as passed, and the report says so.",
    defaults: &[Number {
        name: "how far back an answer looks",
        value: |_| seconds(WINDOW_NS),
        source: "specc's choice: as far as the rates of most questions",
    }],
};

/// How far back an answer looks.
const WINDOW_NS: u64 = 60 * SECOND_NS;

/// A question that a run can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measured {
    /// The share of requests that were given up.
    ErrorRate,
    /// The 99th percentile of the latency in the worst step, in seconds.
    P99,
}

impl Measured {
    /// What a question means by its name, where the scenario has traffic to measure.
    fn of(scenario: &Scenario, component: &str, planned: &PlannedVerification) -> Option<Self> {
        let traffic = scenario.traffic.iter().any(|traffic| traffic.component == component);
        match (&planned.question, planned.name.as_str()) {
            (Question::Prometheus { .. }, "error-rate") if traffic => Some(Measured::ErrorRate),
            (Question::Prometheus { .. }, "p99") if traffic => Some(Measured::P99),
            (Question::Prometheus { .. } | Question::Webhook { .. }, _) => None,
        }
    }

    /// The answer, if there was anything to measure.
    fn value(self, samples: &[&Sample]) -> Option<f64> {
        let sum = |count: fn(&Sample) -> u64| samples.iter().map(|sample| count(sample)).sum::<u64>();
        let (answered, failed) = (sum(|sample| sample.answered), sum(|sample| sample.failed));
        match self {
            Measured::ErrorRate => {
                (answered + failed > 0).then(|| failed as f64 / (answered + failed) as f64)
            }
            Measured::P99 => {
                let worst = samples.iter().map(|sample| sample.p99_ns).max().unwrap_or(0);
                (answered > 0).then(|| worst as f64 / 1e9)
            }
        }
    }
}

/// What verifies the release and no run can answer, one line each.
pub fn unanswered<'a>(scenario: &'a Scenario, plan: &'a ReleasePlan) -> impl Iterator<Item = String> + 'a {
    let component = &plan.component;
    let unknown =
        plan.verifications.iter().filter(|planned| Measured::of(scenario, component, planned).is_none());
    unknown.map(move |planned| {
        format!("{component}: verification `{}` counts as passed, nothing answers it", planned.name)
    })
}

impl Run<'_> {
    /// The answers to every question that is due.
    pub(super) fn answers(&self, record: &Release) -> Vec<Answer> {
        let now = self.clock.now_ns();
        let answer = |(verification, batch): (usize, usize)| Answer {
            verification,
            revision: record.plan.revision.clone(),
            batch,
            at_ns: now,
            said: self.said(&record.plan.component, &record.plan.verifications[verification]),
        };
        record.due(now).into_iter().map(answer).collect()
    }

    fn said(&self, component: &str, planned: &PlannedVerification) -> Said {
        let Some(measured) = Measured::of(self.scenario, component, planned) else { return Said::Fine };
        let traced = self.trace.components.iter().find(|traced| traced.name == component);
        let since = self.clock.now_ns().saturating_sub(WINDOW_NS.max(self.step_ns()));
        let samples = traced.into_iter().flat_map(|traced| &traced.samples);
        let samples: Vec<&Sample> = samples.filter(|sample| sample.at_ns > since).collect();
        let value = measured.value(&samples);
        value.map_or_else(|| Said::Nothing("no request ended within a minute".to_owned()), Said::Value)
    }
}
