//! How many pods node drains may evict at a time.

use super::field;
use super::release::size;
use crate::app::Disruption;
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::rules::disruption_target;
use crate::source::Spanned;

pub(super) fn disruption(node: &Node, diagnostics: &mut Diagnostics) -> Option<Disruption> {
    let (most, least) = (node.child("max-unavailable"), node.child("min-available"));
    if most.is_some() == least.is_some() {
        diagnostics.push(disruption_target::found(node, most.zip(least)));
    }
    if let Some(value) = field(node, "max-unavailable") {
        return size(value).map(Disruption::MaxUnavailable);
    }
    let value = field(node, "min-available")?;
    Some(Disruption::MinAvailable(Spanned::new(size(value)?, value.span)))
}
