//! A limited rate: so many at once, then one after the other.

use crate::engine::clock::SECOND_NS;

/// A token bucket in whole nanoseconds: so many at once, then one every `interval_ns`.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    interval_ns: u64,
    burst: u64,
    /// When the bucket would be full again.
    full_ns: u64,
}

impl Bucket {
    /// A full bucket.
    pub fn new(per_second: u64, burst: u64) -> Self {
        Self::per_minute(60 * per_second, burst)
    }

    /// The same by the minute.
    pub fn per_minute(per_minute: u64, burst: u64) -> Self {
        Self { interval_ns: 60 * SECOND_NS / per_minute.max(1), burst: burst.max(1), full_ns: 0 }
    }

    /// Takes a token even if it has to wait for it; says when it has it.
    pub fn reserve(&mut self, now_ns: u64) -> u64 {
        let ready_ns = self.full_ns.saturating_sub((self.burst - 1) * self.interval_ns).max(now_ns);
        self.full_ns = self.full_ns.max(ready_ns) + self.interval_ns;
        ready_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let mut bucket = Bucket::new(20, 3);
        let times: Vec<u64> = (0..5).map(|_| bucket.reserve(1_000_000_000) / 1_000_000).collect();
        assert_eq!(times, [1000, 1000, 1000, 1050, 1100]);
    }
}
