//! Exponential and normal numbers by the ziggurat method: layers of equal area, most of each below the curve.
//!
//! Marsaglia and Tsang, The ziggurat method for generating random variables, Journal of Statistical Software 5(8), 2000.
//! No bit chooses both the layer and the place in it, which Doornik found to spoil the original (An improved ziggurat
//! method to generate normal random samples, 2005).

use std::sync::LazyLock;

use super::Stream;

const LAYERS: usize = 256;
/// Where the lowest of 256 layers ends and the tail begins, so that the highest one ends at the top of the curve.
const EXPONENTIAL_END: f64 = 7.697_117_470_131_05;
/// The same of the normal curve.
const NORMAL_END: f64 = 3.654_152_885_361_009;

static EXPONENTIAL: LazyLock<Ziggurat> = LazyLock::new(|| {
    let height = libm::exp(-EXPONENTIAL_END);
    Ziggurat::new(EXPONENTIAL_END, (EXPONENTIAL_END + 1.0) * height, exponential_curve, |y| -libm::log(y))
});

static NORMAL: LazyLock<Ziggurat> = LazyLock::new(|| {
    let tail = (std::f64::consts::PI / 2.0).sqrt() * libm::erfc(NORMAL_END / std::f64::consts::SQRT_2);
    let area = NORMAL_END * normal_curve(NORMAL_END) + tail;
    Ziggurat::new(NORMAL_END, area, normal_curve, |y| (-2.0 * libm::log(y)).sqrt())
});

fn exponential_curve(x: f64) -> f64 {
    libm::exp(-x)
}

fn normal_curve(x: f64) -> f64 {
    libm::exp(-x * x / 2.0)
}

/// Layers from the lowest to the highest, of a curve that falls from 1.
struct Ziggurat {
    layers: [Layer; LAYERS],
    /// Where each layer begins, and the last one ends.
    heights: [f64; LAYERS + 1],
}

#[derive(Clone, Copy, Default)]
struct Layer {
    /// Its width; that of the lowest one is what a rectangle of its area would have.
    width: f64,
    /// Up to here the whole layer lies below the curve.
    inside: f64,
}

impl Ziggurat {
    fn new(end: f64, area: f64, curve: fn(f64) -> f64, inverse: fn(f64) -> f64) -> Self {
        let (mut layers, mut heights) = ([Layer::default(); LAYERS], [0.0; LAYERS + 1]);
        layers[0] = Layer { width: area / curve(end), inside: end };
        heights[1] = curve(end);
        for index in 1..LAYERS {
            let width = layers[index - 1].inside;
            heights[index + 1] = heights[index] + area / width;
            // Rounding may put the top of the last layer above that of the curve.
            let inside = if index + 1 == LAYERS { 0.0 } else { inverse(heights[index + 1]) };
            layers[index] = Layer { width, inside };
        }
        Self { layers, heights }
    }

    /// Whether a point at a random height of the layer lies below a height.
    fn is_below(&self, layer: usize, part: f64, height: f64) -> bool {
        let [low, high] = [self.heights[layer], self.heights[layer + 1]];
        low + part * (high - low) < height
    }
}

/// Exponential with mean 1.
#[inline]
pub fn exponential(stream: &mut Stream) -> f64 {
    let bits = stream.bits();
    let index = bits as usize % LAYERS;
    let layer = EXPONENTIAL.layers[index];
    let x = (bits >> 11) as f64 * (1.0 / (1_u64 << 53) as f64) * layer.width;
    if x < layer.inside { x } else { exponential_at_edge(stream, index, x) }
}

#[cold]
fn exponential_at_edge(stream: &mut Stream, layer: usize, x: f64) -> f64 {
    if layer == 0 {
        // What is above any value is distributed as all of it is.
        EXPONENTIAL_END + exponential(stream)
    } else if EXPONENTIAL.is_below(layer, stream.unit(), exponential_curve(x)) {
        x
    } else {
        exponential(stream)
    }
}

/// Normal with mean 0 and deviation 1.
#[inline]
pub fn normal(stream: &mut Stream) -> f64 {
    let bits = stream.bits();
    let index = bits as usize % LAYERS;
    let layer = NORMAL.layers[index];
    // Between -1 and 1.
    let x = (bits.cast_signed() >> 11) as f64 * (1.0 / (1_u64 << 52) as f64) * layer.width;
    if x.abs() < layer.inside { x } else { normal_at_edge(stream, index, x) }
}

#[cold]
fn normal_at_edge(stream: &mut Stream, layer: usize, x: f64) -> f64 {
    if layer == 0 {
        return normal_tail(stream).copysign(x);
    }
    if NORMAL.is_below(layer, stream.unit(), normal_curve(x)) { x } else { normal(stream) }
}

/// Marsaglia, Generating a variable from the tail of the normal distribution, Technometrics 6, 1964.
fn normal_tail(stream: &mut Stream) -> f64 {
    loop {
        let (beyond, height) = (exponential(stream) / NORMAL_END, exponential(stream));
        if 2.0 * height > beyond * beyond {
            return NORMAL_END + beyond;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Above what a correct distribution shows once in a million times (Kolmogorov and Smirnov).
    fn distance_max(draws: usize) -> f64 {
        (f64::ln(2.0 / 1e-6) / (2.0 * draws as f64)).sqrt()
    }

    /// The greatest distance between how many draws are below a value and how many should be.
    fn distance(draws: &mut [f64], below: impl Fn(f64) -> f64) -> f64 {
        draws.sort_unstable_by(f64::total_cmp);
        let count = draws.len() as f64;
        let of = |(index, draw): (usize, &f64)| {
            let wanted = below(*draw);
            (index as f64 / count - wanted).abs().max(((index + 1) as f64 / count - wanted).abs())
        };
        draws.iter().enumerate().map(of).fold(0.0, f64::max)
    }

    /// Compares a count of draws, of which each is in with a chance, with what is expected, within five deviations.
    fn check_count(what: &str, count: usize, draws: usize, chance: f64) {
        let expected = draws as f64 * chance;
        let deviations = (count as f64 - expected) / expected.sqrt();
        assert!(deviations.abs() < 5.0, "{what}: {count} for {expected}");
    }

    /// Compares the first four moments with what is expected, within five deviations, which follow from those up to the
    /// eighth.
    fn check_moments(draws: &[f64], moments: [f64; 8]) {
        let count = draws.len() as f64;
        for power in 1..=4_usize {
            let mean = draws.iter().map(|draw| draw.powi(power as i32)).sum::<f64>() / count;
            let wanted = moments[power - 1];
            let deviation = ((moments[2 * power - 1] - wanted * wanted) / count).sqrt();
            assert!((mean - wanted).abs() < 5.0 * deviation, "moment {power}: {mean} for {wanted}");
        }
    }

    fn draws(draw: fn(&mut Stream) -> f64) -> Vec<f64> {
        let mut stream = Stream::new(1, "test", 0);
        (0..4_000_000).map(|_| draw(&mut stream)).collect()
    }

    #[test]
    fn layers_have_one_area_and_end_at_the_top() {
        for (ziggurat, curve) in
            [(&EXPONENTIAL, exponential_curve as fn(f64) -> f64), (&NORMAL, normal_curve as fn(f64) -> f64)]
        {
            let top = ziggurat.heights[LAYERS];
            assert!((top - 1.0).abs() < 1e-12, "the last layer ends at {top}");
            let area = ziggurat.layers[0].width * ziggurat.heights[1];
            for (index, layer) in ziggurat.layers.iter().enumerate().skip(1) {
                let [low, high] = [ziggurat.heights[index], ziggurat.heights[index + 1]];
                assert!((layer.width * (high - low) / area - 1.0).abs() < 1e-9, "layer {index}");
                assert!((curve(layer.width) - low).abs() < 1e-12, "layer {index} begins on the curve");
                assert!((curve(layer.inside) - high).abs() < 1e-12, "layer {index} ends on the curve");
            }
        }
    }

    #[test]
    fn exponential_draws_have_the_distribution_its_moments_and_its_tail() {
        let mut draws = draws(exponential);
        check_moments(&draws, [1.0, 2.0, 6.0, 24.0, 120.0, 720.0, 5_040.0, 40_320.0]);
        for chance in [1e-2, 1e-3, EXPONENTIAL_END.exp().recip(), 1e-4, 1e-5] {
            let above = draws.iter().filter(|draw| **draw > -f64::ln(chance)).count();
            check_count(&format!("above {}", -f64::ln(chance)), above, draws.len(), chance);
        }
        let found = distance(&mut draws, |x| -libm::expm1(-x));
        assert!(found < distance_max(draws.len()) && draws[0] >= 0.0, "distance {found}");
    }

    #[test]
    fn normal_draws_have_the_distribution_its_moments_and_its_tails() {
        let below = |x: f64| libm::erfc(-x / std::f64::consts::SQRT_2) / 2.0;
        let mut draws = draws(normal);
        check_moments(&draws, [0.0, 1.0, 0.0, 3.0, 0.0, 15.0, 0.0, 105.0]);
        for from in [2.0, 3.0, NORMAL_END, 3.719_016, 4.264_891] {
            for (what, side) in [("above", 1.0), ("below", -1.0)] {
                let beyond = draws.iter().filter(|draw| **draw * side > from).count();
                check_count(&format!("{what} {}", from * side), beyond, draws.len(), below(-from));
            }
        }
        let found = distance(&mut draws, below);
        assert!(found < distance_max(draws.len()), "distance {found}");
    }

    #[test]
    fn one_draw_says_nothing_about_the_next() {
        for (draw, mean) in [(exponential as fn(&mut Stream) -> f64, 1.0), (normal, 0.0)] {
            let draws = draws(draw);
            let products = draws.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean));
            let correlation = products.sum::<f64>() / draws.len() as f64;
            assert!(correlation.abs() < 5.0 / (draws.len() as f64).sqrt(), "{correlation}");
        }
    }
}
