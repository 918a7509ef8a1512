//! How callers try, from outside and from one service to another.

use super::default;
use crate::engine::random::Duration;

/// A service that a request of another calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The component that is called.
    pub to: String,
    /// How often for each request; a fraction is a chance.
    pub per_request: f64,
    /// The request goes on where the call fails.
    pub optional: bool,
    /// How long each calling pod keeps an answer and does not call meanwhile; `None` for not at all.
    pub cache_ns: Option<u64>,
    /// How the caller tries.
    pub patience: Patience,
}

/// How long and how often a caller tries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patience {
    /// When it gives up an attempt; `None` for never.
    pub timeout: Option<Duration>,
    /// How often it tries again.
    pub retries: u32,
    /// The wait before the first retry, doubled for each one after it.
    pub backoff_ns: u64,
    /// Each wait is a random part of that.
    pub jitter: bool,
    /// How many retries it may add to its first attempts, in per cent; `None` for any number.
    pub retry_budget_percent: Option<u32>,
    /// The connections it keeps; `None` for a new one for every attempt.
    pub pool: Option<Pool>,
}

/// Connections that a caller keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// How many at most.
    pub connections: u32,
    /// How long one is used; `None` for as long as its pod lives.
    pub lifetime_ns: Option<u64>,
}

/// Endlessly patient, without a retry.
impl Default for Patience {
    fn default() -> Self {
        Self {
            timeout: None,
            retries: 0,
            backoff_ns: default::BACKOFF_NS,
            jitter: false,
            retry_budget_percent: None,
            pool: None,
        }
    }
}
