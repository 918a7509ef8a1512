//! A value where none is taken.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::{Node, Value};
use crate::resolve::schema::NodeType;

/// `unexpected-value`
pub static RULE: Rule =
    Rule { code: "S0204", name: "unexpected-value", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"What a node takes after its name is fixed; everything else is a property or a child.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2 3
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

/// `value` stands after everything that `node` takes.
pub fn found(node: &Node, value: &Value, node_type: &NodeType) -> Diagnostic {
    let message = match node_type.arguments.len() {
        0 => format!("`{}` takes no value", node.name),
        1 => format!("`{}` takes one value", node.name),
        count => format!("`{}` takes {count} values", node.name),
    };
    let fields: Vec<&str> = node_type.children.iter().map(|child| child.name).collect();
    let hint = match fields.as_slice() {
        [] => "leave it out".to_owned(),
        fields => format!("leave it out, or name what it is: {}", fields.join(", ")),
    };
    Diagnostic::new(&RULE, message, value.span, "one too many").hint(hint)
}
