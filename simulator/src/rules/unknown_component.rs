//! A scenario that names a component which the cell does not have.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::resolve::form::nearest;
use compiler::source::Span;

/// `scenario-unknown-component`
pub static RULE: Rule = Rule {
    code: "S0403",
    name: "scenario-unknown-component",
    severity: Severity::Error,
    docs: DOCS,
    check: None,
};

const DOCS: &str = r#"Traffic, services, clients and releases belong to components of the cell.

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
    client "shoppers" of="wbe" timeout="2s"
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

/// `name` is not one of `known`.
pub fn found(name: &str, span: Span, known: &[&str]) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(&RULE, format!("there is no component `{name}`"), span, "not in this cell");
    match nearest(name, known.iter().copied()) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic.hint(format!("the cell has: {}", known.join(", "))),
    }
}
