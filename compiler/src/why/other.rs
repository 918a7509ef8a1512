//! Other values that could stand where one stands.

use crate::document::{Scalar, Value};
use crate::resolve::form::Form;

/// How many other values of one place are tried: clamps and rules can hide what one of them does.
const TRIED_MAX: usize = 6;

/// Values of the form that differ from this one, the most telling first. `names` are what may be referred to.
///
/// They are made from the text alone and then asked of the form, so that a new form needs nothing here.
pub fn others(form: Form, value: &Value, names: &[String]) -> Vec<Value> {
    let mut made: Vec<Scalar> = Vec::new();
    if let Form::Word(words) = form {
        made.extend(words.iter().map(|word| Scalar::Text((*word).to_owned())));
    }
    if form == Form::TimeZone {
        made.extend(["UTC", "Asia/Tokyo"].map(|zone| Scalar::Text(zone.to_owned())));
    }
    made.extend(names.iter().map(|name| Scalar::Text(name.clone())));
    match &value.scalar {
        Scalar::Boolean(yes) => made.push(Scalar::Boolean(!yes)),
        Scalar::Integer(number) => {
            made.extend([number + 1, number - 1, number.saturating_mul(2), number / 2].map(Scalar::Integer));
        }
        Scalar::Number(number) => made.extend([number + 1.0, number * 2.0].map(Scalar::Number)),
        Scalar::Text(text) => made.extend(texts(text).into_iter().map(Scalar::Text)),
        Scalar::Null => {}
    }
    made.push(example(form).scalar);
    let mut others: Vec<Value> = Vec::new();
    for scalar in made {
        let other = with(value, scalar);
        let known = other.scalar == value.scalar || others.iter().any(|known| known.scalar == other.scalar);
        if !known && form.check(&other).is_ok() {
            others.push(other);
        }
    }
    others.truncate(TRIED_MAX);
    others
}

/// The form's own example as a value without a place.
pub fn example(form: Form) -> Value {
    let text = form.example();
    let scalar = match (text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')), text.as_str()) {
        (Some(quoted), _) => Scalar::Text(quoted.to_owned()),
        (None, "#true") => Scalar::Boolean(true),
        (None, "#false") => Scalar::Boolean(false),
        (None, number) => number
            .parse()
            .map(Scalar::Integer)
            .or_else(|_| number.parse().map(Scalar::Number))
            .unwrap_or_else(|_| Scalar::Text(number.to_owned())),
    };
    let nowhere = crate::source::Sources::default().add("", "").span(0, 0);
    with(&Value { scalar: Scalar::Null, tag: None, written: String::new(), span: nowhere }, scalar)
}

/// The same place with another scalar.
pub fn with(value: &Value, scalar: Scalar) -> Value {
    let written = match &scalar {
        Scalar::Text(text) => text.clone(),
        Scalar::Integer(number) => number.to_string(),
        Scalar::Number(number) => number.to_string(),
        Scalar::Boolean(yes) => yes.to_string(),
        Scalar::Null => String::new(),
    };
    Value { scalar, tag: value.tag.clone(), written, span: value.span }
}

/// Texts near a text: another number in it, twice or half as much, a letter more at either end.
fn texts(text: &str) -> Vec<String> {
    let numbers = numbers(text);
    let mut made = Vec::new();
    let ends = [numbers.last(), numbers.first()];
    for (start, end) in ends.into_iter().flatten() {
        let Ok(number) = text[*start..*end].parse::<u64>() else { continue };
        // `2026-09-08` stays a date only with its zeros.
        let width = if text[*start..].starts_with('0') { end - start } else { 0 };
        let changed =
            [number.saturating_add(1), number.saturating_mul(2), number.saturating_sub(1), number / 2];
        for number in changed {
            made.push(format!("{}{number:0width$}{}", &text[..*start], &text[*end..]));
        }
    }
    let (longer, before) = (format!("{text}x"), format!("x{text}"));
    // A quantity says most with another number, a name or an address with another letter.
    let at = if text.starts_with(|c: char| c.is_ascii_digit()) { made.len() } else { 0 };
    made.splice(at..at, [longer, before]);
    made
}

/// The bytes of each run of digits.
fn numbers(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut runs = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length > 0 {
            runs.push((at, at + length));
        }
        at += length.max(1);
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(form: Form, scalar: Scalar) -> Vec<String> {
        let value = with(&example(form), scalar);
        others(form, &value, &[]).iter().map(|other| other.written.clone()).collect()
    }

    fn text(text: &str) -> Scalar {
        Scalar::Text(text.to_owned())
    }

    #[test]
    fn other_values_keep_the_form() {
        assert_eq!(tried(Form::Boolean, Scalar::Boolean(false)), ["true"]);
        assert_eq!(tried(Form::Word(&["never", "only"]), text("only")), ["never"]);
        assert_eq!(tried(Form::Integer { min: 1, max: 4 }, Scalar::Integer(4)), ["3", "2", "1"]);
        assert_eq!(tried(Form::Duration, text("15s")), ["16s", "30s", "14s", "7s", "5m"]);
        assert_eq!(tried(Form::Percent { max: 100 }, text("100%")), ["99%", "50%", "60%"]);
        assert_eq!(tried(Form::AbsolutePath, text("/healthz")), ["/healthzx", "/path"]);
        assert_eq!(tried(Form::Timestamp, text("2026-11-09T00:00:00+08:00"))[0], "2026-11-09T00:00:00+08:01");
    }

    #[test]
    fn both_halves_of_a_secret_change() {
        let mut value = with(&example(Form::TextOrSecret), text("order-token/value"));
        value.tag = Some("secret".to_owned());
        let tried = others(Form::TextOrSecret, &value, &[]);
        let tried: Vec<&str> = tried.iter().map(|other| other.written.as_str()).collect();
        assert_eq!(tried, ["order-token/valuex", "xorder-token/value"]);
    }
}
