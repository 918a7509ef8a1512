//! Bursts: a chain of two states, each of which lasts an exponential time.

use crate::engine::random::Stream;
use crate::scenario::Bursts;

/// Whether there is a burst, and until when.
#[derive(Clone, Debug)]
pub struct Chain {
    bursts: Bursts,
    stream: Stream,
    on: bool,
    until_ns: f64,
}

impl Chain {
    /// The chain at the start of a run, in the state that it would be in at any moment.
    pub fn new(bursts: Bursts, mut stream: Stream) -> Self {
        let (on_ns, off_ns) = (bursts.mean_on_ns as f64, bursts.mean_off_ns as f64);
        let on = stream.unit() * (on_ns + off_ns) <= on_ns;
        let mut chain = Self { bursts, stream, on: !on, until_ns: 0.0 };
        chain.turn();
        chain
    }

    /// The multiple of the base, and until when it holds.
    #[inline]
    pub fn state(&self) -> (f64, f64) {
        (if self.on { self.bursts.times } else { 1.0 }, self.until_ns)
    }

    /// A burst begins, or ends.
    pub fn turn(&mut self) {
        self.on = !self.on;
        let mean_ns = if self.on { self.bursts.mean_on_ns } else { self.bursts.mean_off_ns };
        self.until_ns += self.stream.exponential() * mean_ns as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::clock::SECOND_NS;

    #[test]
    fn bursts_take_their_share_of_time_and_begin_in_any_state() {
        let bursts = Bursts { mean_on_ns: 20 * SECOND_NS, mean_off_ns: 60 * SECOND_NS, times: 3.0 };
        let chains = |seed| Chain::new(bursts, Stream::new(seed, "bursts", 0));
        let on_at_first = (0..4_000).filter(|seed| chains(*seed).on).count();
        // A quarter, within four deviations of a binomial.
        assert!((890..=1110).contains(&on_at_first), "{on_at_first} of 4000");
        let (mut chain, mut now, mut on) = (chains(1), 0.0, 0.0);
        for _ in 0..40_000 {
            let (times, until) = chain.state();
            on += if times > 1.0 { until - now } else { 0.0 };
            now = until;
            chain.turn();
        }
        assert!((on / now - 0.25).abs() < 0.01, "{}", on / now);
    }
}
