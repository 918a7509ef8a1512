//! A field that no default can give.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `missing-field`
pub static RULE: Rule =
    Rule { code: "S0205", name: "missing-field", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Some things only the author knows: the image, what a pod requests, how far a component may scale.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2
    }
}
```
"#;

/// `node` lacks the field `key`.
pub fn found(node: &Node, key: &str, example: &str) -> Diagnostic {
    let name = node.identity().map(|name| format!(" `{name}`")).unwrap_or_default();
    let message = format!("{}{name} has no `{key}`", node.name);
    Diagnostic::new(&RULE, message, node.span, format!("`{key}` is missing"))
        .hint(format!("add `{key} {example}`"))
}
