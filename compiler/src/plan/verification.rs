//! What verifies a batch: what is asked, what the answers have come to, and what follows from them.

use serde::{Deserialize, Serialize};

use super::release::{Release, ReleasePlan, Stage, TimeNs};
use super::rollout::{Decision, Observation, Reason, record};
use crate::app::AnswerLimit;

/// One verification of every batch as planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedVerification {
    /// Its name.
    pub name: String,
    /// What is asked, and where.
    pub question: Question,
    /// How long every answer must be good; 0 where one is enough.
    pub for_ns: u64,
    /// The time from one answer to the next question.
    pub every_ns: u64,
    /// How many bad answers in a row fail the rollout.
    pub failures: u32,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// A query of one value.
    Prometheus {
        /// The web address of Prometheus.
        address: String,
        /// The query about the plan's revision.
        query: String,
        /// What a good value keeps to.
        limit: AnswerLimit,
    },
    /// Whether the batch is fine.
    Webhook {
        /// The web address that answers 2xx if it is.
        address: String,
    },
}

/// One answer. It is about one batch of one revision, so that an old one cannot pass a later batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Index into [`ReleasePlan::verifications`].
    pub verification: usize,
    /// The revision that it is about.
    pub revision: String,
    /// The batch that it is about.
    pub batch: usize,
    /// When it was asked for.
    pub at_ns: TimeNs,
    /// What it says.
    pub said: Said,
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// The value of a query, which is a number; infinite ones count as what they are.
    Value(f64),
    /// The batch is fine.
    Fine,
    /// It is not, with what was answered.
    Bad(String),
    /// There is no answer yet, with the reason.
    Nothing(String),
}

/// What the verifications of one batch have come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verifying {
    /// The batch, from 0.
    pub batch: usize,
    /// When it began: older answers do not count.
    pub began_ns: TimeNs,
    /// One for each of [`ReleasePlan::verifications`], in that order.
    pub tallies: Vec<Tally>,
}

/// What the answers to one verification have come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// When it was asked last.
    pub asked_ns: Option<TimeNs>,
    /// Since when every answer is good.
    pub good_since_ns: Option<TimeNs>,
    /// How many answers in a row are bad.
    pub bad: u32,
    /// The last answer in words.
    pub said: String,
}

impl Question {
    /// What must hold, in words.
    pub fn in_words(&self) -> String {
        match self {
            Question::Prometheus { limit, .. } => format!("is {}", limit.in_words()),
            Question::Webhook { address } => format!("says yes at {address}"),
        }
    }
}

impl Tally {
    /// Whether it has been good for long enough.
    fn has_passed(&self, planned: &PlannedVerification) -> bool {
        let held = self.good_since_ns.zip(self.asked_ns);
        held.is_some_and(|(since, asked)| asked.saturating_sub(since) >= planned.for_ns)
    }

    /// When it is to be asked next; `None` where one good answer was enough.
    fn due_ns(&self, planned: &PlannedVerification) -> Option<TimeNs> {
        let enough = planned.for_ns == 0 && self.good_since_ns.is_some();
        (!enough).then(|| self.asked_ns.map_or(0, |asked| asked.saturating_add(planned.every_ns)))
    }

    fn add(&mut self, planned: &PlannedVerification, answer: &Answer) {
        self.asked_ns = Some(answer.at_ns);
        let (good, said) = match (&answer.said, &planned.question) {
            (Said::Value(value), Question::Prometheus { limit, .. }) => {
                (Some(limit.holds(*value)), format!("{}, to be {}", limit.like(*value), limit.in_words()))
            }
            (Said::Value(value), Question::Webhook { .. }) => (None, format!("no yes or no: {value}")),
            (Said::Fine, _) => (Some(true), "yes".to_owned()),
            (Said::Bad(why), _) => (Some(false), format!("no: {why}")),
            (Said::Nothing(why), _) => (None, format!("no answer: {why}")),
        };
        self.said = said;
        match good {
            Some(true) => {
                self.good_since_ns.get_or_insert(answer.at_ns);
                self.bad = 0;
            }
            Some(false) => (self.good_since_ns, self.bad) = (None, self.bad + 1),
            // Nobody knows what held meanwhile, and it does not make up for what was bad before.
            None => self.good_since_ns = None,
        }
    }
}

impl Verifying {
    /// With what the answers say that belong to it and are not counted yet.
    fn told(&self, plan: &ReleasePlan, answers: &[Answer]) -> Self {
        let mut told = self.clone();
        for answer in answers {
            let (planned, tally) =
                (plan.verifications.get(answer.verification), told.tallies.get_mut(answer.verification));
            let belongs = answer.revision == plan.revision
                && answer.batch == self.batch
                && answer.at_ns >= self.began_ns;
            if let (Some(planned), Some(tally), true) = (planned, tally, belongs)
                && Some(answer.at_ns) > tally.asked_ns
            {
                tally.add(planned, answer);
            }
        }
        told
    }

    fn each<'a>(
        &'a self,
        plan: &'a ReleasePlan,
    ) -> impl Iterator<Item = (&'a PlannedVerification, &'a Tally)> {
        plan.verifications.iter().zip(&self.tallies)
    }

    /// What is waited for: the first that has not passed.
    fn reason(&self, plan: &ReleasePlan) -> Reason {
        let open = self.each(plan).find(|(planned, tally)| !tally.has_passed(planned));
        let (name, said) = open.map_or((String::new(), String::new()), |(planned, tally)| {
            (planned.name.clone(), tally.said.clone())
        });
        Reason::Verification { batch: self.batch, name, said }
    }
}

impl Release {
    /// Whether nothing verifies the batch, or everything has.
    pub(super) fn is_verified(&self, batch: usize) -> bool {
        self.plan.verifications.is_empty() || self.verified_batches > batch as u32
    }

    /// What a driver must ask before the next decision: indices into [`ReleasePlan::verifications`], each with the
    /// batch that it is asked about.
    pub fn due(&self, now: TimeNs) -> Vec<(usize, usize)> {
        let (Some(verifying), Stage::Hold { batch, .. }) = (&self.verifying, self.stage) else {
            return Vec::new();
        };
        if self.failed.is_some() || self.paused || verifying.batch != batch {
            return Vec::new();
        }
        let due = |(planned, tally): (&PlannedVerification, &Tally)| {
            tally.due_ns(planned).is_some_and(|due| due <= now)
        };
        let all = verifying.each(&self.plan).map(due).enumerate();
        all.filter_map(|(index, due)| due.then_some((index, batch))).collect()
    }
}

/// Whether answers are there that the record does not count yet. They are noted before anything else is written: who
/// asks does not ask again, and a bad answer must not be lost.
pub(super) fn is_told(release: &Release, seen: &Observation, batch: usize) -> bool {
    let verifying = release.verifying.as_ref().filter(|verifying| verifying.batch == batch);
    verifying.is_some_and(|verifying| verifying.told(&release.plan, &seen.answers) != *verifying)
}

/// The next step of a batch that is complete and not verified yet.
pub(super) fn verify(release: &Release, seen: &Observation, now: TimeNs, batch: usize) -> Decision {
    let plan = &release.plan;
    let with = |verifying| Release { verifying, ..release.clone() };
    let Some(verifying) = release.verifying.as_ref().filter(|verifying| verifying.batch == batch) else {
        let tallies = vec![Tally::default(); plan.verifications.len()];
        return record(with(Some(Verifying { batch, began_ns: now, tallies })));
    };
    let told = verifying.told(plan, &seen.answers);
    if let Some((planned, tally)) = told.each(plan).find(|(planned, tally)| tally.bad >= planned.failures) {
        let reason = format!("batch {}: `{}` says {}", batch + 1, planned.name, tally.said);
        return record(with(Some(told.clone())).failed(reason));
    }
    if told.each(plan).all(|(planned, tally)| tally.has_passed(planned)) {
        return record(Release { verified_batches: batch as u32 + 1, ..with(None) });
    }
    let deadline = verifying.began_ns.saturating_add(plan.deadline_ns);
    let reason = told.reason(plan);
    if now >= deadline {
        return record(
            with(Some(told)).failed(format!("batch {} was not verified in time: {reason}", batch + 1)),
        );
    }
    if told != *verifying {
        return record(with(Some(told)));
    }
    let due = told.each(plan).filter_map(|(planned, tally)| tally.due_ns(planned)).min();
    Decision::Wait { until: Some(due.unwrap_or(deadline).min(deadline)), reason }
}
