//! An override that says nothing.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `empty-override`
pub static RULE: Rule =
    Rule { code: "S0253", name: "empty-override", severity: Severity::Warning, docs: DOCS, check: None };

const DOCS: &str = r#"A component in an environment or tenant holds what differs there. One that holds nothing changes nothing; often a
block was forgotten.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
    environment "prod" {
        component "web"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
    environment "prod" {
        component "web" { replicas 2; }
    }
}
```
"#;

/// `over` holds nothing.
pub fn found(over: &Node) -> Diagnostic {
    let name = over.identity().unwrap_or_default();
    let message = format!("the override of component `{name}` is empty");
    Diagnostic::new(&RULE, message, over.span, "changes nothing")
        .hint("write what differs here, or leave it out: every environment has every component")
}
