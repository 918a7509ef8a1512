//! Reads what a scenario says of measuring: the memory of pods.

use compiler::document::Node;
use compiler::resolve::form;

use super::value;
use crate::scenario::Memory;

/// What a `service` says of memory.
pub(super) fn memory(service: &Node) -> Option<Memory> {
    let node = service.child("memory")?;
    let base_bytes = node.values.first().and_then(form::memory_bytes)?;
    let per_request_bytes = value(node, "per-request").and_then(form::memory_bytes).unwrap_or(0);
    Some(Memory { base_bytes, per_request_bytes })
}
