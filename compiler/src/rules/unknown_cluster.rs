//! A cluster that the platform does not declare.

use crate::app::Cluster;
use crate::diag::{Diagnostic, Rule, Severity};
use crate::resolve::form::nearest;
use crate::source::Span;

/// `unknown-cluster`
pub static RULE: Rule =
    Rule { code: "S0211", name: "unknown-cluster", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"An environment of the platform runs on clusters of the same platform.

## Wrong
```kdl
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="d-2"
}
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
}
```

## Right
```kdl
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
}
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
}
```
"#;

/// `name` is not one of the platform's clusters.
pub fn found(name: &str, span: Span, clusters: &[Cluster]) -> Diagnostic {
    let known: Vec<&str> = clusters.iter().map(|cluster| cluster.name.value.as_str()).collect();
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "declare the cluster first".to_owned(),
        None => format!("the platform has: {}", known.join(", ")),
    };
    Diagnostic::new(&RULE, format!("there is no cluster `{name}`"), span, "not declared").hint(hint)
}
