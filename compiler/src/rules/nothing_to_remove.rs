//! A `remove` that finds nothing.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::{Node, Value};
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
    let known: Vec<&str> =
        node.children_named(kind).flat_map(|child| &child.values).filter_map(Value::as_text).collect();
    let owner =
        node.identity().map_or_else(|| format!("`{}`", node.name), |name| format!("{} `{name}`", node.name));
    diagnostic(order, &owner, &known)
}

/// `order` names no component that there is below `layer`.
pub fn component(order: &Node, layer: &Node, known: &[&str]) -> Diagnostic {
    let owner = layer
        .identity()
        .map_or_else(|| format!("`{}`", layer.name), |name| format!("{} `{name}`", layer.name));
    diagnostic(order, &owner, known)
}

fn diagnostic(order: &Node, owner: &str, known: &[&str]) -> Diagnostic {
    let kind = order.identity().unwrap_or_default();
    let wanted = order.values.get(1).and_then(|value| value.as_text());
    let what = wanted.map_or_else(|| format!("`{kind}`"), |name| format!("{kind} `{name}`"));
    let hint = match wanted.and_then(|name| nearest(name, known.iter().copied())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "leave the `remove` out, or correct the name".to_owned(),
    };
    let message = format!("{owner} has no {what} to remove");
    Diagnostic::new(&RULE, message, order.span, "removes nothing").hint(hint)
}
