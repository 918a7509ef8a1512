//! Two applications or two platforms in one spec.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `duplicate-document`
pub static RULE: Rule =
    Rule { code: "S0213", name: "duplicate-document", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"One folder holds one application on one platform; scenarios may be as many as you like.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
}
app "shop-2" { component "web" { image "registry.example.com/web:1"; resources cpu="1" memory="1Gi"; }; }
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
}
```
"#;

/// `node` is a second document of its kind.
pub fn found(node: &Node, first: &Node) -> Diagnostic {
    Diagnostic::new(&RULE, format!("there is a second `{}` document", node.name), node.span, "the second")
        .also(first.span, "the first")
        .hint("give each its own folder")
}
