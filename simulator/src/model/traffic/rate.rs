//! The rate of traffic over a run as a chain of straight lines.

use super::calendar::Calendar;
use crate::engine::clock::SECOND_NS;
use crate::scenario::{Level, Spike, Step, Traffic};

/// Lines into which a stretch is cut where more than one factor of the rate changes.
const CUTS: u64 = 16;

/// A stretch over which the rate is a straight line, from the end of the one before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// Where it ends.
    pub end_ns: f64,
    /// Arrivals a nanosecond at the beginning.
    pub rate: f64,
    /// By how much that grows every nanosecond.
    pub slope: f64,
}

/// The rate over a whole run.
pub fn pieces(traffic: &Traffic, from_ns: i64, duration_ns: u64) -> Vec<Piece> {
    let shape = &traffic.shape;
    let calendar = Calendar::new(shape.daily.as_ref(), shape.weekly.as_ref(), from_ns, duration_ns);
    let rate = Rate { traffic, ramps: ramps(traffic.base_per_second, &shape.steps), calendar };
    let mut begin = 0;
    let mut pieces = Vec::new();
    for end in rate.corners(duration_ns) {
        let cuts = if rate.bends(begin, end) { CUTS.min(end - begin) } else { 1 };
        let first = begin;
        for cut in 1..=cuts {
            let end = first + (u128::from(end - first) * u128::from(cut) / u128::from(cuts)) as u64;
            // Just after and just before a corner the rate differs where a change takes no time.
            let (after, before) = (rate.at(begin, true), rate.at(end, false));
            let slope = (before - after) / (end - begin) as f64;
            pieces.push(Piece { end_ns: end as f64, rate: after, slope });
            begin = end;
        }
    }
    // A day has hundreds of them, and a run a thousand sources.
    pieces.shrink_to_fit();
    pieces
}

/// The factors of the rate.
struct Rate<'a> {
    traffic: &'a Traffic,
    ramps: Vec<Ramp>,
    calendar: Calendar,
}

/// A change of the base from what it was when the change began.
#[derive(Clone, Copy, Debug)]
struct Ramp {
    step: Step,
    from: f64,
}

impl Rate<'_> {
    /// Where it may bend, up to the first corner that is not within the run.
    fn corners(&self, duration_ns: u64) -> Vec<u64> {
        let shape = &self.traffic.shape;
        let mut corners: Vec<u64> = self.traffic.spikes.iter().flat_map(corners).collect();
        corners.extend(self.ramps.iter().flat_map(|ramp| [ramp.step.at_ns, ramp.step.end_ns()]));
        corners.extend(shape.trace.iter().map(|level| level.at_ns));
        corners.extend(self.calendar.corners().into_iter().filter_map(|at| u64::try_from(at).ok()));
        corners.retain(|at| *at > 0);
        corners.sort_unstable();
        corners.dedup();
        let within = corners.partition_point(|at| *at < duration_ns);
        corners.truncate(within + 1);
        if within == corners.len() {
            corners.push(duration_ns);
        }
        corners
    }

    /// Whether several factors change in a stretch, so that their product is no straight line.
    fn bends(&self, begin: u64, end: u64) -> bool {
        let factors =
            |at, after| [self.level(at, after), self.calendar_at(at, after), self.spikes(at, after)];
        let (first, last) = (factors(begin, true), factors(end, false));
        first.iter().zip(&last).filter(|(first, last)| (*first - *last).abs() > 0.0).count() > 1
    }

    /// Arrivals a nanosecond at a time, seen from after it or from before it.
    fn at(&self, at_ns: u64, from_after: bool) -> f64 {
        self.level(at_ns, from_after) / SECOND_NS as f64
            * self.calendar_at(at_ns, from_after)
            * self.spikes(at_ns, from_after)
    }

    /// The base or the trace, in arrivals a second.
    fn level(&self, at_ns: u64, from_after: bool) -> f64 {
        let trace = &self.traffic.shape.trace;
        if trace.is_empty() {
            return base(self.traffic.base_per_second, &self.ramps, at_ns, from_after);
        }
        let begun = |level: &Level| level.at_ns < at_ns || from_after && level.at_ns == at_ns;
        trace.partition_point(begun).checked_sub(1).map_or(0.0, |last| trace[last].per_second)
    }

    fn calendar_at(&self, at_ns: u64, from_after: bool) -> f64 {
        self.calendar.factor(at_ns.cast_signed(), from_after)
    }

    fn spikes(&self, at_ns: u64, from_after: bool) -> f64 {
        let mut factor = 1.0;
        for spike in &self.traffic.spikes {
            let rise = ramp(at_ns, spike.at_ns, spike.over_ns, from_after);
            let fall = ramp(at_ns, spike.at_ns + spike.over_ns + spike.hold_ns, spike.fall_ns, from_after);
            factor += (spike.times - 1.0) * (rise - fall);
        }
        factor.max(0.0)
    }
}

impl Step {
    fn end_ns(&self) -> u64 {
        self.at_ns.saturating_add(self.over_ns)
    }
}

fn corners(spike: &Spike) -> [u64; 4] {
    let top = spike.at_ns + spike.over_ns;
    [spike.at_ns, top, top + spike.hold_ns, top + spike.hold_ns + spike.fall_ns]
}

/// Each step from where the ones before it have come to when it begins.
fn ramps(per_second: f64, steps: &[Step]) -> Vec<Ramp> {
    let mut steps = steps.to_vec();
    steps.sort_by_key(|step| step.at_ns);
    let mut ramps = Vec::with_capacity(steps.len());
    for step in steps {
        let from = base(per_second, &ramps, step.at_ns, false);
        ramps.push(Ramp { step, from });
    }
    ramps
}

/// The base at a time: the last step that has begun decides.
fn base(per_second: f64, ramps: &[Ramp], at_ns: u64, from_after: bool) -> f64 {
    let begun = |ramp: &Ramp| ramp.step.at_ns < at_ns || from_after && ramp.step.at_ns == at_ns;
    let Some(Ramp { step, from }) = ramps.iter().rev().find(|ramp| begun(ramp)).copied() else {
        return per_second;
    };
    from + (step.per_second - from) * ramp(at_ns, step.at_ns, step.over_ns, from_after)
}

/// From 0 to 1 over a stretch.
fn ramp(at_ns: u64, begin_ns: u64, length_ns: u64, from_after: bool) -> f64 {
    let done = at_ns.saturating_sub(begin_ns);
    if length_ns == 0 {
        return f64::from(at_ns > begin_ns || at_ns == begin_ns && from_after);
    }
    (done as f64 / length_ns as f64).min(1.0)
}
