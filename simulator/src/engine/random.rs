//! Chance: one stream for each mechanism, so that adding a mechanism does not shift the others.

mod power;
mod ziggurat;

/// xoshiro256++, seeded by splitmix64.
#[derive(Clone, Debug)]
pub struct Stream {
    state: [u64; 4],
    tables: Vec<Table>,
}

/// Values that are drawn one after the other in an order that chance decides, and then again in another one. So each part
/// of a distribution comes as often as it should, and not by chance.
#[derive(Clone, Debug)]
struct Table {
    values: Vec<u64>,
    drawn: usize,
}

impl Stream {
    /// The stream of one mechanism and one thing that it acts on.
    pub fn new(seed: u64, mechanism: &str, index: u64) -> Self {
        // FNV-1a, so that the name decides and not the order in which mechanisms were added.
        let name = mechanism.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut state = seed ^ name.rotate_left(32) ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self { state: [(); 4].map(|()| splitmix(&mut state)), tables: Vec::new() }
    }

    /// Adds the values of a [`Duration::Table`]. Returns which it is.
    pub fn add_table(&mut self, values: Vec<u64>) -> Duration {
        assert!(!values.is_empty(), "a table has values");
        self.tables.push(Table { values, drawn: 0 });
        Duration::Table(self.tables.len() as u32 - 1)
    }

    fn next_of(&mut self, table: u32) -> u64 {
        let Table { values, drawn } = &self.tables[table as usize];
        let (drawn, count) = (*drawn, values.len());
        // A step of the shuffle of Fisher and Yates for each draw.
        let other = drawn + self.below((count - drawn) as u64) as usize;
        let table = &mut self.tables[table as usize];
        table.values.swap(drawn, other);
        table.drawn = (drawn + 1) % count;
        table.values[drawn]
    }

    /// The next 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// Above 0, at most 1.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        ((self.bits() >> 11) + 1) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A whole number below `bound`.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// Exponential with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        ziggurat::exponential(self)
    }

    /// How many of many rare things happen where so many are expected. Above 50 a normal number of that mean and
    /// variance, rounded: the skew that it lacks is less than a seventh of a deviation.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean > 50.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u64;
        }
        // Arrivals whose distances are exponential, until the time is over.
        let (least, mut product, mut count) = (libm::exp(-mean), self.unit(), 0);
        while product > least {
            product *= self.unit();
            count += 1;
        }
        count
    }

    /// Normal with mean 0 and deviation 1.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        ziggurat::normal(self)
    }
}

fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// How long something takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Duration {
    /// Always the same, in nanoseconds.
    Constant(u64),
    /// Exponential with this mean in nanoseconds.
    Exponential(f64),
    /// One of two exponential distributions, each of which makes up half of the mean.
    Hyperexponential {
        /// Mean in nanoseconds.
        mean_ns: f64,
        /// How many of all are drawn from the shorter one.
        share: f64,
    },
    /// Lognormal with the logarithm's mean and deviation, over nanoseconds.
    Lognormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// One of the values of a table of the stream.
    Table(u32),
}

/// No time.
impl Default for Duration {
    fn default() -> Self {
        Self::Constant(0)
    }
}

/// The 99th percentile of the standard normal distribution.
const NORMAL_P99: f64 = 2.326_347_874_040_841;

impl Duration {
    /// The lognormal distribution of a mean and a 99th percentile; `None` if no lognormal has both. Of the two
    /// that fit, it is the one with the smaller spread.
    pub fn lognormal(mean_ns: u64, p99_ns: u64) -> Option<Self> {
        // ln p99 - ln mean = z·sigma - sigma²/2, which has no solution above z²/2.
        let gap = libm::log(p99_ns as f64) - libm::log(mean_ns as f64);
        let root = NORMAL_P99 * NORMAL_P99 - 2.0 * gap;
        let sigma = NORMAL_P99 - root.max(0.0).sqrt();
        let mu = libm::log(mean_ns as f64) - sigma * sigma / 2.0;
        (mean_ns > 0 && p99_ns > mean_ns && root >= 0.0).then_some(Duration::Lognormal { mu, sigma })
    }

    /// The mean, in nanoseconds.
    pub fn mean_ns(self) -> f64 {
        match self {
            Duration::Constant(ns) => ns as f64,
            Duration::Exponential(mean_ns) | Duration::Hyperexponential { mean_ns, .. } => mean_ns,
            Duration::Lognormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            Duration::Table(_) => unreachable!("a stream knows what is in its table"),
        }
    }

    /// The hyperexponential distribution of a mean and a squared coefficient of variation, with balanced means; `None` for
    /// a variation below that of the exponential one, which is 1.
    pub fn hyperexponential(mean_ns: u64, variation: f64) -> Option<Self> {
        // 1 / (2 p (1 - p)) - 1 = variation.
        let share = f64::midpoint(1.0, ((variation - 1.0) / (variation + 1.0)).max(0.0).sqrt());
        (variation >= 1.0).then_some(Duration::Hyperexponential { mean_ns: mean_ns as f64, share })
    }

    /// One draw, in whole nanoseconds.
    #[inline]
    pub fn draw_ns(self, stream: &mut Stream) -> u64 {
        match self {
            Duration::Constant(ns) => ns,
            Duration::Exponential(mean_ns) => (stream.exponential() * mean_ns) as u64,
            Duration::Hyperexponential { mean_ns, share } => {
                let part = if stream.unit() <= share { share } else { 1.0 - share };
                (stream.exponential() * mean_ns / (2.0 * part)) as u64
            }
            Duration::Lognormal { mu, sigma } => power::exp(mu + sigma * stream.normal()) as u64,
            Duration::Table(table) => stream.next_of(table),
        }
    }

    /// So many values that have its distribution: the middle of each of equal parts.
    pub fn values(self, count: u32) -> Vec<u64> {
        let parts = (0..count).map(|part| (f64::from(part) + 0.5) / f64::from(count));
        let mut normal = 0.0;
        let values = parts.map(|part| match self {
            Duration::Constant(ns) => ns,
            Duration::Exponential(mean_ns) => (-libm::log1p(-part) * mean_ns) as u64,
            Duration::Hyperexponential { mean_ns, share } => (hyper_quantile(part, share) * mean_ns) as u64,
            Duration::Lognormal { mu, sigma } => {
                normal = normal_quantile(part, normal);
                libm::exp(mu + sigma * normal) as u64
            }
            Duration::Table(_) => unreachable!("a stream knows what is in its table"),
        });
        values.collect()
    }
}

/// What a part of the standard normal distribution stays below, by Newton's method from the middle or from the quantile of
/// a smaller part.
fn normal_quantile(part: f64, from: f64) -> f64 {
    let below = |x: f64| libm::erfc(-x / std::f64::consts::SQRT_2) / 2.0;
    let density = |x: f64| libm::exp(-x * x / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
    let mut x = from;
    for _ in 0..50 {
        let step = (below(x) - part) / density(x);
        x -= step;
        if step.abs() < 1e-12 {
            break;
        }
    }
    x
}

/// What a part of a hyperexponential distribution with mean 1 stays below, by halving.
fn hyper_quantile(part: f64, share: f64) -> f64 {
    let above = |x: f64| {
        [share, 1.0 - share].map(|share| share * libm::exp(-2.0 * share * x)).into_iter().sum::<f64>()
    };
    // The part with the longer mean alone is above this with less than the rest.
    let (mut low, mut high) = (0.0, -libm::log1p(-part) / (1.0 - share) + 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if above(middle) > 1.0 - part { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_other_names_differ_and_equal_ones_repeat() {
        let draw = |name, index| Stream::new(7, name, index).bits();
        assert_eq!(draw("traffic", 0), draw("traffic", 0));
        assert_ne!(draw("traffic", 0), draw("traffic", 1));
        assert_ne!(draw("traffic", 0), draw("client", 0));
    }

    #[test]
    fn a_lognormal_has_the_mean_and_the_percentile_it_was_made_of() {
        let lognormal = Duration::lognormal(6_000_000, 70_000_000).unwrap();
        let mut stream = Stream::new(1, "test", 0);
        let mut draws: Vec<u64> = (0..400_000).map(|_| lognormal.draw_ns(&mut stream)).collect();
        draws.sort_unstable();
        let mean = draws.iter().sum::<u64>() as f64 / draws.len() as f64;
        assert!((mean / 6e6 - 1.0).abs() < 0.03, "mean {mean}");
        assert!((lognormal.mean_ns() / 6e6 - 1.0).abs() < 1e-9);
        let p99 = draws[draws.len() / 100 * 99] as f64;
        assert!((p99 / 70e6 - 1.0).abs() < 0.05, "p99 {p99}");
        assert_eq!(Duration::lognormal(1_000, 100_000), None);
    }

    #[test]
    fn the_values_of_a_distribution_have_its_quantiles() {
        assert!((normal_quantile(0.99, 0.0) - NORMAL_P99).abs() < 1e-9);
        assert!((normal_quantile(0.000_5, 0.0) + normal_quantile(0.999_5, 1.0)).abs() < 1e-9);
        let lognormal = Duration::lognormal(6_000_000, 70_000_000).unwrap();
        let values = lognormal.values(1_000);
        assert!((values[989]..=values[990]).contains(&70_000_000));
        let exponential = Duration::Exponential(1e6).values(1_000);
        assert!((exponential[500] as f64 / 1e6 - 0.694).abs() < 0.001);
        let alike = Duration::hyperexponential(1_000_000, 1.0).unwrap().values(1_000);
        assert!(alike.iter().zip(&exponential).all(|(one, other)| one.abs_diff(*other) <= 1));
        let values = Duration::hyperexponential(1_000_000, 4.0).unwrap().values(10_000);
        assert!((values.iter().sum::<u64>() as f64 / 1e10 - 1.0).abs() < 0.01);
    }

    #[test]
    fn a_table_gives_each_of_its_values_once_before_it_begins_again() {
        let mut stream = Stream::new(1, "test", 0);
        let table = stream.add_table((0..100).collect());
        let mut rounds = [(); 2].map(|()| (0..100).map(|_| table.draw_ns(&mut stream)).collect::<Vec<_>>());
        assert_ne!(rounds[0], rounds[1]);
        for round in &mut rounds {
            round.sort_unstable();
        }
        assert!(rounds.iter().all(|round| round.iter().copied().eq(0..100)));
    }

    #[test]
    fn counts_have_the_mean_and_the_variance_that_they_were_drawn_for() {
        for mean in [0.0, 0.3, 12.0, 49.0, 51.0, 4_000.0] {
            let mut stream = Stream::new(1, "test", 0);
            let draws: Vec<f64> = (0..100_000).map(|_| stream.poisson(mean) as f64).collect();
            let average = draws.iter().sum::<f64>() / 1e5;
            let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / 1e5;
            let error = 4.0 * (mean / 1e5).sqrt();
            assert!((average - mean).abs() <= error, "{average} for {mean}");
            assert!((variance - mean).abs() <= 0.03 * mean, "{variance} for {mean}");
        }
    }

    #[test]
    fn a_hyperexponential_has_the_mean_and_the_variation_it_was_made_of() {
        let hyperexponential = Duration::hyperexponential(1_000_000, 4.0).unwrap();
        let mut stream = Stream::new(1, "test", 0);
        let draws: Vec<f64> = (0..400_000).map(|_| hyperexponential.draw_ns(&mut stream) as f64).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        assert!((mean / 1e6 - 1.0).abs() < 0.01, "mean {mean}");
        let squares = draws.iter().map(|draw| draw * draw).sum::<f64>() / draws.len() as f64;
        let variation = squares / (mean * mean) - 1.0;
        assert!((variation / 4.0 - 1.0).abs() < 0.05, "variation {variation}");
        assert_eq!(Duration::hyperexponential(1_000, 0.9), None);
        let even = Duration::hyperexponential(1_000, 1.0);
        assert_eq!(even, Some(Duration::Hyperexponential { mean_ns: 1e3, share: 0.5 }), "an exponential one");
    }
}
