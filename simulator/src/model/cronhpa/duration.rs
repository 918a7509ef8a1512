//! The time of `@every`, read as Go's `time.ParseDuration` reads it, with its errors.

const UNITS: [(&str, f64); 8] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("μs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
    ("h", 3_600e9),
];

/// Nanoseconds.
pub fn parse(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (is_negative, mut rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut sum = 0_i64;
    while !rest.is_empty() {
        let number =
            rest.len() - rest.trim_start_matches(|one: char| one.is_ascii_digit() || one == '.').len();
        let (number, after) = rest.split_at(number);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.contains('.') || whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let unit = after.find(|one: char| one.is_ascii_digit() || one == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {text:?}"));
        }
        let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!("time: unknown unit {unit:?} in duration {text:?}"));
        };
        let part = part_ns(whole, fraction, *scale).and_then(|part| sum.checked_add(part));
        (sum, rest) = (part.ok_or_else(invalid)?, after);
    }
    Ok(if is_negative { -sum } else { sum })
}

fn part_ns(whole: &str, fraction: &str, scale: f64) -> Option<i64> {
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction: f64 = format!("0.{fraction}0").parse().ok()?;
    whole.checked_mul(scale as i64)?.checked_add((fraction * scale) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        assert_eq!(parse("1h30m"), Ok(5_400_000_000_000));
        assert_eq!(parse("1.5s"), Ok(1_500_000_000));
        assert_eq!(parse("x"), Err(r#"time: invalid duration "x""#.to_owned()));
        assert_eq!(parse("5"), Err(r#"time: missing unit in duration "5""#.to_owned()));
        assert_eq!(parse("5y"), Err(r#"time: unknown unit "y" in duration "5y""#.to_owned()));
    }
}
