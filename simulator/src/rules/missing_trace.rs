//! A trace whose file cannot be read.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::document::Value;

/// `missing-trace`
pub static RULE: Rule =
    Rule { code: "S0430", name: "missing-trace", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"`trace "…"` names a file below the folder of the spec. It may have any size: only the rows up to the end of the run are
read, one after the other.

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
        trace "no-such-file.csv"
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
        trace "traffic.csv"
    }
    service "web" {
        cpu "5ms"
    }
}
```
```csv
time,requests
2026-11-11T00:00:00+08:00,6000
2026-11-11T00:05:00+08:00,30000
```
"#;

/// The file was not handed in.
pub fn found(path: &Value) -> Diagnostic {
    let name = path.as_text().unwrap_or_default();
    Diagnostic::new(&RULE, format!("the trace `{name}` cannot be read"), path.span, "no file there")
        .hint("create it, or correct the path: it is below the folder of the spec")
}
