//! From the samples of pods to the count that would meet the target, as `replica_calculator.go` has it.

use super::metrics::{PodSeen, Target};
use crate::world::AutoscalerFlags;

/// What `groupPods` makes of the pods.
#[derive(Debug, Default)]
struct Groups {
    ready: i64,
    unready: Vec<PodSeen>,
    missing: Vec<PodSeen>,
    /// Use and request of every pod whose sample counts.
    counted: Vec<(i64, i64)>,
}

/// The count that a CPU target asks for; `None` if it cannot be computed. `tolerance` is (down, up).
pub fn recommend(
    target: Target,
    current: u32,
    pods: &[PodSeen],
    now_ns: i64,
    tolerance: (f64, f64),
    flags: &AutoscalerFlags,
) -> Option<u32> {
    let mut groups = group(pods, now_ns, flags);
    let ratio = usage_ratio(target, &groups.counted)?;
    let within = |ratio: f64| 1.0 - tolerance.0 <= ratio && ratio <= 1.0 + tolerance.1;
    let up_with_unready = !groups.unready.is_empty() && ratio > 1.0;
    if !up_with_unready && groups.missing.is_empty() {
        let count = (ratio * groups.ready as f64).ceil();
        return Some(if within(ratio) { current } else { count as u32 });
    }
    // On the way down a missing pod counts as busy, on the way up as idle.
    let down = ratio < 1.0;
    if down || ratio > 1.0 {
        let assumed = |pod: &PodSeen| (if down { assumed_busy(target, pod) } else { 0 }, pod.request_milli);
        groups.counted.extend(groups.missing.iter().map(assumed));
    }
    if up_with_unready {
        groups.counted.extend(groups.unready.iter().map(|pod| (0, pod.request_milli)));
    }
    let again = usage_ratio(target, &groups.counted)?;
    let turned = ratio < 1.0 && again > 1.0 || ratio > 1.0 && again < 1.0;
    if within(again) || turned {
        return Some(current);
    }
    let count = (again * groups.counted.len() as f64).ceil() as u32;
    let against = again < 1.0 && count > current || again > 1.0 && count < current;
    Some(if against { current } else { count })
}

fn assumed_busy(target: Target, pod: &PodSeen) -> i64 {
    match target {
        Target::Utilization(percent) => pod.request_milli * percent.max(100) / 100,
        Target::AverageValue(milli) => milli,
    }
}

/// Percentages and averages are whole numbers before the ratio is taken, as upstream's are.
fn usage_ratio(target: Target, counted: &[(i64, i64)]) -> Option<f64> {
    let used: i64 = counted.iter().map(|(used, _)| used).sum();
    match target {
        Target::Utilization(percent) => {
            let requested: i64 = counted.iter().map(|(_, request)| request).sum();
            (requested > 0).then(|| (used * 100 / requested) as f64 / percent as f64)
        }
        Target::AverageValue(milli) => {
            (!counted.is_empty()).then(|| (used / counted.len().cast_signed() as i64) as f64 / milli as f64)
        }
    }
}

fn group(pods: &[PodSeen], now_ns: i64, flags: &AutoscalerFlags) -> Groups {
    let mut groups = Groups::default();
    for pod in pods.iter().filter(|pod| !pod.terminating) {
        if pod.pending {
            groups.unready.push(*pod);
            continue;
        }
        let Some(metric) = pod.metric else {
            groups.missing.push(*pod);
            continue;
        };
        let unready = pod.start_time_ns.is_none_or(|start| {
            if start + flags.cpu_initialization_ns.cast_signed() > now_ns {
                // In its first minutes a pod's sample counts only if it was Ready over the whole window.
                !pod.ready || metric.at_ns < pod.transition_ns + metric.window_ns
            } else {
                // Later it is left out only if it has never been Ready.
                !pod.ready && start + flags.initial_readiness_ns.cast_signed() > pod.transition_ns
            }
        });
        if unready {
            groups.unready.push(*pod);
        } else {
            groups.ready += 1;
            groups.counted.push((metric.milli, pod.request_milli));
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::autoscaler::metrics::PodMetric;
    use crate::world::ACK_DOCS;

    const HOUR: i64 = 3_600_000_000_000;

    fn pod(milli: i64) -> PodSeen {
        let metric = PodMetric { at_ns: HOUR, window_ns: HOUR / 240, milli };
        PodSeen {
            pending: false,
            terminating: false,
            ready: true,
            transition_ns: 0,
            start_time_ns: Some(0),
            request_milli: 500,
            metric: Some(metric),
        }
    }

    fn wanted(pods: &[PodSeen]) -> Option<u32> {
        let target = Target::Utilization(60);
        recommend(target, pods.len() as u32, pods, HOUR, (0.1, 0.1), &ACK_DOCS.autoscaler)
    }

    #[test]
    fn the_count_follows_the_ratio_and_the_tolerance() {
        assert_eq!(wanted(&[pod(500); 4]), Some(7));
        assert_eq!(wanted(&[pod(325); 4]), Some(4));
        assert_eq!(wanted(&[pod(100); 4]), Some(2));
        assert_eq!(wanted(&[]), None);
    }

    #[test]
    fn unready_pods_count_as_idle_on_the_way_up() {
        let unready = PodSeen { pending: true, ..pod(0) };
        assert_eq!(wanted(&[pod(500), pod(500), unready, unready]), Some(4));
    }

    #[test]
    fn missing_pods_count_as_busy_on_the_way_down() {
        let missing = PodSeen { metric: None, ..pod(0) };
        assert_eq!(wanted(&[pod(100), pod(100), pod(100), missing]), Some(3));
    }

    #[test]
    fn a_young_pod_counts_after_one_window_of_readiness() {
        let young =
            PodSeen { start_time_ns: Some(HOUR - HOUR / 60), transition_ns: HOUR - HOUR / 300, ..pod(500) };
        let older = PodSeen { transition_ns: HOUR - HOUR / 120, ..young };
        assert_eq!(wanted(&[pod(500), young]), Some(2));
        assert_eq!(wanted(&[pod(500), older]), Some(4));
    }
}
