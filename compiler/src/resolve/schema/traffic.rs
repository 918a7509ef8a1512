//! What a `traffic` node may say besides its base and its spikes.

use super::scenario::{AT, PER_SECOND};
use super::{Argument, NodeType, field, one};
use crate::resolve::form::Form;

pub(super) static ARRIVALS: NodeType = field(
    "arrivals",
    "`poisson` unless told: at random, as from many users who do not know of each other. `equidistant`: at even distances, \
     as load generators send them.",
    &[one("how", Form::Word(&["poisson", "equidistant"]))],
);

pub(super) static STEP: NodeType = NodeType {
    name: "step",
    docs: "The base changes for good.",
    arguments: &[],
    children: &[&AT, &PER_SECOND, &STEP_OVER],
    many: true,
};

static STEP_OVER: NodeType = field(
    "over",
    "How long the change takes, in a straight line; it is sudden unless told.",
    &[one("duration", Form::Duration)],
);

pub(super) static DAILY: NodeType = NodeType {
    name: "daily",
    docs: "The shape of a day: half a cosine from the low to the peak, and another one back. The base is the mean of both, \
           and so of the day.",
    arguments: &[],
    children: &[&PEAK, &LOW, &RATIO, &TIME_ZONE],
    many: false,
};

static PEAK: NodeType = field("peak", "When most requests arrive.", &[one("time", Form::TimeOfDay)]);
static LOW: NodeType = field("low", "When fewest do.", &[one("time", Form::TimeOfDay)]);
static RATIO: NodeType = field(
    "ratio",
    "How many times as many arrive at the peak as at the low.",
    &[one("factor", Form::Number)],
);
static TIME_ZONE: NodeType = field(
    "time-zone",
    "Where the clocks are that show it; clocks have the offset of the scenario's `from` unless told.",
    &[one("zone", Form::TimeZone)],
);

pub(super) static WEEKLY: NodeType = NodeType {
    name: "weekly",
    docs: "Multiples of the base for days of the week, from midnight to midnight; 1 for those that are not named.",
    arguments: &[],
    children: &[&MONDAY, &TUESDAY, &WEDNESDAY, &THURSDAY, &FRIDAY, &SATURDAY, &SUNDAY, &TIME_ZONE],
    many: false,
};

static MONDAY: NodeType = field("monday", "The multiple of the base on this day.", FACTOR);
static TUESDAY: NodeType = field("tuesday", "The multiple of the base on this day.", FACTOR);
static WEDNESDAY: NodeType = field("wednesday", "The multiple of the base on this day.", FACTOR);
static THURSDAY: NodeType = field("thursday", "The multiple of the base on this day.", FACTOR);
static FRIDAY: NodeType = field("friday", "The multiple of the base on this day.", FACTOR);
static SATURDAY: NodeType = field("saturday", "The multiple of the base on this day.", FACTOR);
static SUNDAY: NodeType = field("sunday", "The multiple of the base on this day.", FACTOR);

/// What each day has.
static FACTOR: &[Argument] = &[one("factor", Form::NumberOrZero)];

pub(super) static BURSTS: NodeType = NodeType {
    name: "bursts",
    docs: "Times of more traffic that begin and end at random: a Poisson process modulated by a chain of two states, each \
           of which lasts an exponential time. The base is what arrives between bursts.",
    arguments: &[],
    children: &[&MEAN_ON, &MEAN_OFF, &BURST_TIMES],
    many: false,
};

static MEAN_ON: NodeType =
    field("mean-on", "How long a burst lasts on average.", &[one("duration", Form::Duration)]);
static MEAN_OFF: NodeType =
    field("mean-off", "How long it is between two on average.", &[one("duration", Form::Duration)]);
static BURST_TIMES: NodeType =
    field("times", "The multiple of the base in a burst.", &[one("factor", Form::Number)]);

pub(super) static TRACE: NodeType = NodeType {
    name: "trace",
    docs: "The rate from a file of comma-separated values instead of a base. Its first line names two columns: `time`, \
           such as `2026-11-10T22:00:00+08:00` and UTC where it has no offset, or `seconds` since the beginning of the \
           run; and `per-second`, `per-minute`, `per-hour`, `requests` from this row to the next, or `value` with a \
           `unit`. A rate holds until the next row, and over a gap and to the end of the run, of which a warning says.",
    arguments: &[one("file", Form::RelativePath)],
    children: &[&UNIT, &SCALE, &TRACE_FROM],
    many: false,
};

static UNIT: NodeType = field(
    "unit",
    "What the column `value` counts.",
    &[one("unit", Form::Word(&["per-second", "per-minute", "per-hour", "requests"]))],
);
static SCALE: NodeType =
    field("scale", "What the rates are multiplied by; 1 unless told.", &[one("factor", Form::Number)]);
static TRACE_FROM: NodeType = field(
    "from",
    "The time in the file at which the run begins; that of the first row unless told.",
    &[one("time", Form::Timestamp)],
);
