//! A count of something that nobody counts.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;
use crate::source::Span;

/// `uncountable-kind`
pub static RULE: Rule =
    Rule { code: "S0220", name: "uncountable-kind", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A daemon has one pod on each node, whatever the number of nodes is, so it takes neither `replicas` nor `scale`. The
members of a stateful component hold data: one more means to move data, which an autoscaler does not do, so it takes
`replicas` alone.

## Wrong
```kdl
app "shop" {
    component "web" {
        kind "daemon"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 3
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        kind "daemon"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
}
```
"#;

/// `node` counts the pods of `what`.
pub fn found(node: &Node, what: &str, kind: Span) -> Diagnostic {
    let message = format!("`{}` cannot count the pods of {what}", node.name);
    let hint = if node.name == "scale" && what.contains("stateful") {
        "write a fixed number: `replicas 3`".to_owned()
    } else {
        format!("remove `{}`: every node has one pod", node.name)
    };
    Diagnostic::new(&RULE, message, node.span, "a count").also(kind, format!("{what}, by this")).hint(hint)
}
