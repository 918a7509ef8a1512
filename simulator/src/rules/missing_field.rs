//! A scenario without something that only its author knows.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::document::Node;

/// `scenario-missing-field`
pub static RULE: Rule = Rule {
    code: "S0401",
    name: "scenario-missing-field",
    severity: Severity::Error,
    docs: DOCS,
    check: None,
};

const DOCS: &str = r#"Which application and environment, how long, which traffic: no default can stand in for it.

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

/// `node` lacks the field `key`.
pub fn found(node: &Node, key: &str, example: &str) -> Diagnostic {
    let name = node.identity().map(|name| format!(" `{name}`")).unwrap_or_default();
    let message = format!("{}{name} has no `{key}`", node.name);
    Diagnostic::new(&RULE, message, node.span, format!("`{key}` is missing"))
        .hint(format!("add `{key} {example}`"))
}
