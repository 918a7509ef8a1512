//! An objective that no run can miss or none can meet.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `impossible-objective`
pub static RULE: Rule =
    Rule { code: "S0439", name: "impossible-objective", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Every answer takes some time, and of all requests at least none and at most all are answered: a bound there says nothing.

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
    }
    service "web" {
        cpu "5ms"
    }
    objective p99="<=0ms"
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
    objective p99="<=200ms"
}
```
"#;

/// Whatever comes of the run, `objective` is always met, or never.
pub fn found(objective: &str, is_met: bool, span: Span) -> Diagnostic {
    let (message, label) = if is_met {
        (format!("every run meets the objective `{objective}`"), "whatever comes of it")
    } else {
        (format!("no run meets the objective `{objective}`"), "every answer takes some time")
    };
    Diagnostic::new(&RULE, message, span, label)
        .hint("write a bound that a run may keep or miss, such as `success=\">=99.9%\"` or `p99=\"<=200ms\"`")
}
