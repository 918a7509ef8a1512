//! A `remove` of a kind that can never be there.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;
use crate::resolve::form::nearest;
use crate::resolve::schema::NodeType;

/// `unknown-removal`
pub static RULE: Rule =
    Rule { code: "S0250", name: "unknown-removal", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"`remove` names the kind of what it takes away first: a node that the place it stands in may hold. In an environment or
tenant itself that is only `component`.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
    environment "prod" {
        component "web" { remove "envs" "DEBUG"; }
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
        component "web" { remove "env" "DEBUG"; }
    }
}
```
"#;

/// `order` stands in a node of type `parent`, which never has such a child.
pub fn found(order: &Node, parent: &NodeType) -> Diagnostic {
    let known: Vec<&str> = parent.removable().collect();
    let kind = order.identity().unwrap_or_default();
    let span = order.values.first().map_or(order.span, |value| value.span);
    let message = format!("there is no `{kind}` to remove in `{}`", parent.name);
    let diagnostic = Diagnostic::new(&RULE, message, span, "not known here");
    match nearest(kind, known.iter().copied()) {
        Some(name) => diagnostic.hint(format!("did you mean `{name}`?")),
        None => diagnostic.hint(format!("what can be removed here: {}", known.join(", "))),
    }
}
