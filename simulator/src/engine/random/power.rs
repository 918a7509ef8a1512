//! The exponential function by a table, for the many numbers whose logarithm is drawn: the same bits everywhere.

use std::f64::consts::LOG2_E;
use std::sync::LazyLock;

/// So many powers between two whole powers of two.
const STEPS: usize = 128;
/// What makes a number whole that is added to it: its last bit is worth one.
const WHOLE: f64 = 6_755_399_441_055_744.0;
/// The logarithm of two in two parts, the first of which any step can be multiplied with exactly.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// 2 to the power of each step, as bits.
static POWERS: LazyLock<[u64; STEPS]> =
    LazyLock::new(|| std::array::from_fn(|step| libm::exp2(step as f64 / STEPS as f64).to_bits()));

/// e to the power of a number, to within a unit in the last place or little more.
#[inline]
pub fn exp(x: f64) -> f64 {
    // Beyond are subnormal and infinite numbers.
    if x.abs() > 700.0 || x.is_nan() {
        return libm::exp(x);
    }
    // x = step · ln 2 / STEPS + rest.
    let shifted = x * (STEPS as f64 * LOG2_E) + WHOLE;
    let step = shifted - WHOLE;
    let number = shifted.to_bits();
    let rest = x - step * (LN_2_HIGH / STEPS as f64) - step * (LN_2_LOW / STEPS as f64);
    let power = POWERS[number as usize % STEPS].wrapping_add((number >> STEPS.ilog2()) << 52);
    let power = f64::from_bits(power);
    // The rest is below 0.003, so the next term is below 1e-18.
    let square = rest * rest;
    let more =
        rest + square * (0.5 + rest * (1.0 / 6.0)) + square * square * (1.0 / 24.0 + rest * (1.0 / 120.0));
    power + power * more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_near_as_the_library_s() {
        let mut stream = crate::engine::random::Stream::new(1, "test", 0);
        let check = |x: f64| {
            let (found, wanted) = (exp(x), libm::exp(x));
            let apart = found.to_bits().abs_diff(wanted.to_bits());
            assert!(apart <= 2, "{found} for {wanted} = exp({x})");
        };
        for x in [0.0, 1.0, std::f64::consts::LN_2, 1e-300, 700.0, 709.7, 745.0, 1e9] {
            check(x);
            check(-x);
        }
        for _ in 0..1_000_000 {
            check((stream.unit() - 0.5) * 1_400.0);
            check((stream.unit() - 0.5) * 4.0);
        }
        assert!(exp(f64::NAN).is_nan());
    }
}
