//! Two clients of one component.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `second-client`
pub static RULE: Rule =
    Rule { code: "S0407", name: "second-client", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Traffic to a component comes from one kind of caller; the scenario would not say which request is whose.

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
    client "shoppers" of="web" timeout="2s"
    client "robots" of="web" timeout="1s"
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

/// `component` has a client at `first` already.
pub fn found(component: &str, span: Span, first: Span) -> Diagnostic {
    let message = format!("component `{component}` has two clients");
    Diagnostic::new(&RULE, message, span, "the second").also(first, "the first").hint("remove one of them")
}
