//! Requests from outside: Poisson arrivals whose rate rises and falls in straight lines.

use crate::engine::clock::SECOND_NS;
use crate::engine::queue::Key;
use crate::engine::random::Stream;
use crate::mechanism::Mechanism;
use crate::run::Run;
use crate::scenario::Traffic;

/// `traffic`
pub static MECHANISM: Mechanism = Mechanism {
    name: "traffic",
    docs: "Arrivals at random times (Poisson) at the rate that the scenario says for each moment.",
    defaults: &[],
};

/// What produces the arrivals of one component.
#[derive(Clone, Debug)]
pub struct Source {
    /// The index of the component.
    pub component: usize,
    /// The index of its client.
    pub client: usize,
    /// The next arrival.
    pub next: Key,
    pieces: Vec<Piece>,
    piece: usize,
    now_ns: f64,
    stream: Stream,
}

/// A stretch over which the rate is a straight line; the last one has no end.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    end_ns: f64,
    /// Arrivals a nanosecond at the beginning.
    rate: f64,
    /// By how much that grows every nanosecond.
    slope: f64,
}

impl Source {
    /// A source whose first arrival is not drawn yet.
    pub fn new(traffic: &Traffic, component: usize, client: usize, seed: u64) -> Self {
        let stream = Stream::new(seed, "traffic", component as u64);
        Self { component, client, next: Key::NEVER, pieces: pieces(traffic), piece: 0, now_ns: 0.0, stream }
    }

    /// When the next request arrives; `None` if never.
    ///
    /// The expected number of arrivals between two of a Poisson process is exponential with mean 1, whatever
    /// the rate does: so that number is drawn, and the rate is integrated until it is used up.
    pub fn arrive(&mut self) -> Option<u64> {
        let mut rest = self.stream.exponential();
        loop {
            let piece = *self.pieces.get(self.piece)?;
            let begin_ns = if self.piece == 0 { 0.0 } else { self.pieces[self.piece - 1].end_ns };
            let rate = piece.rate + piece.slope * (self.now_ns - begin_ns);
            let length_ns = piece.end_ns - self.now_ns;
            let whole = (rate + piece.slope * length_ns / 2.0) * length_ns;
            if rest <= whole {
                self.now_ns += time_for(rest, rate, piece.slope).min(length_ns);
                return Some(self.now_ns as u64);
            }
            rest -= whole;
            self.now_ns = piece.end_ns;
            self.piece += 1;
        }
    }
}

/// The time in which `count` arrivals are expected, from a rate that grows by a slope.
fn time_for(count: f64, rate: f64, slope: f64) -> f64 {
    if slope == 0.0 {
        return count / rate;
    }
    // Solves slope/2·t² + rate·t = count in the form that stays exact for small slopes.
    2.0 * count / (rate + (rate * rate + 2.0 * slope * count).max(0.0).sqrt())
}

fn pieces(traffic: &Traffic) -> Vec<Piece> {
    let corners = |spike: &crate::scenario::Spike| {
        let top = spike.at_ns + spike.over_ns;
        [spike.at_ns, top, top + spike.hold_ns, top + spike.hold_ns + spike.fall_ns]
    };
    let mut ends: Vec<u64> = traffic.spikes.iter().flat_map(corners).filter(|end| *end > 0).collect();
    ends.sort_unstable();
    ends.dedup();
    let per_ns = traffic.base_per_second / SECOND_NS as f64;
    // Just after and just before a corner the rate differs where a rise takes no time.
    let after = |at: u64| per_ns * factor(traffic, at, true);
    let before = |at: u64| per_ns * factor(traffic, at, false);
    let mut begin = 0;
    let mut pieces = Vec::with_capacity(ends.len() + 1);
    for end in ends {
        let slope = (before(end) - after(begin)) / (end - begin) as f64;
        pieces.push(Piece { end_ns: end as f64, rate: after(begin), slope });
        begin = end;
    }
    pieces.push(Piece { end_ns: f64::MAX, rate: after(begin), slope: 0.0 });
    pieces
}

/// The multiple of the base at a time, seen from after it or from before it.
fn factor(traffic: &Traffic, at_ns: u64, from_after: bool) -> f64 {
    let mut factor = 1.0;
    for spike in &traffic.spikes {
        let rise = ramp(at_ns, spike.at_ns, spike.over_ns, from_after);
        let fall = ramp(at_ns, spike.at_ns + spike.over_ns + spike.hold_ns, spike.fall_ns, from_after);
        factor += (spike.times - 1.0) * (rise - fall);
    }
    factor.max(0.0)
}

/// From 0 to 1 over a stretch.
fn ramp(at_ns: u64, begin_ns: u64, length_ns: u64, from_after: bool) -> f64 {
    let done = at_ns.saturating_sub(begin_ns);
    if length_ns == 0 {
        return f64::from(at_ns > begin_ns || at_ns == begin_ns && from_after);
    }
    (done as f64 / length_ns as f64).min(1.0)
}

impl Run<'_> {
    /// A request arrives, and the one after it is drawn.
    #[inline]
    pub(crate) fn arrival(&mut self, source: usize) {
        let (component, client) = (self.sources[source].component, self.sources[source].client);
        self.next_arrival(source);
        self.counters[component].total.arrived += 1;
        let slot = self.requests.open(self.clock.now_ns(), client as u32);
        self.attempt(slot);
    }

    /// Draws the next arrival of a source.
    pub(crate) fn next_arrival(&mut self, source: usize) {
        let time = self.sources[source].arrive().filter(|time| *time <= self.end_ns);
        self.sources[source].next = time.map_or(Key::NEVER, |time| self.queue.key(time));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Spike;

    #[test]
    fn arrivals_follow_base_rise_plateau_and_fall() {
        let s = SECOND_NS;
        let spike = Spike { at_ns: 100 * s, times: 5.0, over_ns: 10 * s, hold_ns: 100 * s, fall_ns: 40 * s };
        let traffic =
            Traffic { component: "api".into(), base_per_second: 200.0, spikes: vec![spike], balancer: None };
        let mut source = Source::new(&traffic, 0, 0, 3);
        let mut counts = [0_u64; 5];
        let ends = [100 * s, 110 * s, 210 * s, 250 * s, 350 * s];
        while let Some(at) = source.arrive() {
            let Some(part) = ends.iter().position(|end| at < *end) else { break };
            counts[part] += 1;
        }
        let expected = [20_000.0, 6_000.0, 100_000.0, 24_000.0, 20_000.0];
        for (count, mean) in counts.iter().zip(expected) {
            let deviations = (*count as f64 - mean) / f64::sqrt(mean);
            assert!(deviations.abs() < 4.0, "{count} for {mean}");
        }
    }

    #[test]
    fn a_rise_that_takes_no_time_is_a_step() {
        let spike = Spike { at_ns: SECOND_NS, times: 3.0, over_ns: 0, hold_ns: SECOND_NS, fall_ns: 0 };
        let traffic =
            Traffic { component: "api".into(), base_per_second: 1e9, spikes: vec![spike], balancer: None };
        let rates: Vec<(f64, f64)> = pieces(&traffic).iter().map(|piece| (piece.rate, piece.slope)).collect();
        assert_eq!(rates, [(1.0, 0.0), (3.0, 0.0), (1.0, 0.0)]);
    }
}
