//! Quantities, percentages, durations and bounds as people write them, read as integers.

/// Thousandths of a core from `500m`, `2` or `0.5`; no finer than a thousandth, at most a million cores.
pub fn cpu_milli(text: &str) -> Option<u64> {
    let milli = match text.strip_suffix('m') {
        Some(milli) => digits(milli)?,
        None => decimal(text, 3)?,
    };
    (1..=1_000_000_000).contains(&milli).then_some(milli)
}

/// Bytes from `512Mi`, `2Gi`, `1G` or `1073741824`; at most an exbibyte.
pub fn memory_bytes(text: &str) -> Option<u64> {
    const SUFFIXES: [(&str, u64); 10] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("Pi", 1 << 50),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
        ("P", 1_000_000_000_000_000),
    ];
    let suffix = SUFFIXES.iter().find(|(suffix, _)| text.ends_with(suffix));
    let (number, unit) =
        suffix.map_or((text, 1), |(suffix, unit)| (&text[..text.len() - suffix.len()], *unit));
    let thousandths = decimal(number, 3)?;
    let bytes = u128::from(thousandths) * u128::from(unit);
    let whole = bytes % 1000 == 0;
    let bytes = u64::try_from(bytes / 1000).ok()?;
    (whole && (1..=1 << 60).contains(&bytes)).then_some(bytes)
}

/// Whether a text is a quantity of Kubernetes above zero, such as `100`, `1500m` or `10k`.
pub fn is_amount(text: &str) -> bool {
    match text.strip_suffix('m') {
        Some(milli) => digits(milli).is_some_and(|milli| milli > 0),
        None => memory_bytes(text).is_some() || decimal(text, 3).is_some_and(|milli| milli > 0),
    }
}

/// Whole per cent from `60%`.
pub fn percent(text: &str) -> Option<u32> {
    u32::try_from(digits(text.strip_suffix('%')?)?).ok()
}

/// Nanoseconds from `5m`, `1h30m`, `1.5s`, `6ms`, `500us` or `20ns`; at most a hundred years.
pub fn duration_ns(text: &str) -> Option<u64> {
    // Longer suffixes first, since `ms` ends in `s` and begins with `m`.
    const UNITS: [(&str, u64); 7] = [
        ("ms", 1_000_000),
        ("us", 1_000),
        ("ns", 1),
        ("d", 86_400_000_000_000),
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
    ];
    let mut rest = text;
    let mut total: u64 = 0;
    let mut last_unit = u64::MAX;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(end);
        let (suffix, unit) = UNITS.iter().find(|(suffix, _)| after.starts_with(suffix))?;
        if *unit >= last_unit {
            return None;
        }
        last_unit = *unit;
        let ns = u128::from(decimal(number, 6)?) * u128::from(*unit) / 1_000_000;
        total = total.checked_add(u64::try_from(ns).ok()?)?;
        rest = &after[suffix.len()..];
    }
    (!text.is_empty() && total <= 100 * 366 * 86_400_000_000_000).then_some(total)
}

/// What Prometheus counts in: 1 from a share such as `100%`, seconds from a duration such as `300ms`, or a bare number.
pub fn measure(text: &str) -> Option<f64> {
    let millionths = |number: u64| number as f64 / 1e6;
    match text.strip_suffix('%') {
        Some(share) => decimal(share, 4).map(millionths),
        None => decimal(text, 6).map(millionths).or_else(|| duration_ns(text).map(|ns| ns as f64 / 1e9)),
    }
}

/// A side and a value, from `>=99.9%` or `<=200ms`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// `>=`; otherwise `<=`.
    pub at_least: bool,
    /// Per cent, nanoseconds or yuan.
    pub value: f64,
}

/// What a [`Bound`] counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundUnit {
    /// `%`.
    Percent,
    /// A duration, in nanoseconds.
    Duration,
    /// `CNY`.
    Money,
}

/// A bound of one unit.
pub fn bound(text: &str, unit: BoundUnit) -> Option<Bound> {
    let (at_least, rest) = match (text.strip_prefix(">="), text.strip_prefix("<=")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return None,
    };
    let rest = rest.trim_start();
    let millionths = |text: &str| decimal(text, 6).map(|value| value as f64 / 1e6);
    let value = match unit {
        BoundUnit::Percent => millionths(rest.strip_suffix('%')?).filter(|value| *value <= 100.0)?,
        BoundUnit::Duration => duration_ns(rest)? as f64,
        BoundUnit::Money => millionths(rest.strip_suffix("CNY")?.trim_end())?,
    };
    Some(Bound { at_least, value })
}

/// Nanoseconds since 1970 from `2026-11-11T00:00:00+08:00`.
pub fn timestamp_ns(text: &str) -> Option<i64> {
    let time: jiff::Timestamp = text.parse().ok()?;
    i64::try_from(time.as_nanosecond()).ok()
}

/// The minutes since midnight of `20:30`.
pub fn time_of_day(text: &str) -> Option<u16> {
    let two = |text: &str, below: u16| -> Option<u16> {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().filter(|number| *number < below)
    };
    let (hours, minutes) = text.split_once(':')?;
    Some(two(hours, 24)? * 60 + two(minutes, 60)?)
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// A number with at most `places` decimals, times ten to the power of `places`.
pub fn decimal(text: &str, places: u32) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let missing = places.checked_sub(u32::try_from(fraction.trim_end_matches('0').len()).ok()?)?;
    let fraction_digits = fraction.trim_end_matches('0');
    let fraction_value =
        if fraction_digits.is_empty() { digits(fraction).map(|_| 0)? } else { digits(fraction_digits)? };
    digits(whole)?.checked_mul(10_u64.pow(places))?.checked_add(fraction_value * 10_u64.pow(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_has_two_digits_twice() {
        assert_eq!(["00:00", "20:30", "23:59"].map(time_of_day), [Some(0), Some(1230), Some(1439)]);
        for wrong in ["24:00", "8:30", "20:60", "2030", "20:30:00", "+1:00", ""] {
            assert_eq!(time_of_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn cpu_is_read_in_thousandths() {
        let read = ["500m", "2", "0.5", "1.250", "0", "", "1.0001", "5OOm", "-1", "1e3", "."].map(cpu_milli);
        let none = None;
        assert_eq!(
            read,
            [Some(500), Some(2000), Some(500), Some(1250), none, none, none, none, none, none, none]
        );
    }

    #[test]
    fn memory_is_read_in_bytes() {
        let read = ["512Mi", "1.5Gi", "1G", "1024", "512MB", "512m", "Gi", "0Mi"].map(memory_bytes);
        let (mebi, one_and_a_half) = (512 << 20, 3 << 29);
        assert_eq!(
            read,
            [Some(mebi), Some(one_and_a_half), Some(1_000_000_000), Some(1024), None, None, None, None]
        );
    }

    #[test]
    fn an_amount_is_a_quantity_above_zero() {
        assert!(["100", "0.5", "1500m", "10k", "2Mi"].into_iter().all(is_amount));
        assert!(!["0", "0m", "-1", "1e3", "10K", "", "100/s", "1 000"].into_iter().any(is_amount));
    }

    #[test]
    fn durations_fall_from_unit_to_unit() {
        let read = ["5m", "1h30m", "1.5s", "6ms", "30m1h", "5", "", "5x", "1m1m"].map(duration_ns);
        let s = 1_000_000_000;
        assert_eq!(
            read,
            [Some(300 * s), Some(5400 * s), Some(3 * s / 2), Some(6_000_000), None, None, None, None, None]
        );
    }

    #[test]
    fn a_measure_is_what_prometheus_counts_in() {
        let read = ["1%", "0.05%", "300ms", "2m", "20ns", "0%", "0.5", "7"].map(measure);
        assert_eq!(read, [0.01, 0.0005, 0.3, 120.0, 2e-8, 0.0, 0.5, 7.0].map(Some));
        assert_eq!(["", "%", "-1%", "1 %", "5x", "1e3"].map(measure), [None; 6]);
    }

    #[test]
    fn bounds_have_a_side_and_a_unit() {
        let at_least = bound(">=99.9%", BoundUnit::Percent);
        assert_eq!(at_least, Some(Bound { at_least: true, value: 99.9 }));
        assert_eq!(bound("<= 200ms", BoundUnit::Duration), Some(Bound { at_least: false, value: 2e8 }));
        assert_eq!(bound("<=3000CNY", BoundUnit::Money), Some(Bound { at_least: false, value: 3000.0 }));
        assert_eq!(bound("99.9%", BoundUnit::Percent), None);
        assert_eq!(bound(">=101%", BoundUnit::Percent), None);
    }
}
