//! Requests from outside: arrivals at a rate that rises and falls in straight lines.

mod bursts;
mod calendar;
mod rate;

use bursts::Chain;
use rate::{Piece, pieces};

use crate::engine::queue::Key;
use crate::engine::random::Stream;
use crate::mechanism::Mechanism;
use crate::run::Run;
use crate::scenario::{Arrivals, Scenario, Traffic};

/// `traffic`
pub static MECHANISM: Mechanism = Mechanism {
    name: "traffic",
    docs: "Arrivals at the rate that the scenario says for each moment: at random (`poisson`), where the expected number \
           of arrivals between two is exponential with mean 1, or `equidistant`, where it is exactly 1.\n\
           \n\
           The rate is a product:\n\
           \n\
           - `base` and its `step`s, or a `trace`, whose rates hold from one row to the next;\n\
           - `daily`, half a cosine from low to peak and another one back, with mean 1: for a ratio r it is 2 / (1 + r) at \
             the low and 2r / (1 + r) at the peak;\n\
           - the factor of the day of the week, `weekly`, from midnight to midnight;\n\
           - each `spike`: what those that overlap add to the base adds up;\n\
           - `bursts`: a chain of two states with exponential times in each, which begins in the state that it would be in \
             at any moment, and draws from a stream of its own. The mean of the traffic is (on times + off) / (on + off) of \
             the base.\n\
           \n\
           Between corners the rate is a straight line, and arrivals follow it exactly. A day's curve has corners at most 5 \
           minutes apart, which is within 1 in 1,000 of the cosine where low and peak are three hours apart; where several factors rise and fall at once, each line is \
           cut in 16. Rows of a trace that are nearer to each other than a millionth of the run are averaged together, so \
           that a file of any length needs little memory; what lies before and behind the run is not kept.",
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
    arrivals: Arrivals,
    pieces: Vec<Piece>,
    piece: usize,
    bursts: Option<Chain>,
    now_ns: f64,
    /// What is left of an arrival, where they are counted and not drawn.
    owed: f64,
    stream: Stream,
}

impl Source {
    /// A source of the traffic with this index, whose first arrival is not drawn yet.
    pub fn new(scenario: &Scenario, index: usize, component: usize, client: usize) -> Self {
        let shape = &scenario.traffic[index].shape;
        let of_component = |mechanism| Stream::new(scenario.seed, mechanism, component as u64);
        Self {
            component,
            client,
            next: Key::NEVER,
            arrivals: shape.arrivals,
            pieces: pieces(&scenario.traffic[index], scenario.from_ns, scenario.duration_ns),
            piece: 0,
            bursts: shape.bursts.map(|bursts| Chain::new(bursts, of_component("bursts"))),
            now_ns: 0.0,
            owed: 0.0,
            stream: of_component("traffic"),
        }
    }

    /// When the next request arrives; `None` if not within the run.
    ///
    /// The expected number of arrivals between two of a Poisson process is exponential with mean 1, whatever
    /// the rate does: so that number is drawn, and the rate is integrated until it is used up.
    pub fn arrive(&mut self) -> Option<u64> {
        let mut rest = match self.arrivals {
            Arrivals::Poisson => self.stream.exponential(),
            Arrivals::Equidistant => 1.0,
        };
        loop {
            let line = self.line()?;
            let length_ns = line.end_ns - self.now_ns;
            let whole = line.expected(length_ns);
            if rest <= whole {
                self.now_ns += time_for(rest, line.rate, line.slope).min(length_ns);
                return Some(self.now_ns as u64);
            }
            rest -= whole;
            self.pass(line);
        }
    }

    /// Goes on to a time without drawing a single arrival: how many are expected until then.
    pub fn expect(&mut self, until_ns: f64) -> f64 {
        let mut sum = 0.0;
        while self.now_ns < until_ns {
            let Some(line) = self.line() else { break };
            if until_ns < line.end_ns {
                sum += line.expected(until_ns - self.now_ns);
                self.now_ns = until_ns;
                break;
            }
            sum += line.expected(line.end_ns - self.now_ns);
            self.pass(line);
        }
        sum
    }

    /// How many arrive where so many are expected.
    pub fn draw(&mut self, expected: f64) -> u64 {
        match self.arrivals {
            Arrivals::Poisson => self.stream.poisson(expected),
            Arrivals::Equidistant => {
                self.owed += expected;
                let whole = self.owed.floor();
                self.owed -= whole;
                whole as u64
            }
        }
    }

    /// The least and the greatest rate that it has between its present and a time, or at its present if the time is before
    /// that, without bursts: arrivals a nanosecond.
    pub fn rates_until(&self, until_ns: f64) -> (f64, f64) {
        let (mut least, mut greatest) = (f64::INFINITY, 0.0_f64);
        let (mut now_ns, until_ns) = (self.now_ns, until_ns.max(self.now_ns));
        for index in self.piece..self.pieces.len() {
            let piece = self.pieces[index];
            let begin_ns = self.begin_of(index);
            for at_ns in [now_ns.max(begin_ns), piece.end_ns.min(until_ns)] {
                let rate = piece.rate + piece.slope * (at_ns - begin_ns);
                (least, greatest) = (least.min(rate), greatest.max(rate));
            }
            now_ns = piece.end_ns;
            if now_ns >= until_ns {
                break;
            }
        }
        (least.min(greatest), greatest)
    }

    /// Whether its rate jumps at random.
    pub fn is_bursty(&self) -> bool {
        self.bursts.is_some()
    }

    /// How many requests it expects over the whole run, without bursts.
    pub fn expected_in_all(&self) -> f64 {
        let pieces = self.pieces.iter().enumerate().map(|(index, piece)| {
            let length_ns = piece.end_ns - self.begin_of(index);
            (piece.rate + piece.slope * length_ns / 2.0) * length_ns
        });
        pieces.sum()
    }

    fn begin_of(&self, piece: usize) -> f64 {
        if piece == 0 { 0.0 } else { self.pieces[piece - 1].end_ns }
    }

    /// The straight line that the rate is on.
    #[inline]
    fn line(&self) -> Option<Line> {
        let piece = *self.pieces.get(self.piece)?;
        let begin_ns = self.begin_of(self.piece);
        let (times, until_ns) = self.bursts.as_ref().map_or((1.0, f64::MAX), Chain::state);
        Some(Line {
            rate: (piece.rate + piece.slope * (self.now_ns - begin_ns)) * times,
            slope: piece.slope * times,
            end_ns: piece.end_ns.min(until_ns),
            turns: until_ns < piece.end_ns,
        })
    }

    /// Goes on to the end of a line.
    #[inline]
    fn pass(&mut self, line: Line) {
        self.now_ns = line.end_ns;
        match &mut self.bursts {
            Some(chain) if line.turns => chain.turn(),
            Some(_) | None => self.piece += 1,
        }
    }
}

/// What a rate does from the present of a source on.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// Arrivals a nanosecond.
    rate: f64,
    /// By how much that grows every nanosecond.
    slope: f64,
    end_ns: f64,
    /// It ends with a burst, or where one begins.
    turns: bool,
}

impl Line {
    #[inline]
    fn expected(self, length_ns: f64) -> f64 {
        (self.rate + self.slope * length_ns / 2.0) * length_ns
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

/// Whether nothing ever arrives of some traffic of a scenario.
pub fn is_silent(traffic: &Traffic, scenario: &Scenario) -> bool {
    let pieces = pieces(traffic, scenario.from_ns, scenario.duration_ns);
    pieces.iter().all(|piece| piece.rate <= 0.0 && piece.slope <= 0.0)
}

impl Run<'_> {
    /// A request arrives, and the one after it is drawn.
    #[inline]
    pub(crate) fn arrival(&mut self, source: usize) {
        let (component, client) = (self.sources[source].component, self.sources[source].client);
        self.next_arrival(source);
        let now = self.clock.now_ns();
        self.counters[component].arrived(now);
        let slot = self.requests.open(now, client as u32);
        self.attempt(slot);
    }

    /// Draws the next arrival of a source whose last one has come.
    pub(crate) fn next_arrival(&mut self, source: usize) {
        if self.flow.is_on(self.sources[source].component) {
            self.sources[source].next = Key::NEVER;
            return;
        }
        let time = self.sources[source].arrive().filter(|time| *time <= self.end_ns);
        let key = time.map_or(Key::NEVER, |time| self.queue.key(time));
        self.sources[source].next = key;
        if key != Key::NEVER {
            self.arrivals.push(key, source);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::clock::SECOND_NS as S;
    use crate::run::fixture;
    use crate::scenario::{Bursts, Level, Shape, Spike, Step};

    fn source(per_second: f64, spikes: Vec<Spike>, shape: Shape, seconds: u64) -> Source {
        let traffic =
            Traffic { component: "api".into(), base_per_second: per_second, spikes, shape, balancer: None };
        let scenario =
            Scenario { traffic: vec![traffic], duration_ns: seconds * S, seed: 3, ..fixture::scenario() };
        Source::new(&scenario, 0, 0, 0)
    }

    /// Compares how many arrive up to each second with what is expected, within four deviations.
    fn check(mut source: Source, expected: &[(u64, f64)]) {
        let mut counts = vec![0_u64; expected.len()];
        while let Some(at) = source.arrive() {
            let Some(part) = expected.iter().position(|(end, _)| at < end * S) else { break };
            counts[part] += 1;
        }
        for (count, (end, mean)) in counts.iter().zip(expected) {
            let deviations = (*count as f64 - mean) / f64::sqrt(mean.max(1.0));
            assert!(deviations.abs() < 4.0, "{count} for {mean} up to second {end}");
        }
    }

    /// The rates and slopes of a source, a second.
    fn lines(source: &Source) -> Vec<(u64, f64, f64)> {
        let a_second = S as f64;
        let line = |piece: &Piece| {
            ((piece.end_ns / a_second) as u64, piece.rate * a_second, piece.slope * a_second * a_second)
        };
        source.pieces.iter().map(line).collect()
    }

    #[test]
    fn arrivals_follow_base_rise_plateau_and_fall() {
        let spike = Spike { at_ns: 100 * S, times: 5.0, over_ns: 10 * S, hold_ns: 100 * S, fall_ns: 40 * S };
        let source = source(200.0, vec![spike], Shape::default(), 350);
        let expected = [(100, 20_000.0), (110, 6_000.0), (210, 100_000.0), (250, 24_000.0), (350, 20_000.0)];
        check(source, &expected);
    }

    #[test]
    fn a_rise_that_takes_no_time_is_a_step() {
        let spike = Spike { at_ns: S, times: 3.0, over_ns: 0, hold_ns: S, fall_ns: 0 };
        let source = source(1e9, vec![spike], Shape::default(), 3);
        assert_eq!(lines(&source), [(1, 1e9, 0.0), (2, 3e9, 0.0), (3, 1e9, 0.0)]);
    }

    #[test]
    fn a_step_changes_the_base_for_good_and_spikes_multiply_what_it_has_come_to() {
        let step = |at: u64, per_second, over: u64| Step { at_ns: at * S, per_second, over_ns: over * S };
        let spike = Spike { at_ns: 6 * S, times: 2.0, over_ns: 0, hold_ns: S, fall_ns: 0 };
        // In the order in which they begin; the second begins when the first is half way.
        let steps = vec![step(4, 10.0, 0), step(1, 40.0, 6)];
        let source = source(10.0, vec![spike], Shape { steps, ..Shape::default() }, 8);
        let wanted = [(1, 10.0, 0.0), (4, 10.0, 5.0), (6, 10.0, 0.0), (7, 20.0, 0.0), (8, 10.0, 0.0)];
        for (line, wanted) in lines(&source).iter().zip(wanted) {
            let close =
                line.0 == wanted.0 && (line.1 - wanted.1).abs() < 1e-9 && (line.2 - wanted.2).abs() < 1e-9;
            assert!(close, "{line:?} for {wanted:?}");
        }
    }

    #[test]
    fn a_step_to_nothing_ends_arrivals_until_the_next_one() {
        let step = |at: u64, per_second| Step { at_ns: at * S, per_second, over_ns: 0 };
        let steps = vec![step(10, 0.0), step(20, 500.0)];
        for arrivals in [Arrivals::Poisson, Arrivals::Equidistant] {
            let shape = Shape { arrivals, steps: steps.clone(), ..Shape::default() };
            check(source(500.0, Vec::new(), shape, 30), &[(10, 5_000.0), (20, 0.0), (30, 5_000.0)]);
        }
    }

    #[test]
    fn what_rises_while_something_else_rises_follows_the_product() {
        let spike = Spike { at_ns: 0, times: 3.0, over_ns: 100 * S, hold_ns: 0, fall_ns: 0 };
        let steps = vec![Step { at_ns: 0, per_second: 300.0, over_ns: 100 * S }];
        let source = source(100.0, vec![spike], Shape { steps, ..Shape::default() }, 100);
        // The integral of 100 (1 + 2x)² over 100 seconds.
        let [area, begin] = source.pieces.iter().fold([0.0, 0.0], |[area, begin], piece| {
            let length = piece.end_ns - begin;
            [area + (piece.rate + piece.slope * length / 2.0) * length, piece.end_ns]
        });
        assert!((area / 43_333.333 - 1.0).abs() < 0.002 && begin > 0.0, "{area}");
    }

    #[test]
    fn equidistant_arrivals_have_one_distance_and_keep_the_rest_over_corners() {
        let steps = vec![Step { at_ns: 2 * S + S / 2, per_second: 4.0, over_ns: 0 }];
        let shape = Shape { arrivals: Arrivals::Equidistant, steps, ..Shape::default() };
        let mut source = source(1.0, Vec::new(), shape, 4);
        let times: Vec<u64> = std::iter::from_fn(|| source.arrive()).map(|at| (at + 1) / 1_000_000).collect();
        // Half of the third has arrived by the step, and the other half takes an eighth of a second.
        assert_eq!(times, [1000, 2000, 2625, 2875, 3125, 3375, 3625, 3875]);
    }

    #[test]
    fn a_trace_stands_for_the_base_and_holds_until_its_next_rate() {
        let level = |at: u64, per_second| Level { at_ns: at * S, per_second };
        let trace = vec![level(10, 500.0), level(20, 0.0), level(30, 1000.0)];
        let source = source(9e9, Vec::new(), Shape { trace, ..Shape::default() }, 40);
        check(source, &[(10, 0.0), (20, 5_000.0), (30, 0.0), (40, 10_000.0)]);
    }

    #[test]
    fn what_is_expected_is_what_arrives() {
        let spike = Spike { at_ns: 100 * S, times: 5.0, over_ns: 10 * S, hold_ns: 100 * S, fall_ns: 40 * S };
        let bursts = Some(Bursts { mean_on_ns: 20 * S, mean_off_ns: 60 * S, times: 3.0 });
        for shape in [Shape::default(), Shape { bursts, ..Shape::default() }] {
            let (mut drawn, mut passed) = (source(200.0, vec![spike], shape, 350), 0.0);
            let mut counted = drawn.clone();
            // In steps that fall on no corner.
            (1..=500).for_each(|step| passed += counted.expect(f64::from(step) * 0.7e9));
            let arrived = std::iter::from_fn(|| drawn.arrive()).count() as f64;
            assert!((arrived - passed).abs() < 4.0 * passed.sqrt(), "{arrived} for {passed}");
            assert!(counted.expect(1e18) < 1e-9, "the run is over");
        }
        let mut source = source(200.0, vec![spike], Shape::default(), 350);
        source.expect(95e9);
        let rates = |until: f64| {
            let (least, greatest) = source.rates_until(until);
            ((least * 1e9).round(), (greatest * 1e9).round())
        };
        assert_eq!(
            [rates(99e9), rates(105e9), rates(120e9)],
            [(200.0, 200.0), (200.0, 600.0), (200.0, 1000.0)]
        );
        source.expect(220e9);
        let (least, greatest) = source.rates_until(0.0);
        let at_present = [least, greatest].map(|rate| (rate * 1e9).round() as u64);
        assert_eq!(at_present, [800, 800], "there is one rate at its present");
        assert!((source.expected_in_all() - 170_000.0).abs() < 1e-6);
    }

    #[test]
    fn bursts_of_traffic_that_stops_end_with_the_run() {
        let bursts = Some(Bursts { mean_on_ns: S / 10, mean_off_ns: S / 10, times: 2.0 });
        let steps = vec![Step { at_ns: S, per_second: 1e-300, over_ns: 0 }];
        let mut source = source(1000.0, Vec::new(), Shape { steps, bursts, ..Shape::default() }, 100);
        let last = std::iter::from_fn(|| source.arrive()).last();
        assert!(last.is_some_and(|at| at < S), "{last:?}");
    }
}
