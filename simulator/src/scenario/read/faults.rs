//! Reads what does not work for a time.

use compiler::document::Value;
use compiler::resolve::form;

use super::Reader;
use crate::scenario::{Fault, FaultKind};

impl Reader<'_, '_> {
    /// The faults of the scenario.
    pub(super) fn faults(&mut self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for node in self.node.children_named("fault") {
            let at = self.needed(node, "at", "\"2026-11-11T00:00:00+08:00\"");
            let at_ns = at.and_then(|at| self.time("fault", at));
            let for_ns = self.needed(node, "for", "\"5m\"").and_then(form::duration_ns);
            let kind = node.values.first().and_then(Value::as_text).and_then(kind);
            if let (Some(kind), Some(at_ns), Some(for_ns)) = (kind, at_ns, for_ns) {
                faults.push(Fault { kind, at_ns, for_ns });
            }
        }
        faults
    }
}

fn kind(word: &str) -> Option<FaultKind> {
    match word {
        "metrics" => Some(FaultKind::Metrics),
        "eci" => Some(FaultKind::Eci),
        _ => None,
    }
}
