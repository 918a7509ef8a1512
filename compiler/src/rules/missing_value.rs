//! A node without the value that must follow its name.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;
use crate::resolve::schema::Argument;

/// `missing-value`
pub static RULE: Rule =
    Rule { code: "S0203", name: "missing-value", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Identity is the first value of a node: `component "api"`. Fields are one value: `image "registry.example.com/api:1"`.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
    }
}
```
"#;

/// `node` lacks `argument`.
pub fn found(node: &Node, argument: &Argument) -> Diagnostic {
    let message = format!("`{}` lacks its {}", node.name, argument.name);
    Diagnostic::new(&RULE, message, node.name_span, format!("{} must follow", argument.form.describe()))
        .hint(format!("write `{} {}`", node.name, argument.form.example()))
}
