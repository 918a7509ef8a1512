//! Names that together are too long for Kubernetes.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `name-too-long`
pub static RULE: Rule =
    Rule { code: "S0310", name: "name-too-long", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"A cell's namespace is `<app>-<environment>[-<tenant>]`, and a namespace has at most 63 characters.

## Wrong
```kdl
app "the-application-with-a-very-long-name-1" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
    environment "prod" {
        tenant "the-tenant-with-a-very-long-name"
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
    environment "prod" {
        tenant "the-tenant-with-a-very-long-name"
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for cell in app.cells.iter().filter(|cell| cell.namespace.len() > 63) {
        let message = format!("the namespace `{}` has {} characters", cell.namespace, cell.namespace.len());
        let diagnostic = Diagnostic::new(&RULE, message, cell.span, "63 at most");
        diagnostics
            .push(diagnostic.hint("shorten the name of the application, the environment or the tenant"));
    }
}
