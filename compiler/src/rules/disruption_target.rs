//! A disruption budget with two limits, or none.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `disruption-target`
pub static RULE: Rule =
    Rule { code: "S0236", name: "disruption-target", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Kubernetes takes one of them: how many may be missing, or how many must stay.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 4
        disruption max-unavailable=1 min-available=3
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 4
        disruption max-unavailable=1
    }
}
```
"#;

/// A budget with both, or with neither.
pub fn found(budget: &Node, both: Option<(&Node, &Node)>) -> Diagnostic {
    match both {
        None => Diagnostic::new(&RULE, "`disruption` says nothing", budget.span, "how many?")
            .hint("add `max-unavailable=\"10%\"` or `min-available=2`"),
        Some((most, least)) => {
            Diagnostic::new(&RULE, "`disruption` has two limits", least.span, "how many must stay")
                .also(most.span, "how many may be missing")
                .hint("remove one of them")
        }
    }
}
