//! A limit that is lower than the request.

use crate::app::{App, Limit};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::Spanned;

/// `limit-below-request`
pub static RULE: Rule = Rule {
    code: "S0330",
    name: "limit-below-request",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A container is promised its request and stopped at its limit, so that a limit below the request is refused by Kubernetes.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="1Gi" memory-limit="512Mi"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi" memory-limit="1Gi"
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        for container in component.every_container() {
            let resources = &container.resources;
            below(resources.cpu_limit.as_ref(), resources.cpu_milli, &resources.cpu_text, diagnostics);
            below(
                resources.memory_limit.as_ref(),
                resources.memory_bytes,
                &resources.memory_text,
                diagnostics,
            );
        }
    }
}

fn below(limit: Option<&Limit>, request: Spanned<u64>, text: &str, diagnostics: &mut Diagnostics) {
    let Some(limit) = limit.filter(|limit| limit.amount.value < request.value) else { return };
    let message = format!("the limit of {} is below the request of {text}", limit.text);
    diagnostics.push(
        Diagnostic::new(&RULE, message, limit.amount.span, "the limit")
            .also(request.span, "the request")
            .hint("raise the limit, or lower the request"),
    );
}
