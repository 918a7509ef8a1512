//! A trace that says nothing of the beginning of the run.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `trace-outside-run`
pub static RULE: Rule =
    Rule { code: "S0434", name: "trace-outside-run", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"The run begins at the first row of a trace, or at the time in the file that `from` names. There must be a row for it.

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
    duration "10m"
    traffic "web" {
        trace "traffic.csv" from="2025-11-11T00:00:00+08:00"
    }
    service "web" {
        cpu "5ms"
    }
}
```
```csv
time,requests
2026-11-11T00:00:00+08:00,6000
2026-11-11T00:05:00+08:00,30000
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
        trace "traffic.csv" from="2026-11-11T00:02:00+08:00"
    }
    service "web" {
        cpu "5ms"
    }
}
```
```csv
time,requests
2026-11-11T00:00:00+08:00,6000
2026-11-11T00:05:00+08:00,30000
2026-11-11T00:10:00+08:00,30000
```
"#;

/// The run begins where the file has no row.
pub fn found(span: Span) -> Diagnostic {
    Diagnostic::new(&RULE, "the trace has no row for the beginning of the run", span, "no row at this time")
        .hint("name a time of the file with `from`; without it the run begins at the first row")
}
