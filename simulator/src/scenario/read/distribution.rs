//! Reads a time that is always the same, or drawn from a distribution.

use compiler::document::Node;
use compiler::resolve::form;

use super::{Reader, value};
use crate::engine::random::Duration;
use crate::rules;

impl Reader<'_, '_> {
    /// The time that a node says.
    pub(super) fn time_of(&mut self, node: &Node) -> Option<Duration> {
        let drawn = drawn(node)?;
        drawn
            .map_err(|why| self.diagnostics.push(rules::impossible_time::found(&node.name, why, node.span)))
            .ok()
    }
}

/// What is drawn from, or why nothing can be; `None` where the schema has complained.
fn drawn(node: &Node) -> Option<Result<Duration, &'static str>> {
    let written = node.values.first()?;
    let given = |key| value(node, key).and_then(form::duration_ns);
    let has = |key| node.child(key).is_some();
    if let Some(always_ns) = form::duration_ns(written) {
        let alone = !has("mean") && !has("p99") && !has("cv2");
        return Some(alone.then_some(Duration::Constant(always_ns)).ok_or("it is always the same"));
    }
    let distribution = written.as_text()?;
    let is_known = matches!(distribution, "constant" | "exponential" | "hyperexponential" | "lognormal");
    if is_known && !has("mean") {
        return Some(Err("it has no mean"));
    }
    let mean_ns = given("mean")?;
    Some(match distribution {
        "constant" => Ok(Duration::Constant(mean_ns)),
        "exponential" => Ok(Duration::Exponential(mean_ns as f64)),
        "hyperexponential" if !has("cv2") => Err("it has no cv2"),
        "hyperexponential" => Duration::hyperexponential(mean_ns, value(node, "cv2").and_then(form::number)?)
            .ok_or("its cv2 is below 1"),
        "lognormal" if !has("p99") => Err("it has no p99"),
        "lognormal" => Duration::lognormal(mean_ns, given("p99")?)
            .ok_or("its p99 is not between its mean and 15 times of it"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use compiler::diag::Diagnostics;
    use compiler::parse::parse;
    use compiler::source::Sources;

    use super::*;

    fn read(text: &str) -> Option<Result<Duration, &'static str>> {
        let source = Sources::default().add("scenario.kdl", text);
        drawn(&parse(&source, &mut Diagnostics::default()).nodes[0])
    }

    #[test]
    fn a_time_is_written_alone_or_as_a_distribution_with_its_mean() {
        let (ms, mean) = (1_000_000, 6e6);
        assert_eq!(read("cpu \"5ms\""), Some(Ok(Duration::Constant(5 * ms))));
        assert_eq!(read("cpu \"constant\" mean=\"6ms\""), Some(Ok(Duration::Constant(6 * ms))));
        assert_eq!(read("cpu \"exponential\" mean=\"6ms\""), Some(Ok(Duration::Exponential(mean))));
        let lognormal = Duration::lognormal(6 * ms, 70 * ms).unwrap();
        assert_eq!(read("cpu \"lognormal\" mean=\"6ms\" p99=\"70ms\""), Some(Ok(lognormal)));
        let hyperexponential = Duration::hyperexponential(6 * ms, 4.0).unwrap();
        assert_eq!(read("cpu \"hyperexponential\" mean=\"6ms\" cv2=4"), Some(Ok(hyperexponential)));
    }

    #[test]
    fn a_distribution_without_what_it_needs_cannot_be_drawn() {
        for (text, why) in [
            ("cpu \"5ms\" mean=\"6ms\"", "it is always the same"),
            ("cpu \"exponential\"", "it has no mean"),
            ("cpu \"lognormal\" mean=\"6ms\"", "it has no p99"),
            (
                "cpu \"lognormal\" mean=\"6ms\" p99=\"5ms\"",
                "its p99 is not between its mean and 15 times of it",
            ),
            ("cpu \"hyperexponential\" mean=\"6ms\"", "it has no cv2"),
            ("cpu \"hyperexponential\" mean=\"6ms\" cv2=0.5", "its cv2 is below 1"),
        ] {
            assert_eq!(read(text), Some(Err(why)), "{text}");
        }
        assert_eq!(read("cpu \"normal\" mean=\"6ms\""), None, "the schema says so");
        assert_eq!(read("cpu \"normal\""), None, "and nothing else is said");
    }
}
