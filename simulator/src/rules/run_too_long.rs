//! A run of no length, or of more than a month.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `run-too-long`
pub static RULE: Rule =
    Rule { code: "S0408", name: "run-too-long", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Every request is simulated; a run of more than 31 days would not end while somebody waits for it.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2
        port "http" 80
        readiness port="http"
        expose "cluster"
    }
    environment "prod"
}
platform "shop" {
    cluster "one" kubernetes="1.34" provider="kubernetes" {
        pool "general" cpu=4 memory="16Gi" nodes=2
    }
    environment "prod" cluster="one"
}
scenario "sale" {
    app "shop"
    environment "prod"
    from "2026-11-11T00:00:00+08:00"
    duration "40d"
    traffic "web" {
        base per-second=100
    }
    service "web" {
        cpu "5ms"
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
        port "http" 80
        readiness port="http"
        expose "cluster"
    }
    environment "prod"
}
platform "shop" {
    cluster "one" kubernetes="1.34" provider="kubernetes" {
        pool "general" cpu=4 memory="16Gi" nodes=2
    }
    environment "prod" cluster="one"
}
scenario "sale" {
    app "shop"
    environment "prod"
    from "2026-11-11T00:00:00+08:00"
    duration "10m"
    traffic "web" {
        base per-second=100
    }
    service "web" {
        cpu "5ms"
    }
}
```
"#;

/// The run is not between a nanosecond and a month.
pub fn found(span: Span) -> Diagnostic {
    Diagnostic::new(&RULE, "a run lasts more than nothing and at most 31 days", span, "this long")
        .hint("simulate the hours around the peak")
}
