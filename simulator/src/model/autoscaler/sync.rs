//! One sync of the controller: from metrics to a recommendation, through stabilization and limits, to a write.

use super::behavior::Behavior;
use super::history::{Changes, Recommendations};
use super::look::{Look, Scale};
use super::replicas::{Sync, propose};
use super::spec::Spec;
use super::status::{Condition, Status};
use crate::model::flow::quiet::Said;
use crate::world::AutoscalerFlags;

/// What the controller keeps of an autoscaler from one sync to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The object's status.
    pub status: Status,
    recommendations: Recommendations,
    changes: Changes,
}

/// What a sync came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// What the metrics ask for, before stabilization and limits; `None` if they were not asked or failed.
    pub recommendation: Option<i32>,
    /// The count that was written; `None` if none was.
    pub written: Option<i32>,
}

/// What is done with the count.
enum Course {
    /// The controller leaves it alone.
    Leave,
    /// It writes this count.
    Write(i32),
}

impl Memory {
    /// One sync, as `reconcileAutoscaler` has it.
    pub fn sync(
        &mut self,
        spec: &Spec,
        look: &mut impl Look,
        now_ns: i64,
        flags: &AutoscalerFlags,
    ) -> Synced {
        let Some(scale) = look.scale() else {
            self.status.able_to_scale = Condition::no("FailedGetScale");
            return Synced::default();
        };
        self.status.able_to_scale = Condition::yes("SucceededGetScale");
        self.status.metrics.clear();
        let current = scale.spec;
        self.recommendations.begin(current, now_ns);
        let mut synced = Synced::default();
        let course = if current == 0 {
            self.status.scaling_active = Condition::no("ScalingDisabled");
            Course::Leave
        } else if current > spec.max {
            Course::Write(spec.max)
        } else if current < spec.min {
            Course::Write(spec.min)
        } else {
            synced.recommendation = self.recommend(spec, look, scale, now_ns, flags);
            let Some(wanted) = synced.recommendation else { return synced };
            // The count is compared with a zero that stands for "none yet", so a negative one is lost.
            match self.normalize(spec, current, wanted.max(0), now_ns, flags) {
                desired if desired == current => Course::Leave,
                desired => Course::Write(desired),
            }
        };
        self.status.desired = match course {
            Course::Leave => current,
            Course::Write(desired) => {
                if !look.write(desired) {
                    self.status.able_to_scale = Condition::no("FailedUpdateScale");
                    return synced;
                }
                self.status.able_to_scale = Condition::yes("SucceededRescale");
                self.remember_change(spec, current, desired, now_ns);
                synced.written = Some(desired);
                desired
            }
        };
        synced
    }

    /// The greatest of what the metrics ask for; one that fails blocks only the way down.
    fn recommend(
        &mut self,
        spec: &Spec,
        look: &impl Look,
        scale: Scale,
        now_ns: i64,
        flags: &AutoscalerFlags,
    ) -> Option<i32> {
        let sync = Sync { scale, now_ns, tolerance: spec.tolerance(flags), flags };
        let (mut wanted, mut failures, mut first_failure) = (0, 0, None);
        for (index, metric) in spec.metrics.iter().enumerate() {
            match propose(&sync, look, index, metric) {
                Ok((count, current)) => {
                    self.status.metrics.push(Some(current));
                    if wanted == 0 || count > wanted {
                        wanted = count;
                    }
                }
                Err(reason) => {
                    self.status.metrics.push(None);
                    first_failure = first_failure.or(Condition::no(reason));
                    failures += 1;
                }
            }
        }
        if failures >= spec.metrics.len() || failures > 0 && wanted < scale.spec {
            self.status.scaling_active = first_failure;
            return None;
        }
        self.status.scaling_active = Condition::yes("ValidMetricFound");
        Some(wanted)
    }

    /// Stabilization, policies and bounds.
    fn normalize(
        &mut self,
        spec: &Spec,
        current: i32,
        wanted: i32,
        now_ns: i64,
        flags: &AutoscalerFlags,
    ) -> i32 {
        let stable = self.stabilize(spec, current, wanted, now_ns, flags);
        let (stabilized, (desired, reason)) = match &spec.behavior {
            None => ("ScaleDownStabilized", doubled(spec, current, stable)),
            Some(behavior) => {
                let stabilized = if wanted >= current { "ScaleUpStabilized" } else { "ScaleDownStabilized" };
                (stabilized, self.restrained(spec, behavior, current, stable, now_ns))
            }
        };
        let able = if stable == wanted { "ReadyForNewScale" } else { stabilized };
        self.status.able_to_scale = Condition::yes(able);
        self.status.scaling_limited =
            if desired == stable { Condition::no(reason) } else { Condition::yes(reason) };
        desired
    }

    /// Remembers the syncs since one that said what all of them would have said, as far as any window looks back.
    pub(crate) fn go_on(&mut self, spec: &Spec, said: Said, now_ns: u64, flags: &AutoscalerFlags) {
        let longest_ns =
            spec.behavior.as_ref().map(|behavior| behavior.up.window_ns.max(behavior.down.window_ns));
        let window_ns = longest_ns.map_or(flags.downscale_stabilization_ns, i64::cast_unsigned);
        let syncs = (said.at_ns + flags.sync_period_ns..now_ns).step_by(flags.sync_period_ns as usize);
        for at_ns in syncs.filter(|at_ns| at_ns + window_ns >= now_ns) {
            self.stabilize(spec, said.recommendation, said.recommendation, at_ns.cast_signed(), flags);
        }
    }

    /// Remembers what the metrics ask for. Returns what of it the windows of stabilization let through.
    fn stabilize(
        &mut self,
        spec: &Spec,
        current: i32,
        wanted: i32,
        now_ns: i64,
        flags: &AutoscalerFlags,
    ) -> i32 {
        match &spec.behavior {
            None => {
                let window_ns = flags.downscale_stabilization_ns.cast_signed();
                self.recommendations.greatest(wanted, window_ns, now_ns)
            }
            Some(behavior) => {
                let (up_ns, down_ns) = (behavior.up.window_ns, behavior.down.window_ns);
                self.recommendations.between(current, wanted, up_ns, down_ns, now_ns)
            }
        }
    }

    /// As far as the policies let it, and within the bounds.
    fn restrained(
        &self,
        spec: &Spec,
        behavior: &Behavior,
        current: i32,
        stable: i32,
        now_ns: i64,
    ) -> (i32, &'static str) {
        if stable > current {
            let limit = behavior.up.up_limit(current, &self.changes, now_ns).max(current);
            let (most, reason) =
                if spec.max > limit { (limit, "ScaleUpLimit") } else { (spec.max, "TooManyReplicas") };
            if stable > most {
                return (most, reason);
            }
        } else if stable < current {
            let limit = behavior.down.down_limit(current, &self.changes, now_ns).min(current);
            let (least, reason) =
                if spec.min < limit { (limit, "ScaleDownLimit") } else { (spec.min, "TooFewReplicas") };
            if stable < least {
                return (least, reason);
            }
        }
        (stable, IN_RANGE)
    }

    /// Only a behaviour looks back at changes.
    fn remember_change(&mut self, spec: &Spec, from: i32, to: i32, now_ns: i64) {
        let Some(behavior) = &spec.behavior else { return };
        if to > from {
            self.changes.rose(to - from, behavior.up.longest_period_ns(), now_ns);
        } else {
            self.changes.fell(from - to, behavior.down.longest_period_ns(), now_ns);
        }
    }
}

const IN_RANGE: &str = "DesiredWithinRange";

/// Without `spec.behavior`: within the bounds, and at most double, or four.
fn doubled(spec: &Spec, current: i32, stable: i32) -> (i32, &'static str) {
    let limit = super::replicas::to_i32((2.0 * f64::from(current)).max(4.0));
    let (most, reason) =
        if spec.max > limit { (limit, "ScaleUpLimit") } else { (spec.max, "TooManyReplicas") };
    if stable < spec.min {
        (spec.min, "TooFewReplicas")
    } else if stable > most {
        (most, reason)
    } else {
        (stable, IN_RANGE)
    }
}
