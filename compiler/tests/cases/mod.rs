//! How many random cases a property is tried on.

use proptest::test_runner::Config;

/// As many as are usual; ten times as many under `tests/run --full`, which sets `PROPTEST_CASES` to ten times
/// the 256 that proptest takes by itself.
pub fn cases(usual: u32) -> Config {
    let default = Config::default();
    // A case that failed is in the message, to be made a test of its own.
    Config { cases: usual * default.cases / 256, failure_persistence: None, ..default }
}
