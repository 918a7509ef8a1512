//! When a job of cronhpa is due: schedules and the next instant of one, as `ringtail/go-cron` has them.
//!
//! Six fields, second first; the last may be left out, so that five fields are not those of a crontab.

use jiff::ToSpan;
use jiff::civil::DateTime;

use super::date;
use super::duration;
use super::zone::Zone;
use crate::engine::clock::SIGNED_SECOND_NS;

const MINUTE_NS: i64 = 60 * SIGNED_SECOND_NS;
const HOUR_NS: i64 = 60 * MINUTE_NS;
/// Marks a field that was written as `*` or `?`, with or without a step.
const STAR: u64 = 1 << 63;
/// A schedule that fires in none of so many years never does.
const YEARS_MAX: i16 = 5;

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At the instants that all fields allow.
    Fields(Fields),
    /// Each time after so many nanoseconds, in whole seconds.
    Every(i64),
}

/// The values of each field, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields {
    second: u64,
    minute: u64,
    hour: u64,
    day: u64,
    month: u64,
    weekday: u64,
}

/// The range of a field, and its names from the least value on.
struct Range {
    least: u64,
    greatest: u64,
    names: &'static [&'static str],
}

const SECOND: Range = Range { least: 0, greatest: 59, names: &[] };
const MINUTE: Range = Range { least: 0, greatest: 59, names: &[] };
const HOUR: Range = Range { least: 0, greatest: 23, names: &[] };
const DAY: Range = Range { least: 1, greatest: 31, names: &[] };
const MONTH: Range = Range {
    least: 1,
    greatest: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAY: Range =
    Range { least: 0, greatest: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

impl Schedule {
    /// Reads a schedule; says in the words of upstream why it cannot.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("Empty spec string".to_owned());
        }
        if text.starts_with('@') {
            return described(text);
        }
        let mut fields: Vec<&str> = text.split_whitespace().collect();
        if !(5..=6).contains(&fields.len()) {
            return Err(format!("Expected 5 to 6 fields, found {}: {text}", fields.len()));
        }
        fields.resize(6, "*");
        Ok(Self::Fields(Fields {
            second: bits(fields[0], &SECOND)?,
            minute: bits(fields[1], &MINUTE)?,
            hour: bits(fields[2], &HOUR)?,
            day: bits(fields[3], &DAY)?,
            month: bits(fields[4], &MONTH)?,
            weekday: bits(fields[5], &WEEKDAY)?,
        }))
    }

    /// The first instant after another at which it is due, in nanoseconds since 1970; `None` for never.
    pub fn next(&self, zone: &Zone, after_ns: i64) -> Option<i64> {
        match self {
            Self::Fields(fields) => fields.next(zone, after_ns),
            Self::Every(every_ns) => {
                Some(after_ns.saturating_add(*every_ns) - after_ns.rem_euclid(SIGNED_SECOND_NS))
            }
        }
    }
}

impl Fields {
    /// Field by field from the greatest; one that runs over begins again from the month.
    fn next(&self, zone: &Zone, after_ns: i64) -> Option<i64> {
        if [self.second, self.minute, self.hour, self.month].iter().any(|bits| bits & !STAR == 0) {
            return None;
        }
        let mut at = after_ns + SIGNED_SECOND_NS - after_ns.rem_euclid(SIGNED_SECOND_NS);
        let last_year = zone.local(at).year() + YEARS_MAX;
        // Whether a field was moved already, so that the smaller ones stand at their beginnings.
        let mut moved = false;
        while zone.local(at).year() <= last_year {
            let fields = [Self::month, Self::day, Self::hour, Self::minute, Self::second];
            let met = fields.iter().all(|field| field(self, zone, &mut at, &mut moved));
            if met {
                return Some(at);
            }
        }
        None
    }

    fn month(&self, zone: &Zone, at: &mut i64, moved: &mut bool) -> bool {
        while !has(self.month, zone.local(*at).month()) {
            if !std::mem::replace(moved, true) {
                *at = zone.instant(zone.local(*at).date().first_of_month().at(0, 0, 0, 0));
            }
            *at = zone.instant(add_month(zone.local(*at)));
            if zone.local(*at).month() == 1 {
                return false;
            }
        }
        true
    }

    fn day(&self, zone: &Zone, at: &mut i64, moved: &mut bool) -> bool {
        while !self.is_day(zone.local(*at)) {
            if !std::mem::replace(moved, true) {
                *at = zone.instant(zone.local(*at).date().at(0, 0, 0, 0));
            }
            let local = zone.local(*at);
            *at = zone.instant(local.checked_add(1.day()).unwrap_or(local));
            if zone.local(*at).day() == 1 {
                return false;
            }
        }
        true
    }

    fn hour(&self, zone: &Zone, at: &mut i64, moved: &mut bool) -> bool {
        while !has(self.hour, zone.local(*at).hour()) {
            if !std::mem::replace(moved, true) {
                let local = zone.local(*at);
                *at = zone.instant(local.date().at(local.hour(), 0, 0, 0));
            }
            *at += HOUR_NS;
            if zone.local(*at).hour() == 0 {
                return false;
            }
        }
        true
    }

    fn minute(&self, zone: &Zone, at: &mut i64, moved: &mut bool) -> bool {
        while !has(self.minute, zone.local(*at).minute()) {
            if !std::mem::replace(moved, true) {
                *at -= at.rem_euclid(MINUTE_NS);
            }
            *at += MINUTE_NS;
            if zone.local(*at).minute() == 0 {
                return false;
            }
        }
        true
    }

    fn second(&self, zone: &Zone, at: &mut i64, moved: &mut bool) -> bool {
        while !has(self.second, zone.local(*at).second()) {
            if !std::mem::replace(moved, true) {
                *at -= at.rem_euclid(SIGNED_SECOND_NS);
            }
            *at += SIGNED_SECOND_NS;
            if zone.local(*at).second() == 0 {
                return false;
            }
        }
        true
    }

    /// Day of the month and weekday: either, if both were narrowed down, else both.
    fn is_day(&self, local: DateTime) -> bool {
        let day = has(self.day, local.day());
        let weekday = has(self.weekday, local.weekday().to_sunday_zero_offset());
        if (self.day | self.weekday) & STAR == 0 { day || weekday } else { day && weekday }
    }
}

fn has(bits: u64, value: i8) -> bool {
    bits & 1 << value != 0
}

/// A month later; a day that this month does not have runs over into the next.
fn add_month(local: DateTime) -> DateTime {
    let first = local.date().first_of_month();
    let next = first.checked_add(1.month()).and_then(|next| next.checked_add((local.day() - 1).days()));
    next.map_or(DateTime::MAX, |date| date.to_datetime(local.time()))
}

/// A predefined schedule, `@every` or `@date`.
fn described(text: &str) -> Result<Schedule, String> {
    let written = match text {
        "@yearly" | "@annually" => "0 0 0 1 1 *",
        "@monthly" => "0 0 0 1 * *",
        "@weekly" => "0 0 0 * * 0",
        "@daily" | "@midnight" => "0 0 0 * * *",
        "@hourly" => "0 0 * * * *",
        other => return spelled(other),
    };
    Schedule::parse(written)
}

fn spelled(text: &str) -> Result<Schedule, String> {
    if let Some(every) = text.strip_prefix("@every ") {
        let every_ns = duration::parse(every)
            .map_err(|error| format!("Failed to parse duration {text}: {error}"))?
            .max(SIGNED_SECOND_NS);
        return Ok(Schedule::Every(every_ns - every_ns % SIGNED_SECOND_NS));
    }
    if let Some(date) = text.strip_prefix("@date ") {
        let date = date::parse(date).map_err(|error| format!("Failed to parse date {text}: {error}"))?;
        // The year is forgotten: the date comes back every year.
        let [month, day, hour, minute, second] = date;
        return Schedule::parse(&format!("{second} {minute} {hour} {day} {month} *"));
    }
    Err(format!("Unrecognized descriptor: {text}"))
}

/// The values of one field: a list of ranges.
fn bits(field: &str, range: &Range) -> Result<u64, String> {
    let parts = field.split(',').filter(|part| !part.is_empty());
    parts.map(|part| part_bits(part, range)).try_fold(0, |bits, part| Ok(bits | part?))
}

fn part_bits(part: &str, range: &Range) -> Result<u64, String> {
    let (span, steps): (&str, Vec<&str>) = {
        let mut pieces = part.split('/');
        (pieces.next().unwrap_or_default(), pieces.collect())
    };
    let ends: Vec<&str> = span.split('-').collect();
    let is_star = matches!(ends[0], "*" | "?");
    let (start, mut end) = match ends.as_slice() {
        _ if is_star => (range.least, range.greatest),
        [only] => {
            let only = value(only, range)?;
            (only, only)
        }
        [start, end] => (value(start, range)?, value(end, range)?),
        [start, ..] => {
            value(start, range)?;
            return Err(format!("Too many hyphens: {part}"));
        }
        [] => return Ok(0),
    };
    let step = match steps.as_slice() {
        [] => 1,
        [step] => {
            let step = number(step)?;
            if ends.len() == 1 {
                // A step after a single value means "from there to the end".
                end = range.greatest;
            }
            step
        }
        [..] => return Err(format!("Too many slashes: {part}")),
    };
    checked(start, end, step, part, range)?;
    let values = (start..=end).step_by(usize::try_from(step).unwrap_or(usize::MAX));
    Ok(values.fold(if is_star { STAR } else { 0 }, |bits, value| bits | 1 << value))
}

fn checked(start: u64, end: u64, step: u64, part: &str, range: &Range) -> Result<(), String> {
    let Range { least, greatest, .. } = range;
    if start < *least {
        return Err(format!("Beginning of range ({start}) below minimum ({least}): {part}"));
    }
    if end > *greatest {
        return Err(format!("End of range ({end}) above maximum ({greatest}): {part}"));
    }
    if start > end {
        return Err(format!("Beginning of range ({start}) beyond end of range ({end}): {part}"));
    }
    if step == 0 {
        return Err(format!("Step of range should be a positive number: {part}"));
    }
    Ok(())
}

fn value(text: &str, range: &Range) -> Result<u64, String> {
    let named = range.names.iter().position(|name| *name == text.to_lowercase());
    named.map_or_else(|| number(text), |index| Ok(range.least + index as u64))
}

fn number(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let failed =
        |why: &str| format!("Failed to parse int from {text}: strconv.Atoi: parsing {text:?}: {why}");
    if !is_number {
        return Err(failed("invalid syntax"));
    }
    let number = digits.parse::<i64>().map_err(|_| failed("value out of range"))?;
    Ok(number.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_without_any_value_never_fires() {
        let schedule = Schedule::parse(", 0 0 * * *").unwrap();
        assert_eq!(schedule.next(&Zone::utc(), 0), None);
    }

    #[test]
    fn a_midnight_that_a_zone_skips_does_not_come_that_year() {
        let cairo = Zone::named("Africa/Cairo").unwrap();
        let schedule = Schedule::parse("0 0 0 24 4 *").unwrap();
        // In 2026 the clocks of Cairo go from 24 April 00:00 to 01:00.
        let after: jiff::Timestamp = "2026-04-20T00:00:00Z".parse().unwrap();
        let next = schedule.next(&cairo, after.as_nanosecond() as i64).unwrap();
        assert_eq!(cairo.local(next).year(), 2027, "{}", cairo.local(next));
    }
}
