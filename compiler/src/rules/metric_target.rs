//! A metric with two targets, or none.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `metric-target`
pub static RULE: Rule =
    Rule { code: "S0235", name: "metric-target", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A metric is kept at a `value` of its own, or at an `average` for each pod.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=2 max=10 {
            external "queue_length" value="1000" average="30"
        }
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=2 max=10 {
            external "queue_length" value="1000"
        }
    }
}
```
"#;

/// A metric with both, or with neither.
pub fn found(metric: &Node, both: Option<(&Node, &Node)>) -> Diagnostic {
    let name = metric.identity().unwrap_or_default();
    match both {
        None => {
            Diagnostic::new(&RULE, format!("metric `{name}` has no target"), metric.span, "kept at what?")
                .hint("add `average=\"100\"` for each pod, or `value=\"1000\"` for the metric itself")
        }
        Some((value, average)) => {
            let message = format!("metric `{name}` has two targets");
            Diagnostic::new(&RULE, message, average.span, "for each pod")
                .also(value.span, "for the metric itself")
                .hint("remove one of them")
        }
    }
}
