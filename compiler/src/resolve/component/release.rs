//! How a new revision replaces the old one.

use super::{field, is_set};
use crate::app::{Batch, BatchSize, ReleasePolicy};
use crate::document::Node;
use crate::resolve::{defaults, form};
use crate::source::{Span, Spanned};

pub(super) fn release(node: Option<&Node>, fallback: Span) -> ReleasePolicy {
    let share =
        |key, default| node.and_then(|node| field(node, key)).and_then(form::percent).unwrap_or(default);
    let mut batches: Vec<Batch> =
        node.iter().flat_map(|node| node.children_named("batch")).filter_map(batch).collect();
    if batches.is_empty() {
        let size = Spanned::new(BatchSize::Percent(100), node.map_or(fallback, |node| node.span));
        batches.push(Batch { size, pause: false, wait_ns: 0 });
    }
    let deadline = node.and_then(|node| field(node, "deadline")).and_then(form::duration_ns);
    ReleasePolicy {
        batches,
        surge_percent: share("surge", defaults::SURGE_PERCENT),
        unavailable_percent: share("unavailable", defaults::UNAVAILABLE_PERCENT),
        deadline_ns: deadline.unwrap_or(defaults::BATCH_DEADLINE_NS),
    }
}

fn batch(node: &Node) -> Option<Batch> {
    let value = node.values.first()?;
    let count = form::integer(value).and_then(|count| u32::try_from(count).ok()).map(BatchSize::Count);
    let size = count.or_else(|| form::percent(value).map(BatchSize::Percent))?;
    let pause = is_set(node, "pause");
    let wait_ns = field(node, "wait").and_then(form::duration_ns).unwrap_or(0);
    Some(Batch { size: Spanned::new(size, value.span), pause, wait_ns })
}
