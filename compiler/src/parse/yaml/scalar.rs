//! What a plain scalar of YAML 1.2 means: the core schema, and nothing of YAML 1.1.

use crate::document::Scalar;

/// The type of a scalar without quotes. `no`, `on` and `12:30` are texts; `010` is a number that is written
/// so, and the form of a field decides about it.
pub fn plain(written: &str) -> Scalar {
    match written {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Boolean(true),
        "false" | "False" | "FALSE" => return Scalar::Boolean(false),
        ".nan" | ".NaN" | ".NAN" => return Scalar::Number(f64::NAN),
        _ => {}
    }
    let (sign, digits) = match written.as_bytes()[0] {
        b'-' => ("-", &written[1..]),
        b'+' => ("", &written[1..]),
        _ => ("", written),
    };
    if matches!(digits, ".inf" | ".Inf" | ".INF") {
        return Scalar::Number(if sign == "-" { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    number(sign, digits).unwrap_or_else(|| Scalar::Text(written.to_owned()))
}

fn number(sign: &str, digits: &str) -> Option<Scalar> {
    let signed = format!("{sign}{digits}");
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) =
            signed.strip_prefix(prefix).filter(|digits| digits.bytes().all(|b| b != b'+' && b != b'-'))
        {
            return i128::from_str_radix(digits, radix).ok().map(Scalar::Integer);
        }
    }
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits.is_empty() && are_digits(digits) {
        // Beyond 128 bits it is kept roughly, and the form of the field refuses it.
        return signed.parse().map(Scalar::Integer).or_else(|_| signed.parse().map(Scalar::Number)).ok();
    }
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (digits, None),
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let some_digits = !before.is_empty() || !after.is_empty();
    let exponent = exponent.is_none_or(|digits| !digits.is_empty() && are_digits(digits));
    let number = some_digits && are_digits(before) && are_digits(after) && exponent;
    number.then(|| signed.parse().ok().map(Scalar::Number)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_core_schema_has_types() {
        for text in [
            "no", "on", "yes", "off", "y", "12:30", "1_000", "0b1", "1.2.3", "-", "+", ".", "e1", "1e", "0x",
            "-0x1",
        ] {
            assert_eq!(plain(text), Scalar::Text(text.to_owned()));
        }
        assert_eq!(plain("010"), Scalar::Integer(10));
        assert_eq!(plain("0o17"), Scalar::Integer(15));
        assert_eq!(plain("0xff"), Scalar::Integer(255));
        assert_eq!(plain("-5"), Scalar::Integer(-5));
        assert_eq!(plain("1.20"), Scalar::Number(1.2));
        assert_eq!(plain(".5"), Scalar::Number(0.5));
        assert_eq!(plain("1e3"), Scalar::Number(1000.0));
        assert_eq!(plain("-.inf"), Scalar::Number(f64::NEG_INFINITY));
        assert_eq!(plain("true"), Scalar::Boolean(true));
        assert_eq!(plain("~"), Scalar::Null);
    }
}
