//! Chance: one stream for each mechanism, so that adding a mechanism does not shift the others.

/// xoshiro256++, seeded by splitmix64.
#[derive(Clone, Debug)]
pub struct Stream {
    state: [u64; 4],
    spare_normal: Option<f64>,
}

impl Stream {
    /// The stream of one mechanism and one thing that it acts on.
    pub fn new(seed: u64, mechanism: &str, index: u64) -> Self {
        // FNV-1a, so that the name decides and not the order in which mechanisms were added.
        let name = mechanism.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut state = seed ^ name.rotate_left(32) ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self { state: [(); 4].map(|()| splitmix(&mut state)), spare_normal: None }
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
        -libm::log(self.unit())
    }

    /// Normal with mean 0 and deviation 1, by Marsaglia's polar method.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        loop {
            let (x, y) = (self.unit() * 2.0 - 1.0, self.unit() * 2.0 - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let scale = (-2.0 * libm::log(square) / square).sqrt();
                self.spare_normal = Some(y * scale);
                return x * scale;
            }
        }
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
            Duration::Lognormal { mu, sigma } => libm::exp(mu + sigma * stream.normal()) as u64,
        }
    }
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
        let p99 = draws[draws.len() / 100 * 99] as f64;
        assert!((p99 / 70e6 - 1.0).abs() < 0.05, "p99 {p99}");
        assert_eq!(Duration::lognormal(1_000, 100_000), None);
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
