//! A scenario about a cell that the application does not have.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `unknown-cell`
pub static RULE: Rule =
    Rule { code: "S0402", name: "unknown-cell", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Application, environment, tenant and cluster of a scenario name one cell of the application. The cluster may be left
out where the environment has one only.

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
    environment "prd"
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

/// `asked` is not one of `known`, or is several of them.
pub fn found(asked: &str, span: Span, known: &[String], matches: usize) -> Diagnostic {
    let is = if matches == 0 { "no cell" } else { "more than one cell" };
    let hint = if matches == 0 { "the application has" } else { "add `tenant` or `cluster`" };
    Diagnostic::new(&RULE, format!("{asked} is {is} of the application"), span, "named here")
        .hint(format!("{hint}: {}", known.join(", ")))
}
