//! Rates over a run, of which there are never too many.

use crate::scenario::Level;

/// A run has at most so many rates; nearer ones are averaged.
const LEVELS_MAX: u64 = 1 << 20;

/// Rates that were added one after the other.
#[derive(Clone, Debug)]
pub struct Levels {
    found: Vec<Level>,
    /// What a rate takes at least.
    width_ns: u64,
    end_ns: u64,
}

impl Levels {
    /// None yet, of a run of this length.
    pub fn new(duration_ns: u64) -> Self {
        Self { found: Vec::new(), width_ns: duration_ns / LEVELS_MAX, end_ns: 0 }
    }

    /// A rate over a stretch that begins where the last one ended, or later.
    pub fn add(&mut self, from_ns: u64, until_ns: u64, per_second: f64) {
        if until_ns <= from_ns {
            return;
        }
        match self.found.last_mut() {
            Some(last) if from_ns == self.end_ns && from_ns - last.at_ns < self.width_ns => {
                // The same number of requests over both stretches.
                let (known, added) = ((from_ns - last.at_ns) as f64, (until_ns - from_ns) as f64);
                last.per_second = (last.per_second * known + per_second * added) / (known + added);
            }
            Some(_) | None => self.found.push(Level { at_ns: from_ns, per_second }),
        }
        self.end_ns = until_ns;
    }

    /// All of them.
    pub fn done(self) -> Vec<Level> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_billion_rows_a_second_become_few_with_the_same_number_of_requests() {
        let mut levels = Levels::new(3_600_000_000_000);
        for row in 0..1_000_000_u64 {
            levels.add(row * 10_000, row * 10_000 + 10_000, (row % 7) as f64);
        }
        let end_ns = levels.end_ns;
        let levels = levels.done();
        assert!((2_000..4_000).contains(&levels.len()), "{}", levels.len());
        let ends = levels.iter().skip(1).map(|level| level.at_ns).chain([end_ns]);
        let sum: f64 =
            levels.iter().zip(ends).map(|(level, end)| level.per_second * (end - level.at_ns) as f64).sum();
        let wanted = (0..1_000_000_u64).map(|row| (row % 7) as f64 * 10_000.0).sum::<f64>();
        assert!((sum / wanted - 1.0).abs() < 1e-9, "{sum} for {wanted}");
    }
}
