//! A pause or a wait after the last batch.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `last-batch-halts`
pub static RULE: Rule =
    Rule { code: "S0237", name: "last-batch-halts", severity: Severity::Warning, docs: DOCS, check: None };

const DOCS: &str = r#"After the last batch no pod of the old revision is left, so there is nothing to wait for and nothing to go back to in an
instant. The halt belongs to the batch before.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        release {
            batch "30%"
            batch "100%" pause=#true
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
        release {
            batch "30%" pause=#true
            batch "100%"
        }
    }
}
```
"#;

/// The last batch has a `pause` or a `wait`.
pub fn found(batch: &Node, halt: &Node) -> Diagnostic {
    let message = format!("`{}` after the last batch does nothing", halt.name);
    let hint = format!("write `{}` at the batch before, or leave it out", halt.name);
    Diagnostic::new(&RULE, message, halt.span, "nothing is left to halt")
        .also(batch.name_span, "the last batch")
        .hint(hint)
}
