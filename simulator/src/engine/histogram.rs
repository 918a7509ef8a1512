//! Latencies counted in bins that grow with the value: any percentile to within 0.8 %, in fixed memory.

use serde::Serialize;

const LINEAR_BITS: u32 = 7;
const LINEAR: u64 = 1 << LINEAR_BITS;

/// Counts of values in nanoseconds; each power of two has 128 bins. There are bins from the power of two of the least value
/// to the greatest value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Histogram {
    /// The number of the first bin there is.
    first: usize,
    bins: Vec<u64>,
    count: u64,
    total_ns: u128,
    max_ns: u64,
}

impl Histogram {
    /// Counts one value.
    #[inline]
    pub fn record(&mut self, value_ns: u64) {
        self.record_many(value_ns, 1);
    }

    /// Counts one value so many times.
    #[inline]
    pub fn record_many(&mut self, value_ns: u64, times: u64) {
        let bin = bin_of(value_ns);
        if bin.wrapping_sub(self.first) >= self.bins.len() {
            self.reach(bin, bin);
        }
        self.bins[bin - self.first] += times;
        self.count += times;
        self.total_ns += u128::from(value_ns) * u128::from(times);
        self.max_ns = self.max_ns.max(value_ns);
    }

    /// Makes bins from one to another.
    #[cold]
    fn reach(&mut self, from: usize, to: usize) {
        let from = from - from % LINEAR as usize;
        if self.bins.is_empty() {
            self.first = from;
        } else if from < self.first {
            self.bins.splice(0..0, std::iter::repeat_n(0, self.first - from));
            self.first = from;
        }
        if to - self.first >= self.bins.len() {
            self.bins.resize(to - self.first + 1, 0);
        }
    }

    /// Every bin by its number, with its count.
    fn bins(&self) -> impl Iterator<Item = (usize, &u64)> {
        (self.first..).zip(&self.bins)
    }

    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The greatest value, exactly.
    pub fn max_ns(&self) -> u64 {
        self.max_ns
    }

    /// The mean, exactly; 0 without values.
    pub fn mean_ns(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.total_ns as f64 / self.count as f64 }
    }

    /// What `per_mille` of a thousand values stay at or below; `None` without values.
    pub fn quantile_ns(&self, per_mille: u64) -> Option<u64> {
        let rank = (u128::from(self.count) * u128::from(per_mille)).div_ceil(1000).max(1);
        let mut seen = 0;
        for (bin, count) in self.bins() {
            seen += u128::from(*count);
            if seen >= rank && *count > 0 {
                return Some(upper_edge(bin).min(self.max_ns));
            }
        }
        None
    }

    /// So many values that are spread as its own are: the middle of each of equal parts.
    pub fn values(&self, count: u32) -> Vec<u64> {
        let mut values = Vec::with_capacity(count as usize);
        let (mut bins, mut seen, mut edge) = (self.bins(), 0_u128, 0);
        for part in 0..u128::from(count) {
            let rank = u128::from(self.count) * (2 * part + 1) / (2 * u128::from(count));
            while seen <= rank
                && let Some((bin, own)) = bins.next()
            {
                seen += u128::from(*own);
                edge = upper_edge(bin).min(self.max_ns);
            }
            values.push(edge);
        }
        values
    }

    /// Adds the counts of another.
    pub fn merge(&mut self, other: &Histogram) {
        if !other.bins.is_empty() {
            self.reach(other.first, other.first + other.bins.len() - 1);
            for (bin, count) in self.bins[other.first - self.first..].iter_mut().zip(&other.bins) {
                *bin += count;
            }
        }
        self.count += other.count;
        self.total_ns += other.total_ns;
        self.max_ns = self.max_ns.max(other.max_ns);
    }

    /// Adds so many values that are spread as those of another, which has some.
    pub fn merge_spread(&mut self, other: &Histogram, count: u64) {
        let (mut passed, mut added) = (0_u128, 0_u128);
        for (bin, own) in other.bins().filter(|(_, own)| **own > 0) {
            passed += u128::from(*own);
            // Rounded over all bins together, so that none of them is lost.
            let due = passed * u128::from(count) / u128::from(other.count);
            self.record_many(upper_edge(bin).min(other.max_ns), (due - added) as u64);
            added = due;
        }
    }

    /// Takes out the counts of another, all of which were added before. The greatest value stays.
    pub fn take_out(&mut self, other: &Histogram) {
        for (bin, count) in other.bins().filter(|(_, count)| **count > 0) {
            self.bins[bin - self.first] -= count;
        }
        self.count -= other.count;
        self.total_ns -= other.total_ns;
    }

    /// Forgets every value.
    pub fn clear(&mut self) {
        self.bins.fill(0);
        (self.count, self.total_ns, self.max_ns) = (0, 0, 0);
    }
}

#[inline]
fn bin_of(value: u64) -> usize {
    let shift = (u64::BITS - value.leading_zeros()).saturating_sub(LINEAR_BITS + 1);
    (u64::from(shift) * LINEAR + (value >> shift)) as usize
}

fn upper_edge(bin: usize) -> u64 {
    let bin = bin as u64;
    let shift = (bin / LINEAR).saturating_sub(1);
    let low = bin - shift * LINEAR;
    (u128::from(low + 1) << shift).min(1 << 64).saturating_sub(1) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_lies_in_its_bin_and_bins_are_narrow() {
        for value in [0, 1, 127, 128, 255, 256, 1_000, 123_456_789, u64::MAX / 3, u64::MAX] {
            let edge = upper_edge(bin_of(value));
            assert!(edge >= value, "{value} lies below {edge}");
            assert!(edge - value <= value / 128 + 1, "{value} is near {edge}");
        }
    }

    #[test]
    fn what_is_taken_out_was_never_there() {
        let (mut all, mut other) = (Histogram::default(), Histogram::default());
        (1..=100).for_each(|value| all.record(value));
        (51..=100).for_each(|value| other.record(value));
        all.take_out(&other);
        assert_eq!((all.count(), all.quantile_ns(1000), all.mean_ns()), (50, Some(50), 25.5));
    }

    #[test]
    fn bins_reach_down_and_up_as_they_are_needed() {
        let (mut one, mut other) = (Histogram::default(), Histogram::default());
        for value in [5_000_000, 40, 9_000] {
            one.record(value);
        }
        for value in [6_000_000, 7_000_000_000] {
            other.record(value);
        }
        assert!(other.bins.len() < 1_500, "nothing below its values: {}", other.bins.len());
        other.merge(&one);
        assert_eq!(
            [0, 400, 1000].map(|q| other.quantile_ns(q)),
            [Some(40), Some(9_023), Some(7_000_000_000)]
        );
        other.take_out(&one);
        assert_eq!((other.count(), other.quantile_ns(1)), (2, Some(6_029_311)));
    }

    #[test]
    fn values_that_are_spread_as_others_have_their_quantiles() {
        let (mut few, mut many) = (Histogram::default(), Histogram::default());
        (1..=100).for_each(|value| few.record(value * 1_000));
        many.merge_spread(&few, 12_300);
        assert_eq!(many.count(), 12_300);
        assert_eq!((few.values(10).len(), few.values(1)), (10, vec![few.quantile_ns(510).unwrap()]));
        assert_eq!(
            [500, 990, 1000].map(|q| many.quantile_ns(q)),
            [500, 990, 1000].map(|q| few.quantile_ns(q))
        );
    }

    #[test]
    fn quantiles_are_ranks() {
        let mut histogram = Histogram::default();
        (1..=100).for_each(|value| histogram.record(value));
        assert_eq!([500, 990, 1000].map(|q| histogram.quantile_ns(q)), [Some(50), Some(99), Some(100)]);
        assert_eq!(Histogram::default().quantile_ns(500), None);
    }
}
