//! How a new revision replaces the old one.

use super::{field, is_set};
use crate::app::{Batch, BatchSize, ReleasePolicy};
use crate::diag::Diagnostics;
use crate::document::{Node, Scalar, Value};
use crate::resolve::{defaults, form, verification};
use crate::rules::last_batch_halts;
use crate::source::{Span, Spanned};

pub(super) fn release(node: Option<&Node>, fallback: Span, diagnostics: &mut Diagnostics) -> ReleasePolicy {
    let share =
        |key, default| node.and_then(|node| field(node, key)).and_then(form::percent).unwrap_or(default);
    let mut batches: Vec<Batch> =
        node.iter().flat_map(|node| node.children_named("batch")).filter_map(batch).collect();
    if let Some(last) = node.and_then(|node| node.children_named("batch").last()) {
        let halts = |halt: &&Node| matches!(halt.name.as_str(), "pause" | "wait") && !is_false(halt);
        diagnostics
            .extend(last.children.iter().filter(halts).map(|halt| last_batch_halts::found(last, halt)));
    }
    if batches.is_empty() {
        let size = Spanned::new(BatchSize::Percent(100), node.map_or(fallback, |node| node.span));
        batches.push(Batch { size, pause: false, wait_ns: 0 });
    }
    let deadline = node.and_then(|node| field(node, "deadline")).and_then(form::duration_ns);
    let min_ready = node.and_then(|node| field(node, "min-ready"));
    let min_ready = min_ready.and_then(|value| Some(Spanned::new(form::seconds(value)?, value.span)));
    ReleasePolicy {
        batches,
        min_ready_seconds: min_ready,
        surge_percent: share("surge", defaults::SURGE_PERCENT),
        unavailable_percent: share("unavailable", defaults::UNAVAILABLE_PERCENT),
        deadline_ns: deadline.unwrap_or(defaults::BATCH_DEADLINE_NS),
        verifications: node
            .iter()
            .flat_map(|node| node.children_named("verify"))
            .filter_map(|node| verification::verification(node, diagnostics))
            .collect(),
    }
}

fn batch(node: &Node) -> Option<Batch> {
    let value = node.values.first()?;
    let size = size(value)?;
    let pause = is_set(node, "pause");
    let wait_ns = field(node, "wait").and_then(form::duration_ns).unwrap_or(0);
    Some(Batch { size: Spanned::new(size, value.span), pause, wait_ns })
}

/// `pause=#false` says what holds anyway.
fn is_false(node: &Node) -> bool {
    node.values.first().is_some_and(|value| value.scalar == Scalar::Boolean(false))
}

/// A count, or a share.
pub(super) fn size(value: &Value) -> Option<BatchSize> {
    let count = form::integer(value).and_then(|count| u32::try_from(count).ok()).map(BatchSize::Count);
    count.or_else(|| form::percent(value).map(BatchSize::Percent))
}
