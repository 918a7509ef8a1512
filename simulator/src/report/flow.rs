//! How far rates are from requests where a run simulated both.

use serde::Serialize;

use super::text::{duration, span};
use crate::model::flow::{Compared, FlowTrace, Side};

/// What one component did in the windows that were simulated both ways.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Apart {
    /// By requests.
    pub requests: Figures,
    /// By rates, for the same requests.
    pub rates: Figures,
}

/// What came of one of the two ways.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Answered requests of those that ended, in per cent.
    pub success_percent: f64,
    /// Sent to pods, retries included.
    pub attempts: u64,
    /// Half of the answers were at least as fast.
    pub p50_ns: u64,
    /// 99 of 100 were.
    pub p99_ns: u64,
    /// CPU used, in core seconds.
    pub core_seconds: f64,
}

/// The two ways of a component; `None` if nothing was answered.
pub(super) fn apart(compared: &Compared) -> Option<Apart> {
    Some(Apart { requests: figures(&compared.requests)?, rates: figures(&compared.rates)? })
}

fn figures(side: &Side) -> Option<Figures> {
    let ended = side.answered + side.failed;
    Some(Figures {
        success_percent: (ended > 0).then(|| side.answered as f64 * 100.0 / ended as f64)?,
        attempts: side.attempts,
        p50_ns: side.latency.quantile_ns(500)?,
        p99_ns: side.latency.quantile_ns(990)?,
        core_seconds: side.cpu as f64 / 1e12,
    })
}

/// The line of a component.
pub(super) fn line(Apart { requests, rates }: &Apart) -> String {
    format!(
        "rates     {:.3}% answered where requests had {:.3}%, p50 {} for {}, p99 {} for {}, {:.1} core seconds for {:.1}",
        rates.success_percent,
        requests.success_percent,
        duration(rates.p50_ns),
        duration(requests.p50_ns),
        duration(rates.p99_ns),
        duration(requests.p99_ns),
        rates.core_seconds,
        requests.core_seconds,
    )
}

/// The line of a component that goes its own way.
pub(super) fn alone(rates_ns: u64) -> String {
    format!("rates     alone for {}", span(rates_ns))
}

/// The line of a run.
pub(super) fn summary(flow: &FlowTrace, duration_ns: u64) -> String {
    let windows = match flow.windows {
        0 => "none was simulated both ways".to_owned(),
        1 => format!("a window of {} was simulated both ways", span(flow.windows_ns)),
        count => format!("{count} windows, {} in all, were simulated both ways", span(flow.windows_ns)),
    };
    let groups = flow.groups.map(|groups| format!(", on average over the requests of {groups} groups"));
    let (on, of, groups) = (span(flow.on_ns), span(duration_ns), groups.unwrap_or_default());
    format!("flow      {on} of {of} by rates alone{groups}; {windows}\n")
}
