//! Two components of one name.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `duplicate-component`
pub static RULE: Rule =
    Rule { code: "S0208", name: "duplicate-component", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A component's name is its identity: it names the Service, the Deployments and the release. What differs in an
environment goes into `environment "…" { component "…" { … } }`.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
    component "web" {
        image "registry.example.com/web:2"
        resources cpu="500m" memory="512Mi"
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
    component "web-2" {
        image "registry.example.com/web:2"
        resources cpu="500m" memory="512Mi"
    }
}
```
"#;

/// `node` is a component called like `first`.
pub fn found(name: &str, node: &Node, first: &Node) -> Diagnostic {
    let message = format!("component `{name}` is declared twice");
    Diagnostic::new(&RULE, message, node.span, "declared again here")
        .also(first.span, "first declared here")
        .hint("rename one of them; what differs in an environment belongs into `environment`")
}
