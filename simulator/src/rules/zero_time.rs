//! A timeout, a lifetime or a cache of no time.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `zero-time`
pub static RULE: Rule =
    Rule { code: "S0438", name: "zero-time", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A timeout of no time would end every attempt when it begins, a connection or an answer of no age would never be used again.
Where there is to be none, the field is left out.

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
    client "shoppers" of="web" timeout="0s"
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
    client "shoppers" of="web" timeout="2s"
}
```
"#;

/// The time that `field` names is none.
pub fn found(field: &str, span: Span) -> Diagnostic {
    Diagnostic::new(&RULE, format!("`{field}` is no time at all"), span, "no time")
        .hint(format!("write how long it is, or leave `{field}` out"))
}
