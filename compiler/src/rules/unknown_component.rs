//! A component that nobody declared.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;
use crate::resolve::form::nearest;
use crate::source::Span;

/// `unknown-component`
pub static RULE: Rule =
    Rule { code: "S0209", name: "unknown-component", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A dependency or an override names a component; the name must be one of the application's.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        depends-on "databse"
    }
    component "database" {
        image "registry.example.com/database:1"
        resources cpu="1" memory="1Gi"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        depends-on "database"
    }
    component "database" {
        image "registry.example.com/database:1"
        resources cpu="1" memory="1Gi"
    }
}
```
"#;

/// `name` is not one of `known`; `order` has removed it, if it was there.
pub fn found(name: &str, span: Span, known: &[&str], order: Option<&Node>) -> Diagnostic {
    let diagnostic = Diagnostic::new(&RULE, format!("there is no component `{name}`"), span, "not declared");
    if let Some(order) = order {
        let hint = format!("take the reference away too: `remove \"depends-on\" \"{name}\"`");
        return diagnostic.also(order.span, "removed here").hint(hint);
    }
    match nearest(name, known.iter().copied()) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic.hint(format!(
            "the application has: {}; one that only an environment or tenant has says its `kind` there",
            known.join(", ")
        )),
    }
}
