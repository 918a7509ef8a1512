//! What an autoscaler says of itself: `status` of the object.

/// A condition's status and reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `True` or `False`.
    pub holds: bool,
    /// The word for why.
    pub reason: &'static str,
}

impl Condition {
    /// A condition that holds.
    pub fn yes(reason: &'static str) -> Option<Self> {
        Some(Self { holds: true, reason })
    }

    /// A condition that does not.
    pub fn no(reason: &'static str) -> Option<Self> {
        Some(Self { holds: false, reason })
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", if self.holds { "True" } else { "False" }, self.reason)
    }
}

/// One entry of `status.currentMetrics`, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Current {
    /// `averageUtilization`, in per cent.
    pub utilization: Option<i32>,
    /// `averageValue`.
    pub average_milli: Option<i64>,
    /// `value`.
    pub value_milli: Option<i64>,
}

/// The status that a sync leaves behind. A sync that fails early leaves older conditions as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `desiredReplicas`; 0 until it is first set.
    pub desired: i32,
    /// `AbleToScale`.
    pub able_to_scale: Option<Condition>,
    /// `ScalingActive`.
    pub scaling_active: Option<Condition>,
    /// `ScalingLimited`.
    pub scaling_limited: Option<Condition>,
    /// `currentMetrics`, in the order of the spec; `None` for one that failed, empty if none was asked.
    pub metrics: Vec<Option<Current>>,
}
