//! Bare words of KDL: where they end and what they mean.

use crate::document::Scalar;

/// Whether a character ends a line.
pub fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a character separates values. Characters that KDL forbids count too: they are reported once, for
/// the whole text.
pub fn is_space(c: char) -> bool {
    let space = matches!(
        c,
        '\t' | ' ' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    );
    space || is_forbidden(c)
}

/// Whether KDL forbids a character: controls, and marks that make text look different from what it is.
pub fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{E}'..='\u{1F}' | '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// What closes a quote that is not `"`.
pub fn closing_quote(open: char) -> Option<&'static [char]> {
    match open {
        '\'' | '`' => Some(if open == '`' { &['`'] } else { &['\''] }),
        '“' | '”' | '„' | '«' | '「' | '＂' => Some(&['”', '“', '»', '」', '＂']),
        '‘' | '’' | '＇' => Some(&['’', '‘', '＇']),
        _ => None,
    }
}

/// Where the bare word that begins at `start` ends. Slashes, `@`, `%` and the like are part of it, so that an
/// unquoted image is one mistake and not five.
pub fn end(text: &str, start: usize) -> usize {
    let mut before = None;
    let mut url = false;
    for (at, c) in text[start..].char_indices() {
        let rest = &text[start + at..];
        let comment = rest.starts_with("/*") || rest.starts_with("//") && before != Some(':');
        let continued = c == '\\' && rest[1..].chars().next().is_none_or(|c| is_newline(c) || is_space(c));
        let sign = matches!(c, '{' | '}' | ';' | '"' | '；' | '｛' | '｝');
        let sign_outside = matches!(c, '(' | ')' | '=' | '[' | ']' | ',' | '，' | '、' | '（' | '）' | '＝');
        let stops = sign || sign_outside && !url || is_newline(c) || is_space(c);
        if stops || continued || comment && !url {
            return start + at;
        }
        url |= before == Some(':') && rest.starts_with("//");
        before = Some(c);
    }
    text.len()
}

/// The meaning of `#true` and its like.
pub fn keyword(written: &str) -> Option<Scalar> {
    match written {
        "#true" => Some(Scalar::Boolean(true)),
        "#false" => Some(Scalar::Boolean(false)),
        "#null" => Some(Scalar::Null),
        "#inf" => Some(Scalar::Number(f64::INFINITY)),
        "#-inf" => Some(Scalar::Number(f64::NEG_INFINITY)),
        "#nan" => Some(Scalar::Number(f64::NAN)),
        _ => None,
    }
}

/// The keyword that `#True`, `#yes`, or a bare `true` stands for.
pub fn almost_keyword(written: &str) -> Option<(&'static str, Scalar)> {
    let hash = written.strip_prefix('#').filter(|_| keyword(written).is_none());
    match (hash.map(str::to_ascii_lowercase).as_deref(), written) {
        (Some("true" | "yes" | "on"), _) | (None, "true") => Some(("#true", Scalar::Boolean(true))),
        (Some("false" | "no" | "off"), _) | (None, "false") => Some(("#false", Scalar::Boolean(false))),
        (Some("null" | "none" | "nil"), _) | (None, "null") => Some(("#null", Scalar::Null)),
        (None, "inf") => Some(("#inf", Scalar::Number(f64::INFINITY))),
        (None, "-inf") => Some(("#-inf", Scalar::Number(f64::NEG_INFINITY))),
        (None, "nan") => Some(("#nan", Scalar::Number(f64::NAN))),
        _ => None,
    }
}

/// Whether KDL takes the word as a text without quotes.
pub fn is_identifier(written: &str) -> bool {
    let forbidden =
        |c: char| matches!(c, '\\' | '/' | '(' | ')' | '{' | '}' | '[' | ']' | ';' | '"' | '#' | '=');
    let unsigned = written.strip_prefix(['+', '-']).unwrap_or(written);
    let undotted = unsigned.strip_prefix('.').unwrap_or(unsigned);
    let like_number = undotted.starts_with(|c: char| c.is_ascii_digit());
    !written.is_empty() && !like_number && !written.contains(forbidden) && almost_keyword(written).is_none()
}

/// The number that the word is.
pub fn number(written: &str) -> Option<Scalar> {
    let (sign, digits) = match written.as_bytes().first()? {
        b'-' => ("-", &written[1..]),
        b'+' => ("", &written[1..]),
        _ => ("", written),
    };
    for (prefixes, radix) in [(["0x", "0X"], 16), (["0o", "0O"], 8), (["0b", "0B"], 2)] {
        if let Some(digits) = digits.strip_prefix(prefixes[0]).or(digits.strip_prefix(prefixes[1])) {
            return whole(sign, digits, radix);
        }
    }
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (digits, None),
    };
    let (before, after) = match mantissa.split_once('.') {
        Some((before, after)) => (before, Some(after)),
        None => (mantissa, None),
    };
    if !are_digits(before, 10)
        || !after.is_none_or(|a| are_digits(a, 10))
        || !exponent.is_none_or(|e| are_digits(e, 10))
    {
        return None;
    }
    if after.is_none() && exponent.is_none() {
        return whole(sign, digits, 10);
    }
    format!("{sign}{digits}").replace('_', "").parse().ok().map(Scalar::Number)
}

/// Digits with underscores between them.
fn are_digits(written: &str, radix: u32) -> bool {
    let digit = |c: char| c == '_' || c.is_digit(radix);
    written.starts_with(|c: char| c.is_digit(radix)) && written.chars().all(digit)
}

/// A whole number; beyond 128 bits it is kept roughly, and the form of the field refuses it.
fn whole(sign: &str, digits: &str, radix: u32) -> Option<Scalar> {
    if !are_digits(digits, radix) {
        return None;
    }
    let digits = format!("{sign}{}", digits.replace('_', ""));
    match i128::from_str_radix(&digits, radix) {
        Ok(number) => Some(Scalar::Integer(number)),
        Err(_) => Some(Scalar::Number(digits.parse().unwrap_or(f64::INFINITY))),
    }
}
