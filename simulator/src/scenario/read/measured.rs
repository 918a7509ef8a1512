//! Reads what a scenario says of measuring: the memory of pods, and what metrics mean.

use compiler::document::{Node, Value};
use compiler::resolve::form;

use super::{Reader, value};
use crate::scenario::{Measure, Memory, Metric};

/// What a `service` says of memory.
pub(super) fn memory(service: &Node) -> Option<Memory> {
    let node = service.child("memory")?;
    let base_bytes = node.values.first().and_then(form::memory_bytes)?;
    let per_request_bytes = value(node, "per-request").and_then(form::memory_bytes).unwrap_or(0);
    Some(Memory { base_bytes, per_request_bytes })
}

impl Reader<'_, '_> {
    /// What the names of metrics mean.
    pub(super) fn metrics(&mut self, known: &[&str]) -> Vec<Metric> {
        let mut metrics = Vec::new();
        for node in self.node.children_named("metric") {
            let of = value(node, "of").map(|of| self.component(Some(of), known));
            let is = self.needed(node, "is", "\"requests\"").and_then(Value::as_text).and_then(measure);
            if let (Some(name), Some(is)) = (node.identity(), is) {
                metrics.push(Metric { name: name.to_owned(), of: of.flatten(), is });
            }
        }
        metrics
    }
}

fn measure(word: &str) -> Option<Measure> {
    Some(match word {
        "requests" => Measure::Requests,
        "in-flight" => Measure::InFlight,
        "queue" => Measure::Queue,
        "arrivals" => Measure::Arrivals,
        _ => return None,
    })
}
