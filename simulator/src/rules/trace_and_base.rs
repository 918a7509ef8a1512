//! Traffic that is both recorded and written.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `trace-and-base`
pub static RULE: Rule =
    Rule { code: "S0435", name: "trace-and-base", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A trace stands for `base` and its `step`s. Spikes, the shape of a day, weekdays and bursts multiply it as they multiply a
base.

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
        base per-second=100
        trace "traffic.csv"
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
        trace "traffic.csv" scale=1.5
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
"#;

/// `other` stands beside a trace.
pub fn found(other: &str, span: Span, trace: Span) -> Diagnostic {
    Diagnostic::new(&RULE, format!("`{other}` stands beside a trace"), span, "a second rate")
        .also(trace, "the rate is in this file")
        .hint("keep one of the two; `scale` multiplies the rates of a trace")
}
