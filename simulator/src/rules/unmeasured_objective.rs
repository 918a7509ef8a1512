//! An objective about requests of a run that has none.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `unmeasured-objective`
pub static RULE: Rule =
    Rule { code: "S0440", name: "unmeasured-objective", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"The share of answered requests and their latency are measured on requests from outside. Where none arrive, because every rate is
0 over the whole run, there is nothing to compare with the bound.

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
        base per-second=0
    }
    service "web" {
        cpu "5ms"
    }
    objective success=">=99.9%"
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
        base per-second=0
        step at="2026-11-11T00:05:00+08:00" per-second=100
    }
    service "web" {
        cpu "5ms"
    }
    objective success=">=99.9%"
}
```
"#;

/// Nothing arrives that `objective` could be measured on.
pub fn found(objective: &str, span: Span) -> Diagnostic {
    let message = format!("no request arrives in the run, so nothing measures `{objective}`");
    Diagnostic::new(&RULE, message, span, "a bound on requests")
        .hint("give the traffic a rate above 0 at some time, or leave the objective out")
}
