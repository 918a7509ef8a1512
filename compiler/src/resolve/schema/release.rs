//! The nodes of how a new revision replaces the old one.

use super::{NodeType, field, one};
use crate::resolve::form::Form;

pub(super) static RELEASE: NodeType = NodeType {
    name: "release",
    docs: "How a new revision replaces the old one.",
    arguments: &[],
    children: &[&BATCH, &SURGE, &UNAVAILABLE, &MIN_READY, &DEADLINE],
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
