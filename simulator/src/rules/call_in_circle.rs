//! A component that calls itself, over others or at once.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `call-in-circle`
pub static RULE: Rule =
    Rule { code: "S0410", name: "call-in-circle", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Each request of such a component would make another one of it, and no request would ever end.

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
    component "stock" {
        image "registry.example.com/stock:1"
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
        calls "stock" timeout="500ms"
    }
    service "stock" {
        cpu "1ms"
        calls "web" timeout="500ms"
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
    component "stock" {
        image "registry.example.com/stock:1"
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
        calls "stock" timeout="500ms"
    }
    service "stock" {
        cpu "1ms"
    }
}
```
"#;

/// A call of `from` leads back to it over `way`, which ends with `from`.
pub fn found(from: &str, way: &[&str], span: Span) -> Diagnostic {
    let names: Vec<String> = way.iter().map(|name| format!("`{name}`")).collect();
    let message = format!("component `{from}` calls itself: `{from}` calls {}", names.join(", which calls "));
    Diagnostic::new(&RULE, message, span, "this call closes the circle")
        .hint("leave out the call that a request does not make, or split the component")
}
