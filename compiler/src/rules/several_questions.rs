//! A probe that asks in two ways.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `several-questions`
pub static RULE: Rule =
    Rule { code: "S0222", name: "several-questions", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A probe asks one thing: an HTTP path, the gRPC health service, or a command. Kubernetes takes no probe with two.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        liveness http="/healthz" {
            command "true"
        }
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
        liveness http="/healthz"
    }
}
```
"#;

/// `probe` asks as `first` says and as `second` says.
pub fn found(probe: &Node, first: &Node, second: &Node) -> Diagnostic {
    let message = format!("`{}` asks by `{}` and by `{}`", probe.name, first.name, second.name);
    Diagnostic::new(&RULE, message, second.span, "asks again")
        .also(first.span, "asks already")
        .hint("remove one of them; an override takes the whole probe away with `remove`")
}
