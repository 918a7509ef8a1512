//! `spec.behavior`: how fast an autoscaler may change the count, and how long it looks back.

use k8s_openapi::api::autoscaling::v2::{HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscalerBehavior};

use super::amount;
use super::history::Changes;
use super::replicas::to_i32;
use crate::engine::clock::SIGNED_SECOND_NS;
use crate::world::AutoscalerFlags;

/// `spec.behavior` with the API server's defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Behavior {
    /// `scaleUp`.
    pub up: Rules,
    /// `scaleDown`.
    pub down: Rules,
}

/// One direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// `stabilizationWindowSeconds`, in nanoseconds.
    pub window_ns: i64,
    /// `tolerance`; the controller's flag unless told.
    pub tolerance: f64,
    select: Select,
    policies: Vec<Policy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Select {
    Max,
    Min,
    Disabled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Policy {
    percent: bool,
    value: i32,
    period_ns: i64,
}

impl Behavior {
    /// Reads `spec.behavior`; what it leaves out gets the defaults of `pkg/apis/autoscaling/v2/defaults.go`.
    pub fn new(behavior: &HorizontalPodAutoscalerBehavior, flags: &AutoscalerFlags) -> Self {
        let policy = |percent, value| Policy { percent, value, period_ns: 15 * SIGNED_SECOND_NS };
        let up = Rules {
            window_ns: 0,
            tolerance: flags.tolerance,
            select: Select::Max,
            policies: vec![policy(false, 4), policy(true, 100)],
        };
        let down = Rules {
            // Whole seconds: the controller writes its flag into the spec.
            window_ns: whole_seconds(flags.downscale_stabilization_ns),
            policies: vec![policy(true, 100)],
            ..up.clone()
        };
        Self { up: rules(behavior.scale_up.as_ref(), up), down: rules(behavior.scale_down.as_ref(), down) }
    }
}

impl Rules {
    /// The longest period of a policy, in nanoseconds.
    pub fn longest_period_ns(&self) -> i64 {
        self.policies.iter().map(|policy| policy.period_ns).max().unwrap_or(0)
    }

    /// The greatest count that these rules let a rise reach.
    pub fn up_limit(&self, current: i32, changes: &Changes, now_ns: i64) -> i32 {
        let proposals = self.policies.iter().map(|policy| {
            let before = changes.before(current, policy.period_ns, now_ns);
            if policy.percent {
                to_i32((f64::from(before) * (1.0 + f64::from(policy.value) / 100.0)).ceil())
            } else {
                before.wrapping_add(policy.value)
            }
        });
        match self.select {
            Select::Disabled => current,
            Select::Max => proposals.fold(i32::MIN, i32::max),
            Select::Min => proposals.fold(i32::MAX, i32::min),
        }
    }

    /// The least count that these rules let a fall reach. The policy that changes most leaves least.
    pub fn down_limit(&self, current: i32, changes: &Changes, now_ns: i64) -> i32 {
        let proposals = self.policies.iter().map(|policy| {
            let before = changes.before(current, policy.period_ns, now_ns);
            if policy.percent {
                to_i32(f64::from(before) * (1.0 - f64::from(policy.value) / 100.0))
            } else {
                before.wrapping_sub(policy.value)
            }
        });
        match self.select {
            Select::Disabled => current,
            Select::Max => proposals.fold(i32::MAX, i32::min),
            Select::Min => proposals.fold(i32::MIN, i32::max),
        }
    }
}

fn rules(written: Option<&HPAScalingRules>, defaults: Rules) -> Rules {
    let Some(written) = written else { return defaults };
    let policies = written.policies.as_ref().map(|policies| policies.iter().map(policy).collect());
    Rules {
        window_ns: written
            .stabilization_window_seconds
            .map_or(defaults.window_ns, |seconds| i64::from(seconds) * SIGNED_SECOND_NS),
        tolerance: written
            .tolerance
            .as_ref()
            .and_then(|tolerance| amount::approximate(&tolerance.0))
            .unwrap_or(defaults.tolerance),
        select: match written.select_policy.as_deref() {
            Some("Min") => Select::Min,
            Some("Disabled") => Select::Disabled,
            Some(_) | None => Select::Max,
        },
        policies: policies.unwrap_or(defaults.policies),
    }
}

fn policy(policy: &HPAScalingPolicy) -> Policy {
    Policy {
        percent: policy.type_ == "Percent",
        value: policy.value,
        period_ns: i64::from(policy.period_seconds) * SIGNED_SECOND_NS,
    }
}

fn whole_seconds(ns: u64) -> i64 {
    let ns = ns.cast_signed();
    ns - ns % SIGNED_SECOND_NS
}
