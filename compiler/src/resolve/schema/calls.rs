//! The nodes of a scenario that say how callers try, from outside and from one service to another.

use super::distribution::{DISTRIBUTION, DRAWN};
use super::{NodeType, field, one};
use crate::resolve::form::Form;

/// Callers from outside.
pub(super) static CLIENT: NodeType = NodeType {
    name: "client",
    docs: "How callers from outside behave.",
    arguments: &[one("name", Form::Name)],
    children: &[&OF, &TIMEOUT, &RETRIES, &BACKOFF, &JITTER, &RETRY_BUDGET, &POOL],
    many: true,
};

/// Calls of a service.
pub(super) static CALLS: NodeType = NodeType {
    name: "calls",
    docs: "What a request calls after its own work, while it keeps its worker: one call after the other, in the order in \
           which they are written. Where a call fails after its last retry, so does the request.",
    arguments: &[one("component", Form::Reference)],
    children: &[&PER_REQUEST, &OPTIONAL, &CACHE, &TIMEOUT, &RETRIES, &BACKOFF, &JITTER, &RETRY_BUDGET, &POOL],
    many: true,
};

static PER_REQUEST: NodeType = field(
    "per-request",
    "How often each request calls it; a fraction is a chance, so 0.5 is every other request. 1 unless told.",
    &[one("count", Form::Number)],
);

static OPTIONAL: NodeType =
    field("optional", "Whether the request goes on where the call fails.", &[one("boolean", Form::Boolean)]);

static CACHE: NodeType = field(
    "cache",
    "How long each calling pod keeps an answer and does not call meanwhile; not at all unless told.",
    &[one("duration", Form::Duration)],
);

static OF: NodeType = field("of", "The component they call.", &[one("component", Form::Reference)]);
static TIMEOUT: NodeType = NodeType {
    name: "timeout",
    docs: "When they give up an attempt: always after the same time, or after one drawn for each attempt, as people do.",
    arguments: &[DRAWN],
    children: DISTRIBUTION,
    many: false,
};
static RETRIES: NodeType =
    field("retries", "How often they try again.", &[one("count", Form::Integer { min: 0, max: 100 })]);
static BACKOFF: NodeType = field(
    "backoff",
    "How long they wait before the first retry, doubled for each one after it; 100ms unless told.",
    &[one("duration", Form::Duration)],
);
static JITTER: NodeType = field(
    "jitter",
    "With `full` each wait before a retry is a random part of what it would be; `none` unless told.",
    &[one("kind", Form::Word(&["none", "full"]))],
);
static RETRY_BUDGET: NodeType = field(
    "retry-budget",
    "The most that retries may add to the first attempts of ten seconds, besides ten retries a second that are always \
     allowed; beyond it a request fails at once. Each calling pod has its own, and all callers from outside one.",
    &[one("share", Form::Percent { max: 1000 })],
);

static POOL: NodeType = NodeType {
    name: "pool",
    docs: "The most connections that are kept: an attempt takes an idle one, and waits for one where all are in use. Each \
           calling pod has its own, and all callers from outside one. Without it every attempt is a new connection.",
    arguments: &[one("connections", Form::Integer { min: 1, max: 1_000_000 })],
    children: &[&LIFETIME],
    many: false,
};

static LIFETIME: NodeType = field(
    "lifetime",
    "How old a connection may be when an attempt is over, or it is closed; any age unless told.",
    &[one("duration", Form::Duration)],
);
