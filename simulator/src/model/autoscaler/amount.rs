//! Quantities of Kubernetes as the HPA controller reads them: targets in thousandths, tolerances as floats.

/// A number with a suffix, such as `1500m`, `10k`, `0.5`, `2Gi` or `1e3`: `mantissa × 10^exponent × 2^shift`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Amount {
    mantissa: i128,
    exponent: i32,
    shift: u32,
}

/// Thousandths, rounded away from zero as `MilliValue` does; `None` for what is no quantity or out of range.
pub fn milli(text: &str) -> Option<i64> {
    let amount = read(text)?;
    let mut value = amount.mantissa.checked_mul(1_i128.checked_shl(amount.shift)?)?;
    let exponent = amount.exponent + 3;
    let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
    if exponent >= 0 {
        value = value.checked_mul(power)?;
    } else {
        let rest = value % power;
        value = value / power + rest.signum();
    }
    i64::try_from(value).ok()
}

/// The float that `AsApproximateFloat64` gives: the digits as written, times a power of ten from a table. So `59m` is
/// `59 × 1e-3`, which is not the float nearest to 0.059.
pub fn approximate(text: &str) -> Option<f64> {
    /// Go's `math.Pow10`, for the exponents that quantities have.
    const POWERS: [f64; 10] = [1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9];
    let amount = read(text)?;
    let base = amount.mantissa.checked_mul(1_i128.checked_shl(amount.shift)?)? as f64;
    match usize::try_from(-amount.exponent) {
        Ok(0) => Some(base),
        Ok(below) => POWERS.get(below).map(|power| base * power),
        Err(_) => Some(base * 10_f64.powi(amount.exponent)),
    }
}

fn read(text: &str) -> Option<Amount> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, suffix) = rest.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || fraction.contains('.') || digits.len() > 30 {
        return None;
    }
    let (exponent, shift) = scale(suffix)?;
    let mantissa: i128 = digits.parse().ok()?;
    Some(Amount {
        mantissa: if negative { -mantissa } else { mantissa },
        exponent: exponent - fraction.len() as i32,
        shift,
    })
}

/// What a suffix means, as a power of ten and one of two.
fn scale(suffix: &str) -> Option<(i32, u32)> {
    Some(match suffix {
        "n" => (-9, 0),
        "u" => (-6, 0),
        "m" => (-3, 0),
        "" => (0, 0),
        "k" => (3, 0),
        "M" => (6, 0),
        "G" => (9, 0),
        "T" => (12, 0),
        "P" => (15, 0),
        "E" => (18, 0),
        "Ki" => (0, 10),
        "Mi" => (0, 20),
        "Gi" => (0, 30),
        "Ti" => (0, 40),
        "Pi" => (0, 50),
        "Ei" => (0, 60),
        other => (other.strip_prefix(['e', 'E'])?.parse().ok().filter(|e: &i32| e.abs() <= 18)?, 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousandths_are_rounded_away_from_zero() {
        let read =
            ["250m", "2", "0.5", "100u", "1Gi", "10k", "1e3", "-1500m", "0.0001", "", "m", "1.2.3", "5x"];
        let expected = [
            Some(250),
            Some(2_000),
            Some(500),
            Some(1),
            Some(1_073_741_824_000),
            Some(10_000_000),
            Some(1_000_000),
            Some(-1_500),
            Some(1),
            None,
            None,
            None,
            None,
        ];
        assert_eq!(read.map(milli), expected);
    }

    #[test]
    fn a_tolerance_is_a_product_of_floats() {
        assert_eq!(approximate("59m").map(f64::to_bits), Some((59.0 * 1e-3_f64).to_bits()));
        assert_ne!(approximate("59m").map(f64::to_bits), Some(0.059_f64.to_bits()));
        assert_eq!(approximate("0"), Some(0.0));
        assert_eq!(approximate("1"), Some(1.0));
    }
}
