//! Traffic or calls to a component of which the scenario does not say how it serves.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `traffic-without-service`
pub static RULE: Rule = Rule {
    code: "S0404",
    name: "traffic-without-service",
    severity: Severity::Error,
    docs: DOCS,
    check: None,
};

const DOCS: &str = r#"Without a service model nobody knows what a request costs, so nothing about it could be simulated.

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

/// Nothing says how `component` serves `what`: its traffic, or a call.
pub fn found(component: &str, what: &str, span: Span) -> Diagnostic {
    let asked = if what == "call" { "what calls it" } else { "its traffic" };
    let message = format!("nothing says how component `{component}` serves {asked}");
    Diagnostic::new(&RULE, message, span, format!("this {what} has no `service`"))
        .hint(format!("add `service \"{component}\" {{ cpu \"5ms\"; }}` with what a request costs"))
}
