//! A report as text, for people.

use std::fmt::Write;

use super::{ComponentReport, Killed, Report, Row, flow};
use crate::engine::clock::SECOND_NS;
use crate::engine::trace::{Cut, KillReason, Why};

/// The report in words and tables.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    let tenant = report.tenant.as_ref().map(|tenant| format!("/{tenant}")).unwrap_or_default();
    let head = format!(
        "scenario {} of {} in {}{tenant}@{}: {} from {}, seed {}\n",
        report.scenario,
        report.app,
        report.environment,
        report.cluster,
        span(report.duration_ns),
        began(report.from_ns),
        report.seed,
    );
    text.push_str(&head);
    text.push_str(&report.cut.map(cut).unwrap_or_default());
    for component in &report.components {
        text.push_str(&described(component));
    }
    text.push_str(
        &report.flow.as_ref().map(|flow| flow::summary(flow, report.duration_ns)).unwrap_or_default(),
    );
    text.push_str(&nodes(report));
    text.push_str(&bill(report));
    for release in &report.releases {
        let ended = release.ended_ns.map(|ended| format!(" after {}", span(ended - release.began_ns)));
        let _ = writeln!(
            text,
            "release   {} {} began at {}: {}{}",
            release.component,
            release.revision,
            clock(release.began_ns),
            release.outcome,
            ended.unwrap_or_default(),
        );
    }
    for step in &report.steps {
        let _ = writeln!(text, "  {:>9}  {}: {}", clock(step.at_ns), step.component, step.step);
    }
    for reason in &report.unschedulable {
        let _ = writeln!(text, "pending   {reason}");
    }
    for line in &report.troubles {
        let _ = writeln!(text, "trouble   {line}");
    }
    for one in &report.killed {
        text.push_str(&killed(one));
    }
    for line in &report.left_out {
        let _ = writeln!(text, "left out  {line}");
    }
    if !report.objectives.is_empty() {
        text.push_str("\nobjectives\n");
    }
    for verdict in &report.objectives {
        let value = verdict.value.as_deref().unwrap_or("never measured");
        let met = if verdict.met { "met" } else { "missed" };
        let _ = writeln!(text, "  {met:<7} {:<8} {value} for {}", verdict.objective, verdict.bound);
    }
    text
}

fn killed(killed: &Killed) -> String {
    let times = if killed.count == 1 { "time" } else { "times" };
    let reason = match killed.reason {
        KillReason::OutOfMemory => "at its memory limit",
        KillReason::TooSlow => "for not being up in the time that its startup probe gives",
    };
    format!(
        "killed    {}: a container, {reason}, {} {times}, first at {}\n",
        killed.workload,
        thousands(killed.count),
        clock(killed.first_ns)
    )
}

/// When a run that ended early did, and why.
fn cut(cut: Cut) -> String {
    let why = match cut.why {
        Why::Stopped => "stopped",
        Why::Events => "out of events",
    };
    format!("{why} at {}: what follows is what was known by then\n", clock(cut.at_ns))
}

/// When the run began, in UTC.
fn began(from_ns: i64) -> String {
    jiff::Timestamp::from_nanosecond(from_ns.into())
        .map_or_else(|_| format!("{from_ns} ns"), |time| time.to_string())
}

fn described(component: &ComponentReport) -> String {
    let mut text = format!("\ncomponent {}\n", component.name);
    let requests = &component.requests;
    let percent = component.success_percent.map_or("-".to_owned(), |percent| format!("{percent:.3}%"));
    let quantile = |ns: Option<u64>| ns.map_or("-".to_owned(), duration);
    let lines = [
        format!(
            "requests  {} arrived{}: {} answered ({percent}), {} failed, {} in flight",
            thousands(requests.arrived),
            some(component.called, |count| {
                let cached = some(component.cached, |count| format!(", whose caches answered {count} more"));
                format!(" ({count} from other components{cached})")
            }),
            thousands(requests.answered),
            thousands(requests.failed),
            thousands(component.in_flight),
        ),
        format!(
            "attempts  {}: {} met no ready pod, {} refused by full pods, {} timed out, {} broken by ending pods{}{}",
            thousands(requests.attempts),
            thousands(requests.unrouted),
            thousands(requests.refused),
            thousands(requests.timed_out),
            thousands(requests.broken),
            some(requests.errored, |count| format!(", {count} answered with an error of a call")),
            some(requests.dropped, |count| format!(
                ", {count} dropped from queues after their callers had given up"
            )),
        ),
        format!(
            "latency   p50 {}, p99 {}, p99.9 {}",
            quantile(component.p50_ns),
            quantile(component.p99_ns),
            quantile(component.p999_ns),
        ),
        format!(
            "pods      {} ready at most, first at {}; {} pending at most; {:.1}% of pod time on ECI",
            component.ready_peak,
            clock(component.ready_peak_at_ns),
            component.pending_peak,
            component.eci_percent,
        ),
    ];
    let rates =
        component.compared.as_ref().map(flow::line).into_iter().chain(component.rates_ns.map(flow::alone));
    for line in lines.into_iter().chain(rates) {
        let _ = writeln!(text, "  {line}");
    }
    text.push_str("\n      until   arrive/s   success        p99  wanted   ready  pending     ECI   cores\n");
    for row in &component.timeline {
        text.push_str(&line(row));
    }
    text.push('\n');
    text
}

/// Words about a count, where it is one.
fn some(count: u64, words: impl FnOnce(String) -> String) -> String {
    if count == 0 { String::new() } else { words(thousands(count)) }
}

fn line(row: &Row) -> String {
    let success = row.success_percent.map_or("-".to_owned(), |percent| format!("{percent:.2}%"));
    format!(
        "  {:>9} {:>10.0} {success:>9} {:>10} {:>7} {:>7} {:>8} {:>7} {:>7.1}\n",
        clock(row.until_ns),
        row.arrived_per_second,
        duration(row.p99_ns),
        row.replicas,
        row.ready,
        row.pending,
        row.on_eci,
        row.cores,
    )
}

/// How the pools that may grow did.
fn nodes(report: &Report) -> String {
    let mut text = String::new();
    for pool in &report.pools {
        let _ = writeln!(
            text,
            "nodes     {}: {} at the beginning, {} of {} at most, first at {}, {} at the end",
            pool.name,
            pool.began,
            pool.peak,
            pool.max,
            clock(pool.peak_at_ns),
            pool.ended,
        );
    }
    text
}

/// What it cost, and whose figures say so.
fn bill(report: &Report) -> String {
    let (ecs, eci) = (report.bill.ecs, report.bill.eci);
    let sum = format!("{} CNY: ECS nodes {} CNY, ECI {} CNY", yuan(ecs + eci), yuan(ecs), yuan(eci));
    format!("cost      {sum}\nfigures   {}\n", report.profile)
}

/// An amount in 10⁻⁵ CNY to the nearest cent: `1,234.50`.
pub(super) fn yuan(units: u64) -> String {
    let cents = (units + 500) / 1_000;
    format!("{}.{:02}", thousands(cents / 100), cents % 100)
}

/// Time since the start: `+12:30`.
fn clock(ns: u64) -> String {
    let seconds = ns / SECOND_NS;
    match seconds / 3600 {
        0 => format!("+{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("+{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

/// A stretch of time in hours, minutes and seconds: `1h30m`.
pub(super) fn span(ns: u64) -> String {
    let seconds = ns / SECOND_NS;
    let mut text = String::new();
    for (count, unit) in [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")] {
        if count > 0 {
            let _ = write!(text, "{count}{unit}");
        }
    }
    if text.is_empty() { duration(ns) } else { text }
}

/// A latency with three digits: `12.3ms`.
pub(super) fn duration(ns: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us")];
    let Some((unit, name)) = UNITS.iter().find(|(unit, _)| ns >= *unit) else { return format!("{ns}ns") };
    let places = match ns / unit {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    let number = format!("{:.places$}", ns as f64 / *unit as f64);
    let short =
        if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { &number };
    format!("{short}{name}")
}

/// `48,000,000`.
fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_exact() {
        assert_eq!([0, 999, 1_000, 48_000_000].map(thousands), ["0", "999", "1,000", "48,000,000"]);
        let written = [5, 1_500, 12_340_000, 200_000_000, 2_000_000_000].map(duration);
        assert_eq!(written, ["5ns", "1.5us", "12.3ms", "200ms", "2s"]);
        assert_eq!([90_000_000_000, 3_690_000_000_000].map(clock), ["+1:30", "+1:01:30"]);
        assert_eq!([499, 500, 2_933_999, 123_450_000].map(yuan), ["0.00", "0.01", "29.34", "1,234.50"]);
        assert_eq!([1_800_000_000_000, 5_400_000_000_000].map(span), ["30m", "1h30m"]);
    }
}
