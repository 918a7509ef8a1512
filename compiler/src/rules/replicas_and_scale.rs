//! A component with a fixed count and an autoscaler.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `replicas-and-scale`
pub static RULE: Rule =
    Rule { code: "S0215", name: "replicas-and-scale", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Either the count is fixed, or an autoscaler decides; two that write one number would fight.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2
        scale max=10
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=2 max=10
    }
}
```
"#;

/// A component has both.
pub fn found(replicas: &Node, scale: &Node) -> Diagnostic {
    Diagnostic::new(&RULE, "a component has `replicas` or `scale`, not both", replicas.span, "a fixed count")
        .also(scale.span, "an autoscaler")
        .hint("remove one; the autoscaler's lower bound is `min`")
}
