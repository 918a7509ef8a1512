//! Something that one override removes and sets.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `removed-and-set`
pub static RULE: Rule =
    Rule { code: "S0251", name: "removed-and-set", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"An override says what differs. One that takes a thing away and sets it in the same breath leaves open which of the two
is meant.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        env "DEBUG" "1"
    }
    environment "prod" {
        component "web" {
            remove "env" "DEBUG"
            env "DEBUG" "0"
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
        env "DEBUG" "1"
    }
    environment "prod" {
        component "web" { env "DEBUG" "0"; }
    }
}
```
"#;

/// `order` takes away what `set` sets.
pub fn found(order: &Node, set: &Node) -> Diagnostic {
    let name = set.identity().map(|name| format!(" `{name}`")).unwrap_or_default();
    let message = format!("{}{name} is removed and set in one override", set.name);
    Diagnostic::new(&RULE, message, order.span, "removed here")
        .also(set.span, "set here")
        .hint("keep one of the two: what is set replaces what was there, without a `remove`")
}
