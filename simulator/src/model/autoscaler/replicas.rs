//! From metrics to the count that would meet their targets, as `replica_calculator.go` has it.
//!
//! Every float step is the one that upstream takes, in its order: a percentage and an average are whole numbers before
//! their ratio is taken, and 2.2 × 50 needs 111 pods.

use super::look::{Look, PodPhase, PodSeen, Sample, Scale};
use super::spec::{Metric, Resource, Source, Target};
use super::status::Current;
use crate::world::AutoscalerFlags;

/// How far a ratio may be from 1 without a change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Below 1.
    pub down: f64,
    /// Above 1.
    pub up: f64,
}

/// What one sync computes with.
#[derive(Clone, Copy, Debug)]
pub struct Sync<'a> {
    /// The target's scale.
    pub scale: Scale,
    /// The time.
    pub now_ns: i64,
    /// The autoscaler's tolerance.
    pub tolerance: Tolerance,
    /// The controller's flags.
    pub flags: &'a AutoscalerFlags,
}

/// A count, and what the status says of the metric.
pub type Proposal = (i32, Current);

/// What a target compares the pods' use with.
#[derive(Clone, Copy)]
enum Goal {
    Utilization(i32),
    Average(i64),
}

/// Sums over the pods, as far as they count.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    used: i64,
    requested: i64,
    pods: i64,
}

/// What `groupPods` makes of the pods.
#[derive(Clone, Copy, Debug, Default)]
struct Groups {
    ready: Sums,
    unready: Sums,
    missing: Sums,
}

impl Tolerance {
    fn allows(self, ratio: f64) -> bool {
        (1.0 - self.down) <= ratio && ratio <= (1.0 + self.up)
    }
}

/// What a metric asks for; an error is the reason that the condition gives.
pub fn propose(
    sync: &Sync<'_>,
    look: &impl Look,
    index: usize,
    metric: &Metric,
) -> Result<Proposal, &'static str> {
    let (found, failure) = match (&metric.source, metric.target) {
        (Source::Resource { resource, container }, target) => {
            let is_cpu = *resource == Resource::Cpu;
            let found = match target {
                Some(Target::Utilization(percent)) => {
                    of_pods(sync, look, index, Goal::Utilization(percent), is_cpu)
                }
                Some(Target::AverageValue(milli)) => of_pods(sync, look, index, Goal::Average(milli), is_cpu),
                Some(Target::Value(_)) | None => None,
            };
            let failure = match container {
                None => "FailedGetResourceMetric",
                Some(_) => "FailedGetContainerResourceMetric",
            };
            (found, failure)
        }
        (Source::Pods { .. }, Some(Target::AverageValue(milli))) => {
            (of_pods(sync, look, index, Goal::Average(milli), false), "FailedGetPodsMetric")
        }
        (Source::Pods { .. }, _) => (None, "FailedGetPodsMetric"),
        (Source::Object { .. }, target) => {
            let found = look.object(index).zip(target).and_then(|(usage, target)| match target {
                Target::Value(milli) => of_value(sync, look, usage, milli),
                Target::AverageValue(milli) => Some(of_object_average(sync, usage, milli)),
                Target::Utilization(_) => None,
            });
            (found, "FailedGetObjectMetric")
        }
        (Source::External { .. }, target) => {
            let series = look.external(index).filter(|series| !series.is_empty());
            let found = series.zip(target).and_then(|(series, target)| match target {
                Target::Value(milli) => of_value(sync, look, sum(series), milli),
                Target::AverageValue(milli) => Some(of_external_average(sync, series, milli)),
                Target::Utilization(_) => None,
            });
            (found, "FailedGetExternalMetric")
        }
    };
    found.ok_or(failure)
}

/// A target on the mean of the pods.
fn of_pods(sync: &Sync<'_>, look: &impl Look, metric: usize, goal: Goal, is_cpu: bool) -> Option<Proposal> {
    let groups = group(sync, look, metric, goal, is_cpu)?;
    let (ratio, current) = usage(goal, groups.ready)?;
    let count = replicas_for(sync, &groups, goal, ratio)?;
    Some((count, current))
}

fn replicas_for(sync: &Sync<'_>, groups: &Groups, goal: Goal, ratio: f64) -> Option<i32> {
    let now = sync.scale.spec;
    let up_with_unready = groups.unready.pods > 0 && ratio > 1.0;
    if !up_with_unready && groups.missing.pods == 0 {
        let count = || to_i32((ratio * groups.ready.pods as f64).ceil());
        return Some(if sync.tolerance.allows(ratio) { now } else { count() });
    }
    let mut counted = groups.ready;
    // On the way down a missing pod counts as busy, on the way up as idle.
    if ratio < 1.0 {
        counted = counted.and(groups.missing);
    } else if ratio > 1.0 {
        counted = counted.and(Sums { used: 0, ..groups.missing });
    }
    if up_with_unready {
        counted = counted.and(Sums { used: 0, ..groups.unready });
    }
    let (again, _) = usage(goal, counted)?;
    let turned = ratio < 1.0 && again > 1.0 || ratio > 1.0 && again < 1.0;
    if sync.tolerance.allows(again) || turned {
        return Some(now);
    }
    let count = to_i32((again * counted.pods as f64).ceil());
    let against = again < 1.0 && count > now || again > 1.0 && count < now;
    Some(if against { now } else { count })
}

/// The ratio of use to target. The percentage and the average are whole numbers before that.
fn usage(goal: Goal, counted: Sums) -> Option<(f64, Current)> {
    if counted.pods == 0 {
        return None;
    }
    let average = counted.used / counted.pods;
    match goal {
        Goal::Utilization(percent) => {
            if counted.requested == 0 {
                return None;
            }
            let utilization = (counted.used.wrapping_mul(100) / counted.requested) as i32;
            let ratio = f64::from(utilization) / f64::from(percent);
            let current = Current {
                utilization: Some(utilization),
                average_milli: Some(average),
                ..Current::default()
            };
            Some((ratio, current))
        }
        Goal::Average(milli) => {
            let current = Current { average_milli: Some(average), ..Current::default() };
            Some((average as f64 / milli as f64, current))
        }
    }
}

/// `None` if a container requests nothing of the resource.
fn group(sync: &Sync<'_>, look: &impl Look, metric: usize, goal: Goal, is_cpu: bool) -> Option<Groups> {
    let mut groups = Groups::default();
    for (index, pod) in look.pods().iter().enumerate() {
        // Also of pods that do not count otherwise.
        let request = match goal {
            Goal::Utilization(_) => look.request_milli(metric, index)?,
            Goal::Average(_) => 0,
        };
        if pod.terminating || pod.phase == PodPhase::Failed {
            continue;
        }
        let times = look.times(index);
        if pod.phase == PodPhase::Pending {
            groups.unready.add(0, request, times);
            continue;
        }
        match look.sample(metric, index) {
            None => groups.missing.add(busy(goal, request), request, times),
            Some(sample) if is_cpu && is_unready(sync, pod, &sample) => groups.unready.add(0, request, times),
            Some(sample) => groups.ready.add(sample.milli, request, times),
        }
    }
    Some(groups)
}

/// What a pod without a sample is taken to use on the way down: all of its request, or what is wanted of it.
fn busy(goal: Goal, request: i64) -> i64 {
    match goal {
        Goal::Utilization(percent) => request.wrapping_mul(i64::from(percent.max(100))) / 100,
        Goal::Average(milli) => milli,
    }
}

/// Whether a sample of CPU does not count yet.
fn is_unready(sync: &Sync<'_>, pod: &PodSeen, sample: &Sample) -> bool {
    let Some(start_ns) = pod.start_time_ns else { return true };
    if start_ns + sync.flags.cpu_initialization_ns.cast_signed() > sync.now_ns {
        // In its first minutes a pod's sample counts only if it was Ready over the whole window.
        !pod.ready || sample.at_ns < pod.transition_ns + sample.window_ns
    } else {
        // Later it is left out only if it has never been Ready.
        !pod.ready && start_ns + sync.flags.initial_readiness_ns.cast_signed() > pod.transition_ns
    }
}

/// A target on a value: it is scaled with the pods that are Ready, those that are being deleted included.
fn of_value(sync: &Sync<'_>, look: &impl Look, usage: i64, target: i64) -> Option<Proposal> {
    let ratio = usage as f64 / target as f64;
    let current = Current { value_milli: Some(usage), ..Current::default() };
    let now = sync.scale.spec;
    if now == 0 {
        return Some((to_i32(ratio.ceil()), current));
    }
    if sync.tolerance.allows(ratio) {
        return Some((now, current));
    }
    let pods = look.pods();
    if pods.is_empty() {
        return None;
    }
    let is_ready = |pod: &PodSeen| pod.phase == PodPhase::Running && pod.ready;
    let ready: i64 = (0..pods.len()).filter(|pod| is_ready(&pods[*pod])).map(|pod| look.times(pod)).sum();
    let count = ratio * ready as f64;
    Some((if count > f64::from(i32::MAX) { i32::MAX } else { to_i32(count.ceil()) }, current))
}

/// A target on an object's value for each pod: it is compared with the pods there are, Ready or not.
fn of_object_average(sync: &Sync<'_>, usage: i64, target: i64) -> Proposal {
    let pods = sync.scale.status;
    let ratio = usage as f64 / (target as f64 * f64::from(pods));
    let count =
        if sync.tolerance.allows(ratio) { pods } else { to_i32((usage as f64 / target as f64).ceil()) };
    let average = to_i64((usage as f64 / f64::from(pods)).ceil());
    (count, Current { average_milli: Some(average), ..Current::default() })
}

/// The same for series from outside, with a sum that ends at the greatest number.
fn of_external_average(sync: &Sync<'_>, series: &[i64], target: i64) -> Proposal {
    let mut usage: i64 = 0;
    for value in series {
        usage = usage.wrapping_add(*value);
        if usage < 0 {
            usage = i64::MAX;
            break;
        }
    }
    let pods = sync.scale.status;
    let ratio = usage as f64 / (target as f64 * f64::from(pods));
    let count = if sync.tolerance.allows(ratio) {
        pods
    } else {
        let count = (usage as f64 / target as f64).ceil();
        if count > f64::from(i32::MAX) { i32::MAX } else { to_i32(count) }
    };
    let average = if usage as f64 >= i64::MAX as f64 {
        i64::MAX
    } else {
        to_i64((usage as f64 / f64::from(pods)).ceil())
    };
    (count, Current { average_milli: Some(average), ..Current::default() })
}

fn sum(series: &[i64]) -> i64 {
    let mut usage: i64 = 0;
    for value in series {
        if *value > 0 && usage > i64::MAX - value {
            return i64::MAX;
        }
        usage = usage.wrapping_add(*value);
    }
    usage
}

impl Sums {
    /// So many pods that are alike.
    fn add(&mut self, used: i64, requested: i64, times: i64) {
        self.used = self.used.wrapping_add(used.wrapping_mul(times));
        self.requested = self.requested.wrapping_add(requested.wrapping_mul(times));
        self.pods += times;
    }

    fn and(self, other: Self) -> Self {
        Self {
            used: self.used.wrapping_add(other.used),
            requested: self.requested.wrapping_add(other.requested),
            pods: self.pods + other.pods,
        }
    }
}

/// The integer of a float as amd64 converts it: what does not fit is the least integer.
pub(super) fn to_i32(value: f64) -> i32 {
    let fits = value > f64::from(i32::MIN) - 1.0 && value < f64::from(i32::MAX) + 1.0;
    if fits { value as i32 } else { i32::MIN }
}

fn to_i64(value: f64) -> i64 {
    let fits = value >= i64::MIN as f64 && value < i64::MAX as f64;
    if fits { value as i64 } else { i64::MIN }
}
