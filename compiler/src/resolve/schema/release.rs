//! The nodes of how a new revision replaces the old one.

use super::{NodeType, field, one};
use crate::resolve::form::Form;

pub(super) static RELEASE: NodeType = NodeType {
    name: "release",
    docs: "How a new revision replaces the old one.",
    arguments: &[],
    children: &[&BATCH, &VERIFY, &SURGE, &UNAVAILABLE, &MIN_READY, &DEADLINE],
    many: false,
};

static BATCH: NodeType = NodeType {
    name: "batch",
    docs: "How far the new revision goes before the next look: a count, or a share of all pods.",
    arguments: &[one("size", Form::CountOrPercent)],
    children: &[&PAUSE, &WAIT],
    many: true,
};

static PAUSE: NodeType =
    field("pause", "Stop after the batch until somebody resumes.", &[one("yes", Form::Boolean)]);

static WAIT: NodeType = field(
    "wait",
    "How long to look at the batch before the next, such as \"5m\".",
    &[one("duration", Form::Duration)],
);

static VERIFY: NodeType = NodeType {
    name: "verify",
    docs: "What must hold after each batch before the next begins, and before the rollout ends after the last: a \
           question of the cluster by its name with a bound for the answer, or a `webhook`. It is asked once the \
           batch's pods are available and its `wait` is over; a `pause` comes after it. That pods are ready is \
           always waited for, and need not be said. A rollout that moves no pods verifies nothing.",
    arguments: &[one("name", Form::Name)],
    children: &[&BELOW, &ABOVE, &WEBHOOK, &FOR, &EVERY, &FAILURES],
    many: true,
};

static BELOW: NodeType = field(
    "below",
    "What the answer must be below: a share such as \"1%\" of 1, a duration such as \"300ms\" of seconds, or a number.",
    &[one("limit", Form::Measure)],
);

static ABOVE: NodeType =
    field("above", "What the answer must be above, written alike.", &[one("limit", Form::Measure)]);

static WEBHOOK: NodeType = field(
    "webhook",
    "An address that is sent the batch as JSON (`namespace`, `component`, `revision`, `batch`) and answers 2xx when it \
     is fine and 4xx when it is not; redirects are not followed.",
    &[one("url", Form::Url)],
);

static FOR: NodeType = field(
    "for",
    "How long every answer must be good; 1m unless told, and 0s for a webhook. With 0s one good answer is enough, and \
     it is not asked again for that batch.",
    &[one("duration", Form::Seconds { min: 0, max: 86_400 })],
);

static EVERY: NodeType = field(
    "every",
    "How long after an answer it is asked again; 15s unless told.",
    &[one("duration", Form::Seconds { min: 1, max: 3_600 })],
);

static FAILURES: NodeType = field(
    "failures",
    "How many bad answers in a row fail the rollout; 3 unless told. No answer is not a bad one: it is asked again until \
     the time for the batch (`deadline`), counted from the first question, is over.",
    &[one("count", Form::Integer { min: 1, max: 1_000 })],
);

static SURGE: NodeType = field(
    "surge",
    "Pods above the count while revisions swap; 25% unless told.",
    &[one("share", Form::Percent { max: 100 })],
);

static UNAVAILABLE: NodeType = field(
    "unavailable",
    "Pods below the count while revisions swap; 0% unless told.",
    &[one("share", Form::Percent { max: 99 })],
);

static MIN_READY: NodeType = field(
    "min-ready",
    "How long a pod must have been ready before it counts; 0s unless told.",
    &[one("duration", Form::Seconds { min: 0, max: 599 })],
);

static DEADLINE: NodeType = field(
    "deadline",
    "How long a batch may take before the rollout stops; 10m unless told.",
    &[one("duration", Form::Duration)],
);
