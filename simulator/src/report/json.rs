//! A report as JSON, for other programs.

use serde_json::Value;

use super::Report;

/// The report with whether every objective holds; times in nanoseconds, money in 10⁻⁵ CNY.
pub fn json(report: &Report) -> Value {
    let mut value = serde_json::to_value(report).expect("a report serialises");
    if let Some(object) = value.as_object_mut() {
        object.insert("met".to_owned(), report.met().into());
    }
    value
}
