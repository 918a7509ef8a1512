//! What verifies a release: a component's bounds and webhooks, a cluster's questions.

use super::component::{field, text_field, whole_field};
use super::{defaults, form, platform};
use crate::app::{AnswerLimit, Query, Verification, VerifyBy};
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::rules::{missing_field, unknown_query_placeholder, verification_condition};
use crate::source::Spanned;

/// One verification of a component's release.
pub(super) fn verification(node: &Node, diagnostics: &mut Diagnostics) -> Option<Verification> {
    let conditions: Vec<&Node> =
        ["below", "above", "webhook"].into_iter().filter_map(|key| node.child(key)).collect();
    let [condition] = conditions.as_slice() else {
        diagnostics.push(verification_condition::found(node, &conditions));
        return None;
    };
    let value = condition.values.first()?;
    let (by, for_ns) = if condition.name == "webhook" {
        (VerifyBy::Webhook(value.as_text()?.to_owned()), 0)
    } else {
        let limit =
            AnswerLimit { below: condition.name == "below", written: form::measure(value)?.to_owned() };
        (VerifyBy::Limit(limit), defaults::VERIFY_FOR_NS)
    };
    let name = platform::name(node)?;
    let held = field(node, "for").and_then(|value| Some(Spanned::new(form::duration_ns(value)?, value.span)));
    Some(Verification {
        by: Spanned::new(by, condition.span),
        for_ns: held.unwrap_or(Spanned::new(for_ns, name.span)),
        every_ns: field(node, "every").and_then(form::duration_ns).unwrap_or(defaults::VERIFY_EVERY_NS),
        failures: whole_field(node, "failures").map_or(defaults::VERIFY_FAILURES, |count| count.value),
        name,
    })
}

/// What a cluster's Prometheus can be asked.
pub(super) fn queries(cluster: &Node, diagnostics: &mut Diagnostics) -> Vec<Query> {
    let Some(monitoring) = cluster.child("monitoring") else { return Vec::new() };
    let queries: Vec<Query> = monitoring.children_named("query").filter_map(query).collect();
    if !queries.is_empty() && text_field(monitoring, "prometheus").is_none() {
        let example = "\"http://prometheus.monitoring:9090\"";
        diagnostics.push(missing_field::found(monitoring, "prometheus", example));
    }
    for query in &queries {
        let unknown = query.placeholders().find(|word| !Query::PLACEHOLDERS.contains(word));
        diagnostics.extend(unknown.map(|word| unknown_query_placeholder::found(query, word)));
    }
    queries
}

fn query(node: &Node) -> Option<Query> {
    let text = node.values.get(1)?;
    Some(Query { name: platform::name(node)?, text: Spanned::new(text.as_text()?.to_owned(), text.span) })
}
