//! What traffic may be besides a constant rate with spikes.

use jiff::tz::TimeZone;

/// How traffic differs from a constant rate with spikes; by default not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// How far arrivals are from each other.
    pub arrivals: Arrivals,
    /// Changes of the base for good.
    pub steps: Vec<Step>,
    /// The rate as it was recorded, from the start of the run; where there is one, base and steps are not looked at.
    pub trace: Vec<Level>,
    /// The shape of a day.
    pub daily: Option<Daily>,
    /// Days of the week that differ.
    pub weekly: Option<Weekly>,
    /// Times of more traffic that begin and end at random.
    pub bursts: Option<Bursts>,
}

/// How far arrivals are from each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrivals {
    /// An exponential distance: many users who do not know of each other.
    #[default]
    Poisson,
    /// Always the same: a load generator.
    Equidistant,
}

/// A change of the base for good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// When it begins.
    pub at_ns: u64,
    /// The base after it.
    pub per_second: f64,
    /// How long it takes.
    pub over_ns: u64,
}

/// A rate that holds until the next one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// When it begins.
    pub at_ns: u64,
    /// Requests a second.
    pub per_second: f64,
}

/// The shape of a day: half a cosine up, half a cosine down, with mean 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Daily {
    /// Minutes from midnight to the peak.
    pub peak_minute: u16,
    /// Minutes from midnight to the low.
    pub low_minute: u16,
    /// The peak as a multiple of the low.
    pub ratio: f64,
    /// Where the clocks are.
    pub zone: TimeZone,
}

/// Multiples of the base for each day of the week.
#[derive(Clone, Debug, PartialEq)]
pub struct Weekly {
    /// From Monday on.
    pub factors: [f64; 7],
    /// Where the clocks are that show midnight.
    pub zone: TimeZone,
}

/// Times of more traffic, each of an exponential length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bursts {
    /// How long one lasts on average.
    pub mean_on_ns: u64,
    /// How long it is between two on average.
    pub mean_off_ns: u64,
    /// The multiple of the base in a burst.
    pub times: f64,
}
