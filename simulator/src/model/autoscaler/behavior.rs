//! What restrains an autoscaler: stabilization windows and policies, as `horizontal.go` has them.

use std::cmp::Ordering;

use compiler::plan::Bounds;
use k8s_openapi::api::autoscaling::v2::{HPAScalingRules, HorizontalPodAutoscalerBehavior};

use crate::world::AutoscalerFlags;

const SECOND: i64 = 1_000_000_000;

/// `spec.behavior` with the API server's defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Behavior {
    up: Rules,
    down: Rules,
}

/// One direction.
#[derive(Clone, Debug, PartialEq)]
struct Rules {
    window_ns: i64,
    select: Select,
    policies: Vec<Policy>,
    tolerance: f64,
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
    value: i64,
    period_ns: i64,
}

/// What an autoscaler remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    recommendations: Vec<(u32, i64)>,
    ups: Vec<(u32, i64)>,
    downs: Vec<(u32, i64)>,
}

impl Behavior {
    /// Reads `spec.behavior`; directions that it leaves out get upstream's defaults.
    pub fn new(behavior: &HorizontalPodAutoscalerBehavior, flags: &AutoscalerFlags) -> Self {
        let policy = |percent, value| Policy { percent, value, period_ns: 15 * SECOND };
        let up = Rules {
            window_ns: 0,
            select: Select::Max,
            policies: vec![policy(false, 4), policy(true, 100)],
            tolerance: flags.tolerance,
        };
        let down = Rules {
            window_ns: flags.downscale_stabilization_ns.cast_signed(),
            policies: vec![policy(true, 100)],
            ..up.clone()
        };
        Self { up: rules(behavior.scale_up.as_ref(), up), down: rules(behavior.scale_down.as_ref(), down) }
    }

    /// The tolerance on the way down and on the way up.
    pub fn tolerance(&self) -> (f64, f64) {
        (self.down.tolerance, self.up.tolerance)
    }
}

fn rules(written: Option<&HPAScalingRules>, defaults: Rules) -> Rules {
    let Some(written) = written else { return defaults };
    let policies = written.policies.as_ref().map(|policies| {
        let policy = |policy: &k8s_openapi::api::autoscaling::v2::HPAScalingPolicy| Policy {
            percent: policy.type_ == "Percent",
            value: policy.value.into(),
            period_ns: i64::from(policy.period_seconds) * SECOND,
        };
        policies.iter().map(policy).collect()
    });
    Rules {
        window_ns: written.stabilization_window_seconds.map_or(defaults.window_ns, |s| i64::from(s) * SECOND),
        select: match written.select_policy.as_deref() {
            Some("Min") => Select::Min,
            Some("Disabled") => Select::Disabled,
            Some(_) | None => Select::Max,
        },
        policies: policies.unwrap_or(defaults.policies),
        tolerance: written.tolerance.as_ref().and_then(|t| share(&t.0)).unwrap_or(defaults.tolerance),
    }
}

/// A share such as `0.05` or `50m`.
fn share(text: &str) -> Option<f64> {
    match text.strip_suffix('m') {
        Some(milli) => milli.parse::<f64>().ok().map(|milli| milli * 1e-3),
        None => text.parse().ok(),
    }
}

impl History {
    /// The first look remembers the count that was there.
    pub fn begin(&mut self, current: u32, now_ns: i64) {
        if self.recommendations.is_empty() {
            self.recommendations.push((current, now_ns));
        }
    }

    /// Without `spec.behavior`: the greatest recommendation of the window, at most double, within the bounds.
    pub fn plain(
        &mut self,
        current: u32,
        wanted: u32,
        bounds: Bounds,
        now_ns: i64,
        flags: &AutoscalerFlags,
    ) -> u32 {
        let cutoff = now_ns - flags.downscale_stabilization_ns.cast_signed();
        let fresh = self.recommendations.iter().filter(|(_, at)| *at >= cutoff);
        let stable = fresh.map(|(count, _)| *count).fold(wanted, u32::max);
        let old = self.recommendations.iter().rposition(|(_, at)| *at < cutoff);
        self.remember(old, (wanted, now_ns));
        let limit = current.saturating_mul(2).max(4);
        stable.clamp(bounds.min.min(bounds.max), bounds.max.min(limit).max(bounds.min.min(bounds.max)))
    }

    /// With `spec.behavior`: between the least of the window up and the greatest of the window down, as fast
    /// as the policies let it.
    pub fn restrained(
        &mut self,
        rules: &Behavior,
        current: u32,
        wanted: u32,
        bounds: Bounds,
        now_ns: i64,
    ) -> u32 {
        let (up_cutoff, down_cutoff) = (now_ns - rules.up.window_ns, now_ns - rules.down.window_ns);
        let (mut least, mut greatest, mut old) = (wanted, wanted, None);
        for (index, (count, at)) in self.recommendations.iter().enumerate() {
            if *at > up_cutoff {
                least = least.min(*count);
            }
            if *at > down_cutoff {
                greatest = greatest.max(*count);
            }
            if *at < up_cutoff && *at < down_cutoff {
                old = Some(index);
            }
        }
        self.remember(old, (wanted, now_ns));
        let stable = current.max(least).min(greatest);
        let (now, count) = (i64::from(current), i64::from(stable));
        let allowed = match count.cmp(&now) {
            Ordering::Greater => {
                let limit = self.up_limit(&rules.up, now, now_ns).max(now);
                count.min(limit.min(bounds.max.into()))
            }
            Ordering::Less => {
                let limit = self.down_limit(&rules.down, now, now_ns).min(now);
                count.max(limit.max(bounds.min.into()))
            }
            Ordering::Equal => count,
        };
        u32::try_from(allowed).unwrap_or(0)
    }

    /// Remembers a change of the count, for as long as a policy looks back.
    pub fn scaled(&mut self, rules: &Behavior, from: u32, to: u32, now_ns: i64) {
        let longest =
            rules.up.policies.iter().chain(&rules.down.policies).map(|policy| policy.period_ns).max();
        let cutoff = now_ns - longest.unwrap_or(0);
        self.ups.retain(|(_, at)| *at > cutoff);
        self.downs.retain(|(_, at)| *at > cutoff);
        if to > from {
            self.ups.push((to - from, now_ns));
        } else {
            self.downs.push((from - to, now_ns));
        }
    }

    /// An outdated slot is used again, as upstream does; nothing is purged.
    fn remember(&mut self, slot: Option<usize>, recommendation: (u32, i64)) {
        match slot {
            Some(slot) => self.recommendations[slot] = recommendation,
            None => self.recommendations.push(recommendation),
        }
    }

    fn up_limit(&self, rules: &Rules, current: i64, now_ns: i64) -> i64 {
        let proposals = rules.policies.iter().map(|policy| {
            let before = current - change(&self.ups, policy, now_ns) + change(&self.downs, policy, now_ns);
            if policy.percent {
                (before as f64 * (1.0 + policy.value as f64 / 100.0)).ceil() as i64
            } else {
                before + policy.value
            }
        });
        match rules.select {
            Select::Disabled => current,
            Select::Max => proposals.max().unwrap_or(current),
            Select::Min => proposals.min().unwrap_or(current),
        }
    }

    fn down_limit(&self, rules: &Rules, current: i64, now_ns: i64) -> i64 {
        let proposals = rules.policies.iter().map(|policy| {
            let before = current - change(&self.ups, policy, now_ns) + change(&self.downs, policy, now_ns);
            if policy.percent {
                (before as f64 * (1.0 - policy.value as f64 / 100.0)) as i64
            } else {
                before - policy.value
            }
        });
        // The policy that changes most is, on the way down, the one that leaves least.
        match rules.select {
            Select::Disabled => current,
            Select::Max => proposals.min().unwrap_or(current),
            Select::Min => proposals.max().unwrap_or(current),
        }
    }
}

fn change(events: &[(u32, i64)], policy: &Policy, now_ns: i64) -> i64 {
    let cutoff = now_ns - policy.period_ns;
    events.iter().filter(|(_, at)| *at > cutoff).map(|(count, _)| i64::from(*count)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::ACK_DOCS;

    const BOUNDS: Bounds = Bounds { min: 4, max: 400 };

    #[test]
    fn without_behavior_a_sync_at_most_doubles_and_goes_down_after_five_minutes() {
        let (mut history, flags) = (History::default(), &ACK_DOCS.autoscaler);
        assert_eq!(history.plain(10, 90, BOUNDS, 0, flags), 20);
        assert_eq!(history.plain(20, 5, BOUNDS, 300 * SECOND, flags), 40);
        assert_eq!(history.plain(40, 5, BOUNDS, 301 * SECOND, flags), 5);
    }

    #[test]
    fn the_default_behavior_adds_four_or_doubles_in_fifteen_seconds() {
        let rules = Behavior::new(&HorizontalPodAutoscalerBehavior::default(), &ACK_DOCS.autoscaler);
        let mut history = History::default();
        assert_eq!(history.restrained(&rules, 2, 90, BOUNDS, 0), 6);
        history.scaled(&rules, 2, 6, 0);
        assert_eq!(history.restrained(&rules, 6, 90, BOUNDS, 10 * SECOND), 6);
        assert_eq!(history.restrained(&rules, 6, 90, BOUNDS, 15 * SECOND), 12);
    }
}
