//! A schedule in six fields, as cronhpa reads it: second, minute, hour, day, month, weekday.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};

/// A schedule that fires at one second of one or more minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    text: String,
    /// The values of each field, as bits.
    fields: [u64; 6],
}

/// One of the six fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// One number from 0 to 59.
    Second,
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// 1 to 31.
    Day,
    /// 1 to 12.
    Month,
    /// 0 to 6, Sunday first; 7 is refused by every reader.
    Weekday,
}

impl Field {
    /// All six, in the order in which they are written.
    pub const ALL: [Field; 6] =
        [Field::Second, Field::Minute, Field::Hour, Field::Day, Field::Month, Field::Weekday];

    /// What it is called in a message.
    pub fn name(self) -> &'static str {
        match self {
            Field::Second => "second",
            Field::Minute => "minute",
            Field::Hour => "hour",
            Field::Day => "day of the month",
            Field::Month => "month",
            Field::Weekday => "weekday",
        }
    }

    /// The least and the greatest value.
    pub fn range(self) -> (u32, u32) {
        match self {
            Field::Second | Field::Minute => (0, 59),
            Field::Hour => (0, 23),
            Field::Day => (1, 31),
            Field::Month => (1, 12),
            Field::Weekday => (0, 6),
        }
    }

    /// The bits of its text: `*`, `5`, `1-5`, `*/10`, `1-30/2`, and lists of them.
    fn bits(self, text: &str) -> Option<u64> {
        if self == Field::Second {
            // One that fires every second keeps a controller busy, and nobody means it.
            return number(text).filter(|second| *second <= 59).map(|second| 1 << second);
        }
        text.split(',').try_fold(0, |bits, part| Some(bits | self.part(part)?))
    }

    fn part(self, text: &str) -> Option<u64> {
        let (least, greatest) = self.range();
        let (range, step) = text.split_once('/').map_or((text, None), |(range, step)| (range, Some(step)));
        let step = step.map_or(Some(1), number).filter(|step| *step > 0)?;
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (number(from)?, number(to)?),
            None if range == "*" => (least, greatest),
            // A step after a single value means "from there to the end" to one reader and is refused by another.
            None if text.contains('/') => return None,
            None => (number(range)?, number(range)?),
        };
        let inside = least <= from && from <= to && to <= greatest;
        inside.then(|| (from..=to).step_by(step as usize).fold(0, |bits, value| bits | 1 << value))
    }
}

fn number(text: &str) -> Option<u32> {
    let plain = text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl Schedule {
    /// Reads six fields; the first one that is no such field, if one is not.
    pub fn parse(text: &str) -> Result<Self, Option<Field>> {
        let parts: Vec<&str> = text.split_ascii_whitespace().collect();
        if parts.len() != Field::ALL.len() {
            return Err(None);
        }
        let mut fields = [0; 6];
        for ((bits, field), part) in fields.iter_mut().zip(Field::ALL).zip(&parts) {
            *bits = field.bits(part).ok_or(Some(field))?;
        }
        Ok(Self { text: parts.join(" "), fields })
    }

    /// The five fields that a CronJob takes: without the second.
    pub fn without_second(&self) -> &str {
        self.text.split_once(' ').map_or("", |(_, rest)| rest)
    }

    /// The values of a field, rising.
    pub fn values(&self, field: Field) -> impl DoubleEndedIterator<Item = u32> {
        let bits = self.fields[field as usize];
        (0..64).filter(move |value| bits >> value & 1 == 1)
    }

    /// Whether the field takes every value.
    pub fn every(&self, field: Field) -> bool {
        let (least, greatest) = field.range();
        self.values(field).count() == (greatest - least + 1) as usize
    }

    /// Whether there is any date on which it fires.
    pub fn ever_fires(&self) -> bool {
        // The reference year is a leap year, and every weekday falls on every date in some year.
        let longest = |month| Date::constant(2024, month as i8, 1).days_in_month() as u32;
        let some = Field::ALL.into_iter().all(|field| self.fields[field as usize] != 0);
        some && self
            .values(Field::Month)
            .any(|month| self.values(Field::Day).any(|day| day <= longest(month)))
    }

    /// What fires whenever both fire.
    #[must_use]
    pub fn and(&self, other: &Schedule) -> Self {
        let mut both = self.clone();
        for (bits, others) in both.fields.iter_mut().zip(other.fields) {
            *bits &= others;
        }
        both
    }

    /// The last time it fired, up to and including `now`; within the eight years in which every date occurs.
    pub fn last(&self, now: DateTime) -> Option<DateTime> {
        let years = (now.year() - 8..=now.year()).rev();
        let dates = years.flat_map(|year| self.dates(year).rev()).filter(|date| *date <= now.date());
        dates.into_iter().find_map(|date| {
            let until = if date == now.date() { now.time() } else { Time::MAX };
            Some(date.to_datetime(self.last_time(until)?))
        })
    }

    /// Every time it fires within so many days from the beginning of a date.
    pub fn within(&self, from: Date, days: i32) -> impl Iterator<Item = DateTime> {
        let end = from.checked_add(days.days()).unwrap_or(Date::MAX);
        let dates = (from.year()..=end.year()).flat_map(|year| self.dates(year));
        dates.filter(move |date| (from..end).contains(date)).flat_map(|date| {
            self.times().map(move |(hour, minute, second)| date.at(hour as i8, minute as i8, second as i8, 0))
        })
    }

    /// The dates of a year on which it fires.
    fn dates(&self, year: i16) -> impl DoubleEndedIterator<Item = Date> {
        let date = move |(month, day): (u32, u32)| Date::new(year, month as i8, day as i8).ok();
        let weekdays = self.fields[Field::Weekday as usize];
        let days = |month| self.values(Field::Day).map(move |day| (month, day));
        self.values(Field::Month)
            .flat_map(days)
            .filter_map(date)
            .filter(move |date| weekdays >> date.weekday().to_sunday_zero_offset() & 1 == 1)
    }

    fn times(&self) -> impl Iterator<Item = (u32, u32, u32)> {
        self.values(Field::Hour).flat_map(move |hour| {
            self.values(Field::Minute)
                .flat_map(move |minute| self.values(Field::Second).map(move |second| (hour, minute, second)))
        })
    }

    fn last_time(&self, until: Time) -> Option<Time> {
        let limit = (until.hour() as u32, until.minute() as u32, until.second() as u32);
        let (hour, minute, second) = self.times().take_while(|time| *time <= limit).last()?;
        Some(Time::constant(hour as i8, minute as i8, second as i8, 0))
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(text: &str) -> Schedule {
        Schedule::parse(text).unwrap_or_else(|field| panic!("{text}: {field:?}"))
    }

    #[test]
    fn six_fields_are_read_and_nothing_else() {
        let read = |text| Schedule::parse(text).map(|schedule| schedule.to_string());
        assert_eq!(read("0 50  23 10 11 *"), Ok("0 50 23 10 11 *".to_owned()));
        assert_eq!(read("0 8 * * *"), Err(None));
        assert_eq!(read("0 0 0 * * * *"), Err(None));
        assert_eq!(read("0 0 0 * * 7"), Err(Some(Field::Weekday)));
        assert_eq!(read("* 50 23 * * *"), Err(Some(Field::Second)));
        assert_eq!(read("0 60 0 * * *"), Err(Some(Field::Minute)));
        assert_eq!(read("0 0 5/2 * * *"), Err(Some(Field::Hour)));
        assert_eq!(read("0 0 9-5 * * *"), Err(Some(Field::Hour)));
        assert_eq!(read("0 0 0 L * *"), Err(Some(Field::Day)));
        assert_eq!(read("0 0 0 * JAN *"), Err(Some(Field::Month)));
        let workdays = schedule("0 */30 8-18/5,20 * * 1-5");
        assert_eq!(workdays.values(Field::Hour).collect::<Vec<_>>(), [8, 13, 18, 20]);
        assert_eq!(workdays.values(Field::Minute).collect::<Vec<_>>(), [0, 30]);
        assert_eq!(workdays.without_second(), "*/30 8-18/5,20 * * 1-5");
    }

    #[test]
    fn a_date_that_no_month_has_never_fires() {
        assert!(!schedule("0 0 0 30 2 *").ever_fires());
        assert!(!schedule("0 0 0 31 4,6,9,11 *").ever_fires());
        assert!(schedule("0 0 0 29 2 *").ever_fires());
        assert!(schedule("0 0 0 31 2,3 *").ever_fires());
    }

    #[test]
    fn the_last_time_is_the_latest_that_is_not_later() {
        let last = |text: &str, now: &str| {
            schedule(text).last(now.parse().expect("a time")).map(|time| time.to_string())
        };
        let yearly = "0 50 23 10 11 *";
        assert_eq!(last(yearly, "2026-11-10T23:50:00").as_deref(), Some("2026-11-10T23:50:00"));
        assert_eq!(last(yearly, "2026-11-10T23:49:59").as_deref(), Some("2025-11-10T23:50:00"));
        assert_eq!(last("0 0 8 * * 1-5", "2026-11-08T12:00:00").as_deref(), Some("2026-11-06T08:00:00"));
        assert_eq!(last("0 0 0 29 2 *", "2027-01-01T00:00:00").as_deref(), Some("2024-02-29T00:00:00"));
        assert_eq!(last("0 0 0 30 2 *", "2027-01-01T00:00:00"), None);
    }

    #[test]
    fn the_times_within_some_days_rise() {
        let times: Vec<String> = schedule("0 0 8,20 * * *")
            .within(Date::constant(2024, 1, 1), 2)
            .map(|time| time.to_string())
            .collect();
        assert_eq!(
            times,
            ["2024-01-01T08:00:00", "2024-01-01T20:00:00", "2024-01-02T08:00:00", "2024-01-02T20:00:00"]
        );
    }
}
