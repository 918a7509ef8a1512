//! A `remove` that finds nothing.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;
use crate::resolve::form::nearest;

/// `nothing-to-remove`
pub static RULE: Rule =
    Rule { code: "S0216", name: "nothing-to-remove", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"`remove` in an environment or tenant takes away what the component has, by kind and name. One that finds nothing is
usually a slip in the name, and what should be gone would stay.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        env "DEBUG" "1"
    }
    environment "prod" {
        component "web" { remove "env" "DEBGU"; }
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

/// `order` names nothing that `node` has.
pub fn found(order: &Node, node: &Node) -> Diagnostic {
    let kind = order.identity().unwrap_or_default();
    let wanted = order.values.get(1).and_then(|value| value.as_text());
    let what = wanted.map_or_else(|| format!("`{kind}`"), |name| format!("{kind} `{name}`"));
    let owner = node.identity().unwrap_or_default();
    let message = format!("component `{owner}` has no {what} to remove");
    let known: Vec<&str> = node.children_named(kind).filter_map(Node::identity).collect();
    let hint = match wanted.and_then(|name| nearest(name, known.iter().copied())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "leave the `remove` out, or correct the name".to_owned(),
    };
    Diagnostic::new(&RULE, message, order.span, "removes nothing").hint(hint)
}
