//! What `specc explain` says of each mechanism: what it does, and where its numbers come from.

use crate::world::Figures;

/// One mechanism of the simulated cluster, or of those who use it.
#[derive(Debug)]
pub struct Mechanism {
    /// The word for it.
    pub name: &'static str,
    /// What it does, what it leaves out, and what it follows.
    pub docs: &'static str,
    /// Its numbers.
    pub defaults: &'static [Number],
}

/// A number that a mechanism uses where nobody says otherwise.
#[derive(Debug)]
pub struct Number {
    /// What it is.
    pub name: &'static str,
    /// Its value in a profile, with its unit.
    pub value: fn(&Figures) -> String,
    /// Who says so.
    pub source: &'static str,
}

/// Nanoseconds in seconds, as people write them.
pub fn seconds(ns: u64) -> String {
    let ms = ns / 1_000_000;
    match ms % 1000 {
        0 => format!("{} s", ms / 1000),
        _ => format!("{ms} ms"),
    }
}

/// From a least time to one that is longer by a spread, both in seconds.
pub fn seconds_between(least_ns: u64, spread_ns: u64) -> String {
    format!("{} to {}", seconds(least_ns), seconds(least_ns + spread_ns))
}

/// Nanoseconds in milliseconds.
pub fn milliseconds(ns: u64) -> String {
    format!("{} ms", ns / 1_000_000)
}

/// Bytes in MiB, rounded.
pub fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", (bytes + (1 << 19)) >> 20)
}

/// A price in nano-yuan a second, in yuan an hour.
pub fn yuan_an_hour(nano: u64) -> String {
    let ten_thousandths = nano * 3_600 / 100_000;
    format!("{}.{:04} CNY an hour", ten_thousandths / 10_000, ten_thousandths % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_their_unit() {
        assert_eq!([seconds(15_000_000_000), seconds(50_000_000)], ["15 s", "50 ms"]);
        assert_eq!(yuan_an_hour(49_000), "0.1764 CNY an hour", "a vCPU of ECI");
    }
}
