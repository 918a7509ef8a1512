//! What must hold after each batch of a release, and the questions of a cluster that tell.

use crate::resolve::quantity;
use crate::source::Spanned;

/// Something that must hold after each batch.
#[derive(Clone, Debug)]
pub struct Verification {
    /// Its name, which for a bound is the one of the cluster's question.
    pub name: Spanned<String>,
    /// How it is told.
    pub by: Spanned<VerifyBy>,
    /// How long it must hold, in nanoseconds, with its place if it is written.
    pub for_ns: Spanned<u64>,
    /// The time from one answer to the next question, in nanoseconds.
    pub every_ns: u64,
    /// How many bad answers in a row fail the rollout.
    pub failures: u32,
}

/// How it is told whether a verification holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifyBy {
    /// The answer to the cluster's question of that name is below or above something.
    Limit(AnswerLimit),
    /// The web address answers with a status of 2xx.
    Webhook(String),
}

/// What the answer to a question is compared with.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnswerLimit {
    /// Whether answers must be below it; otherwise above.
    pub below: bool,
    /// As it is written: `1%`, `300ms` or `0.5`.
    pub written: String,
}

impl AnswerLimit {
    /// Whether an answer is on the right side.
    pub fn holds(&self, answer: f64) -> bool {
        let limit = quantity::measure(&self.written);
        limit.is_some_and(|limit| if self.below { answer < limit } else { answer > limit })
    }

    /// An answer in the unit of the limit, to three digits or so.
    pub fn like(&self, answer: f64) -> String {
        let short = |number: f64| {
            let text = format!("{number:.3}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        match self.written.chars().next_back() {
            Some('%') => format!("{}%", short(answer * 100.0)),
            Some(unit) if unit.is_ascii_alphabetic() && answer < 1.0 => format!("{}ms", short(answer * 1e3)),
            Some(unit) if unit.is_ascii_alphabetic() => format!("{}s", short(answer)),
            Some(_) | None => short(answer),
        }
    }

    /// In words: `below 1%`.
    pub fn in_words(&self) -> String {
        format!("{} {}", if self.below { "below" } else { "above" }, self.written)
    }
}

/// A question of a cluster's operators to its Prometheus.
#[derive(Clone, Debug)]
pub struct Query {
    /// What developers call it.
    pub name: Spanned<String>,
    /// The query with its placeholders.
    pub text: Spanned<String>,
}

impl Query {
    /// What stands in braces for something of the release that is verified.
    pub const PLACEHOLDERS: &'static [&'static str] = &["namespace", "component", "revision"];

    /// The query about one revision of a component.
    pub fn filled(&self, namespace: &str, component: &str, revision: &str) -> String {
        let mut text = self.text.value.clone();
        for (placeholder, value) in Self::PLACEHOLDERS.iter().zip([namespace, component, revision]) {
            text = text.replace(&format!("{{{placeholder}}}"), value);
        }
        text
    }

    /// Every word in braces: selectors of a query hold more than one, and counts in patterns are numbers.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        let inside = self.text.value.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        inside.map(|(word, _)| word).filter(|word| {
            let plain = |byte: u8| byte.is_ascii_alphabetic() || byte == b'-' || byte == b'_';
            !word.is_empty() && word.bytes().all(plain)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Sources, Span};

    #[test]
    fn an_answer_on_the_limit_is_on_neither_side() {
        let below = AnswerLimit { below: true, written: "1%".into() };
        let above = AnswerLimit { below: false, ..below.clone() };
        assert_eq!([0.009, 0.01, 0.011].map(|answer| below.holds(answer)), [true, false, false]);
        assert_eq!([0.009, 0.01, 0.011].map(|answer| above.holds(answer)), [false, false, true]);
        assert!(!below.holds(f64::NAN) && !above.holds(f64::NAN) && above.holds(f64::INFINITY));
    }

    #[test]
    fn an_answer_is_told_in_the_unit_of_its_limit() {
        let like = |written: &str, answer| AnswerLimit { below: true, written: written.into() }.like(answer);
        let told =
            [like("1%", 0.0042), like("300ms", 0.25), like("2s", 1.5), like("100", 12.0), like("0.5", 0.0)];
        assert_eq!(told, ["0.42%", "250ms", "1.5s", "12", "0"]);
    }

    #[test]
    fn placeholders_are_single_words_in_braces() {
        let span = Span { source: Sources::default().add("platform.kdl", "").id(), start: 0, end: 0 };
        let spanned = |text: &str| Spanned::new(text.to_owned(), span);
        let text =
            r#"rate(errors{namespace="{namespace}",pod=~"{component}-{revision}-.{5}"}[1m]) > {limit}"#;
        let query = Query { name: spanned("errors"), text: spanned(text) };
        assert_eq!(
            query.filled("shop-prod", "web", "abc"),
            r#"rate(errors{namespace="shop-prod",pod=~"web-abc-.{5}"}[1m]) > {limit}"#
        );
        let found: Vec<&str> = query.placeholders().collect();
        assert_eq!(found, ["namespace", "component", "revision", "limit"]);
    }
}
