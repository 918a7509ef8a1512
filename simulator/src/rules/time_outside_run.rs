//! A spike or a release that the run does not reach.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `time-outside-run`
pub static RULE: Rule =
    Rule { code: "S0405", name: "time-outside-run", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A run lasts from `from` for `duration`; what is to happen before or after it never happens.

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
        spike at="2026-11-11T01:00:00+08:00" times=5 over="10s" hold="1m" fall="1m"
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
        spike at="2026-11-11T00:05:00+08:00" times=5 over="10s" hold="1m" fall="1m"
    }
    service "web" {
        cpu "5ms"
    }
}
```
"#;

/// `what` stands at a time outside the run.
pub fn found(what: &str, span: Span, run: Span) -> Diagnostic {
    Diagnostic::new(&RULE, format!("the {what} lies outside the run"), span, "never reached")
        .also(run, "the run begins here")
        .hint("move it into the run, or make the run longer")
}
