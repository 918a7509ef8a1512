//! The values and fields of a time that is always the same, or drawn from a distribution.

use super::{Argument, NodeType, field, one};
use crate::resolve::form::Form;

/// The time itself, or what it is drawn from.
pub(super) const DRAWN: Argument =
    one("time", Form::DurationOrWord(&["constant", "exponential", "hyperexponential", "lognormal"]));

/// What says more about a distribution.
pub(super) const DISTRIBUTION: &[&NodeType] = &[&MEAN, &P99, &CV2];

static MEAN: NodeType =
    field("mean", "The mean of the distribution that is named.", &[one("duration", Form::Duration)]);
static P99: NodeType =
    field("p99", "What 99 of 100 stay below; needed for `lognormal`.", &[one("duration", Form::Duration)]);
static CV2: NodeType = field(
    "cv2",
    "The square of the coefficient of variation, at least 1; needed for `hyperexponential`, which draws from two \
     exponential distributions, many short times and few long ones, that make up half of the mean each. `exponential` \
     has 1.",
    &[one("number", Form::Number)],
);
