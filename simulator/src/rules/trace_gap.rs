//! A trace in which rows are missing.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

use crate::mechanism::seconds;

/// `trace-gap`
pub static RULE: Rule =
    Rule { code: "S0433", name: "trace-gap", severity: Severity::Warning, docs: DOCS, check: None };

const DOCS: &str = r#"The rows of a trace are as far from each other as the first two. Where one comes more than half as much later, rows seem
to be missing, and where the file ends before the run does they are: the last rate holds until the next row, or to the
end.

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
time,per-minute
2026-11-11T00:00:00+08:00,1200
2026-11-11T00:01:00+08:00,1300
2026-11-11T00:09:00+08:00,6000
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

/// Rows before this one are missing, and before more others.
pub fn found(time: &str, span: Span, more: u64) -> Diagnostic {
    let others = match more {
        0 => String::new(),
        1 => "; there is 1 more gap".to_owned(),
        more => format!("; there are {more} more gaps"),
    };
    let what =
        format!("rows are missing before `{time}`, and the rate of the row above holds until then{others}");
    Diagnostic::new(&RULE, what, span, "after a gap").hint("add the rows, with 0 where nothing arrived")
}

/// The file ends so long before the run.
pub fn short(short_ns: i64, trace: Span) -> Diagnostic {
    let short = seconds(short_ns.unsigned_abs());
    let what = format!("the trace ends {short} before the run does, and its last rate holds to the end");
    Diagnostic::new(&RULE, what, trace, "too short").hint("make the run shorter, or add rows")
}
