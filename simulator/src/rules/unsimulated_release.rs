//! A release whose mechanism the simulator does not have.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `unsimulated-release`
pub static RULE: Rule =
    Rule { code: "S0409", name: "unsimulated-release", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Members of a stateful component and pods of a daemon are simulated as they are when the run begins. How a partition falls,
or how a daemon goes from node to node, is not, so that a scenario can only release stateless components.

## Wrong
```kdl
app "shop" {
    component "web" kind="stateful" {
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
    release "web" at="2026-11-11T00:05:00+08:00" image="registry.example.com/web:2"
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
    release "web" at="2026-11-11T00:05:00+08:00" image="registry.example.com/web:2"
}
```
"#;

/// `component` is released, and is none of those that can be.
pub fn found(component: &str, span: Span, kind: Span) -> Diagnostic {
    let message = format!("the release of component `{component}` cannot be simulated");
    Diagnostic::new(&RULE, message, span, "released here")
        .also(kind, "not stateless")
        .hint("take the release out of the scenario")
}
