//! A row of a trace that is no rate at a later time than the row above.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `trace-row`
pub static RULE: Rule =
    Rule { code: "S0432", name: "trace-row", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Each row of a trace has a time later than that of the row above, and a finite number that is not negative. Of each kind
of mistake the first row is shown, and the others are counted; rows behind the end of the run are not looked at.

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
time,requests
2026-11-11T00:00:00+08:00,6000
2026-11-11T00:05:00+08:00,-1
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

/// What is wrong with a row, and with how many more, at least if the rest was not read.
pub fn found(what: &str, hint: &str, span: Span, (more, at_least): (u64, bool)) -> Diagnostic {
    let rows = if more == 1 { "row" } else { "rows" };
    let others = match (more, at_least) {
        (0, _) => String::new(),
        (more, false) => format!("; so it is in {more} more {rows}"),
        (more, true) => format!("; so it is in at least {more} more {rows}, and the rest was not read"),
    };
    Diagnostic::new(&RULE, format!("{what}{others}"), span, "in this row").hint(hint)
}
