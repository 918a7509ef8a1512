//! A `remove` where there is nothing to override.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `remove-outside-override`
pub static RULE: Rule = Rule {
    code: "S0217",
    name: "remove-outside-override",
    severity: Severity::Error,
    docs: DOCS,
    check: None,
};

const DOCS: &str = r#"`remove` undoes something for one environment or tenant. In the component itself the thing can simply be left out.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        env "DEBUG" "1"
        remove "env" "DEBUG"
    }
}
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

/// `order` stands in the component's own declaration.
pub fn found(order: &Node) -> Diagnostic {
    Diagnostic::new(&RULE, "`remove` stands outside an override", order.span, "nothing is overridden here")
        .hint("write it in `environment \"…\" { component \"…\" { … } }`, or leave out what it removes")
}
