//! A wait that no distribution of that name has.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `impossible-wait`
pub static RULE: Rule =
    Rule { code: "S0406", name: "impossible-wait", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A lognormal wait needs a mean and a 99th percentile, the latter above the former and below about 15 times of it: the
two fix its shape. The others need a mean alone.

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
        wait "lognormal" mean="6ms" p99="3ms"
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
        wait "lognormal" mean="6ms" p99="70ms"
    }
}
```
"#;

/// Why the wait cannot be.
pub fn found(why: &str, span: Span) -> Diagnostic {
    Diagnostic::new(&RULE, format!("the wait cannot be drawn: {why}"), span, "of this wait")
        .hint("write `wait \"lognormal\" mean=\"6ms\" p99=\"70ms\"`, or `wait \"exponential\" mean=\"6ms\"`")
}
