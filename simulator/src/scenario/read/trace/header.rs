//! The first line of a trace: what its columns are.

use compiler::diag::Diagnostic;
use compiler::document::Value;
use compiler::source::Sources;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::super::table::{Table, fields};
use super::mistakes::Mistakes;
use crate::engine::clock::SECOND_NS;

/// What the columns of a trace are.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Whether the first holds points in time, and not seconds.
    pub is_stamped: bool,
    /// What the second counts.
    pub unit: Unit,
}

/// What a number of a trace counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Requests a second.
    PerSecond,
    /// Requests a minute.
    PerMinute,
    /// Requests an hour.
    PerHour,
    /// Requests from one row to the next.
    Requests,
}

impl Unit {
    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "per-second" => Unit::PerSecond,
            "per-minute" => Unit::PerMinute,
            "per-hour" => Unit::PerHour,
            "requests" => Unit::Requests,
            _ => return None,
        })
    }

    /// Requests a second of a row that is so long.
    pub fn per_second(self, value: f64, length_ns: i64) -> f64 {
        match self {
            Unit::PerSecond => value,
            Unit::PerMinute => value / 60.0,
            Unit::PerHour => value / 3600.0,
            Unit::Requests => value * SECOND_NS as f64 / length_ns as f64,
        }
    }
}

impl Header {
    /// Reads it; `unit` is what the scenario says of a column `value`.
    pub fn read(
        table: &mut Table,
        unit: Option<&Value>,
        mistakes: &mut Mistakes,
        sources: &mut Sources,
    ) -> Result<Self, Box<Diagnostic>> {
        let line = match table.line() {
            Some(Ok(line)) => line,
            Some(Err(wrong)) => return Err(Box::new(mistakes.no_header(wrong, sources))),
            None => return Err(Box::new(mistakes.empty(sources))),
        };
        let mut wrong = |at, why: &str| Err(Box::new(mistakes.header(&line, at, why, sources)));
        let Some([time, count]) = fields(line.text) else {
            return wrong(0..line.text.len(), "there are not two columns");
        };
        let word = |at: &std::ops::Range<usize>| line.text[at.clone()].to_ascii_lowercase().replace('_', "-");
        let is_stamped = match word(&time).as_str() {
            "time" => true,
            "seconds" => false,
            _ => return wrong(time, "the first column is neither `time` nor `seconds`"),
        };
        let said = unit.and_then(Value::as_text).and_then(Unit::from_word);
        match (word(&count).as_str(), said) {
            ("value", Some(unit)) => Ok(Self { is_stamped, unit }),
            ("value", None) => wrong(count, "nothing says what `value` counts"),
            (word, said) => match Unit::from_word(word) {
                Some(unit) if said.is_none_or(|said| said == unit) => Ok(Self { is_stamped, unit }),
                Some(_) => wrong(count, "the scenario says another unit"),
                None => wrong(count, "the second column is no rate and no count"),
            },
        }
    }
}

/// A point in time in nanoseconds since 1970; without an offset it is UTC.
pub fn stamp_ns(text: &str) -> Option<i64> {
    let with_offset = || text.parse::<Timestamp>().ok();
    let without = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    // A civil time is read from a text with an offset too, which is then not looked at.
    let at = with_offset().or_else(without)?;
    i64::try_from(at.as_nanosecond()).ok()
}

/// Seconds in nanoseconds.
pub fn seconds_ns(text: &str) -> Option<i64> {
    // A century, so that sums of two fit.
    let known = |seconds: &f64| (0.0..=3.2e9).contains(seconds);
    text.parse().ok().filter(known).map(|seconds| (seconds * SECOND_NS as f64).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_an_offset_or_are_utc() {
        let second = 1_000_000_000;
        let texts = ["1970-01-01T00:00:10", "1970-01-01 00:00:10", "1970-01-01T08:00:10+08:00"];
        assert!(texts.into_iter().all(|text| stamp_ns(text) == Some(10 * second)));
        assert_eq!(stamp_ns("1970-01-01T00:00:00.5Z"), Some(second / 2));
        assert!(
            ["10", "", "yesterday", "1970-13-01T00:00:00"].into_iter().all(|text| stamp_ns(text).is_none())
        );
        assert_eq!([seconds_ns("0.25"), seconds_ns("60")], [Some(second / 4), Some(60 * second)]);
        assert!(["-1", "NaN", "1e300", "", "1m"].into_iter().all(|text| seconds_ns(text).is_none()));
    }

    #[test]
    fn units_are_turned_into_requests_a_second() {
        let rate = |unit: Unit| unit.per_second(360.0, 60_000_000_000);
        assert_eq!(
            [Unit::PerSecond, Unit::PerMinute, Unit::PerHour, Unit::Requests]
                .map(|unit| rate(unit).to_bits()),
            [360.0_f64, 6.0, 0.1, 6.0].map(f64::to_bits)
        );
    }
}
