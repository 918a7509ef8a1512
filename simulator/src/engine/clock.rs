//! Simulated time: whole nanoseconds since the start of the run, which only grow.

/// One second in the unit of simulated time.
pub const SECOND_NS: u64 = 1_000_000_000;

/// The same for times that may lie before the start of the run, or count from 1970.
pub const SIGNED_SECOND_NS: i64 = SECOND_NS.cast_signed();

/// The time of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    now_ns: u64,
}

impl Clock {
    /// Nanoseconds since the start of the run.
    pub fn now_ns(&self) -> u64 {
        self.now_ns
    }

    /// Moves on to a later time, or stays.
    #[inline]
    pub fn advance(&mut self, time_ns: u64) {
        assert!(self.now_ns <= time_ns, "time runs forward");
        self.now_ns = time_ns;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "time runs forward")]
    fn time_never_runs_back() {
        let mut clock = Clock::default();
        clock.advance(2);
        clock.advance(1);
    }
}
