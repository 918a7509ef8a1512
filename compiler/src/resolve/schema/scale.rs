//! The nodes of how many pods a component has, and where they may run.

use super::{NodeType, field, one};
use crate::resolve::form::Form;

pub(super) static SCALE: NodeType = NodeType {
    name: "scale",
    docs: "Between two counts, by mean CPU use in per cent of the request.",
    arguments: &[],
    children: &[&MIN, &MAX, &CPU_TARGET],
    many: false,
};

static MIN: NodeType =
    field("min", "The least number of pods.", &[one("replicas", Form::Integer { min: 1, max: 100_000 })]);

static MAX: NodeType =
    field("max", "The greatest number of pods.", &[one("replicas", Form::Integer { min: 1, max: 100_000 })]);

static CPU_TARGET: NodeType =
    field("cpu", "The mean CPU use to keep, such as \"60%\".", &[one("target", Form::Percent { max: 1000 })]);

pub(super) static REPLICAS: NodeType = field(
    "replicas",
    "A fixed number of pods, instead of `scale`.",
    &[one("count", Form::Integer { min: 1, max: 100_000 })],
);

pub(super) static BURST: NodeType = field(
    "burst",
    "Whether pods may run on ECI: never, when the nodes are full, or only there.",
    &[one("mode", Form::Word(&["never", "when-short", "only"]))],
);
