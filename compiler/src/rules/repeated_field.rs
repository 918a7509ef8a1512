//! A field that stands twice in one place.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `repeated-field`
pub static RULE: Rule =
    Rule { code: "S0206", name: "repeated-field", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A field has one value. Which of two is meant cannot be guessed.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2
        replicas 3
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

/// `node` repeats `first`.
pub fn found(node: &Node, first: &Node) -> Diagnostic {
    let message = format!("`{}` stands here twice", node.name);
    Diagnostic::new(&RULE, message, node.span, "written again here")
        .also(first.span, "first written here")
        .hint("keep one of them")
}
