//! Two things of one kind with one name in one place.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `duplicate-name`
pub static RULE: Rule =
    Rule { code: "S0207", name: "duplicate-name", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Ports, variables, environments, clusters and pools are told apart by their names.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        port "http" 8081
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        port "admin" 8081
    }
}
```
"#;

/// `node` is called like `first`.
pub fn found(name: &str, node: &Node, first: &Node) -> Diagnostic {
    let message = format!("{} `{name}` is declared twice", node.name);
    Diagnostic::new(&RULE, message, node.span, "declared again here")
        .also(first.span, "first declared here")
        .hint("rename or remove one of them")
}
