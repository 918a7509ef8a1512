//! Diagnostics for programs: one JSON array.

use serde_json::{Value, json};

use super::{Findings, Places, severity};
use crate::diag::{Diagnostic, Label};

/// Every finding of every spec.
pub fn value(specs: &[Findings]) -> Value {
    let of_spec = |found: &Findings| {
        let mut places = Places::new(found.sources);
        let sorted = found.diagnostics.sorted();
        sorted.into_iter().map(|diagnostic| finding(diagnostic, &mut places)).collect::<Vec<_>>()
    };
    specs.iter().flat_map(of_spec).collect()
}

fn finding(diagnostic: &Diagnostic, places: &mut Places) -> Value {
    let mut place = |label: &Label| {
        let region = places.region(label);
        json!({
            "file": places.path(label),
            "line": region.line,
            "column": region.column,
            "endLine": region.end_line,
            "endColumn": region.end_column,
            "text": label.text,
        })
    };
    json!({
        "code": diagnostic.rule.code,
        "rule": diagnostic.rule.name,
        "severity": severity(diagnostic.rule.severity),
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "places": diagnostic.labels.iter().map(&mut place).collect::<Vec<_>>(),
    })
}
