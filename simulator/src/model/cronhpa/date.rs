//! The date of `@date`, read as Go's `time.Parse` reads the layout `2006-01-02 15:04:05`, with its errors.

use jiff::civil::Date;

const LAYOUT: &str = "2006-01-02 15:04:05";

/// One part of the layout: what stands before it, its own text, how it is read.
struct Part {
    before: &'static str,
    layout: &'static str,
    digits: usize,
    /// Whether one digit less does as well.
    may_be_short: bool,
    range: Option<(&'static str, u32, u32)>,
}

const PARTS: [Part; 6] = [
    Part { before: "", layout: "2006", digits: 4, may_be_short: false, range: None },
    Part { before: "-", layout: "01", digits: 2, may_be_short: false, range: Some(("month", 1, 12)) },
    Part { before: "-", layout: "02", digits: 2, may_be_short: false, range: None },
    Part { before: " ", layout: "15", digits: 2, may_be_short: true, range: Some(("hour", 0, 23)) },
    Part { before: ":", layout: "04", digits: 2, may_be_short: false, range: Some(("minute", 0, 59)) },
    Part { before: ":", layout: "05", digits: 2, may_be_short: false, range: Some(("second", 0, 59)) },
];

/// Month, day, hour, minute and second.
pub fn parse(text: &str) -> Result<[u32; 5], String> {
    let mut rest = text;
    let mut values = [0; 6];
    for (part, value) in PARTS.iter().zip(&mut values) {
        rest = skip(rest, part.before).map_err(|rest| unreadable(text, rest, part.before))?;
        let (number, after) = digits(rest, part).ok_or_else(|| unreadable(text, rest, part.layout))?;
        if let Some((name, least, greatest)) = part.range
            && !(least..=greatest).contains(&number)
        {
            return Err(format!("parsing time {text:?}: {name} out of range"));
        }
        (*value, rest) = (number, after);
    }
    let rest = without_fraction(rest);
    if !rest.is_empty() {
        return Err(format!("parsing time {text:?}: extra text: {rest:?}"));
    }
    let [year, month, day, hour, minute, second] = values;
    let exists = Date::new(year as i16, month as i8, i8::try_from(day).unwrap_or(0)).is_ok();
    if !exists {
        return Err(format!("parsing time {text:?}: day out of range"));
    }
    Ok([month, day, hour, minute, second])
}

fn unreadable(text: &str, rest: &str, layout: &str) -> String {
    format!("parsing time {text:?} as {LAYOUT:?}: cannot parse {rest:?} as {layout:?}")
}

/// What follows a separator. Any number of spaces is as good as one, and none as good as any at the end.
fn skip<'a>(text: &'a str, before: &str) -> Result<&'a str, &'a str> {
    if before == " " {
        let after = text.trim_start_matches(' ');
        return if text.is_empty() || after.len() < text.len() { Ok(after) } else { Err(text) };
    }
    text.strip_prefix(before).ok_or(text)
}

fn digits<'a>(text: &'a str, part: &Part) -> Option<(u32, &'a str)> {
    let found = text.bytes().take(part.digits).take_while(u8::is_ascii_digit).count();
    let is_enough = found == part.digits || part.may_be_short && found > 0;
    let (number, after) = text.split_at(found);
    is_enough.then(|| number.parse().ok().map(|number| (number, after))).flatten()
}

/// A fraction of the second is taken, though the layout has none.
fn without_fraction(text: &str) -> &str {
    let fraction =
        text.strip_prefix(['.', ',']).filter(|rest| rest.starts_with(|one: char| one.is_ascii_digit()));
    fraction.map_or(text, |fraction| fraction.trim_start_matches(|one: char| one.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_go_reads_them() {
        assert_eq!(parse("2026-11-11 00:00:00"), Ok([11, 11, 0, 0, 0]));
        assert_eq!(parse("2026-11-11   9:05:07.25"), Ok([11, 11, 9, 5, 7]));
        let error = |text| parse(text).unwrap_err();
        assert_eq!(
            error("2026-11-11"),
            r#"parsing time "2026-11-11" as "2006-01-02 15:04:05": cannot parse "" as "15""#
        );
        assert_eq!(error("2026-02-30 00:00:00"), r#"parsing time "2026-02-30 00:00:00": day out of range"#);
        assert_eq!(error("2026-11-11 00:00:00Z"), r#"parsing time "2026-11-11 00:00:00Z": extra text: "Z""#);
    }
}
