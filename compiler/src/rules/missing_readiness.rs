//! A component that takes traffic without saying when it is ready.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `missing-readiness`
pub static RULE: Rule = Rule {
    code: "S0308",
    name: "missing-readiness",
    severity: Severity::Warning,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Without a readiness probe a pod takes traffic as soon as its process runs. A release would then count pods as up that
cannot answer yet, and a spike would lose the requests they were sent.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        expose "cluster"
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
        readiness http="/healthz"
        expose "cluster"
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        if let (Some(expose), None) = (&component.expose, &component.main.readiness) {
            let message =
                format!("component `{}` takes traffic without a readiness probe", component.name.value);
            let diagnostic = Diagnostic::new(&RULE, message, expose.scope.span, "takes traffic");
            diagnostics.push(
                diagnostic
                    .hint("add `readiness http=\"/healthz\"` with a path that answers once it can serve"),
            );
        }
    }
}
