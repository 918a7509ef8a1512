//! A service whose requests take no time.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `service-without-time`
pub static RULE: Rule =
    Rule { code: "S0437", name: "service-without-time", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A request that needs neither CPU nor a wait nor a call of others is answered at once, however many there are: there would be
nothing to simulate. A service that only calls others may take no time itself.

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
        cpu "0ms"
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
        cpu "0ms"
        wait "exponential" mean="20ms"
    }
}
```
"#;

/// The requests of `component` take no time.
pub fn found(component: &str, span: Span) -> Diagnostic {
    let message = format!("a request takes component `{component}` no time");
    Diagnostic::new(&RULE, message, span, "so one pod serves any traffic")
        .hint("write what a request costs, such as `cpu \"5ms\"` or `wait \"exponential\" mean=\"20ms\"`")
}
