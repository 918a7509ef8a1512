//! A trace whose first line does not say what its columns are.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `trace-header`
pub static RULE: Rule =
    Rule { code: "S0431", name: "trace-header", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A trace is a UTF-8 file of comma-separated values whose first line names two columns. The first is `time` (such as
`2026-11-10T22:00:00+08:00`, UTC where it has no offset) or `seconds` (since the beginning of the run). The second is
`per-second`, `per-minute`, `per-hour`, `requests` (from this row to the next) or `value`, whose unit is what the
scenario says: `trace "traffic.csv" unit="requests"`. Capital letters and `_` for `-` are fine.

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
        trace "traffic.csv"
    }
    service "web" {
        cpu "5ms"
    }
}
```
```csv
time,rps
2026-11-11T00:00:00+08:00,20
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
        trace "traffic.csv" unit="requests"
    }
    service "web" {
        cpu "5ms"
    }
}
```
```csv
time,value
2026-11-11T00:00:00+08:00,6000
2026-11-11T00:05:00+08:00,30000
```
"#;

/// The first line of a file is not such a line, or nothing follows it.
pub fn found(why: &str, span: Span, trace: Span) -> Diagnostic {
    Diagnostic::new(&RULE, format!("the trace has no header and rows that can be read: {why}"), span, "here")
        .also(trace, "the trace that is read")
        .hint("begin the file with a line such as `time,per-second`, `seconds,per-minute` or `time,requests`; of a column `value` the scenario says the `unit`")
}
