//! A day without a peak above its low, or bursts that take hardly any time.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `impossible-traffic`
pub static RULE: Rule =
    Rule { code: "S0436", name: "impossible-traffic", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"The peak of a day is at another time than its low, and not below it. Bursts, and the times between them, last a
millisecond or more on average.

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
        daily peak="20:30" low="04:30" ratio=0.5
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
        daily peak="20:30" low="04:30" ratio=2
    }
    service "web" {
        cpu "5ms"
    }
}
```
"#;

/// The peak and the low of a day do not fit.
pub fn peak(why: &str, span: Span) -> Diagnostic {
    Diagnostic::new(&RULE, format!("the day has no peak above its low: {why}"), span, "this shape")
        .hint("name two times, and how many times as many requests arrive at the peak")
}

/// Bursts or the times between them are too short to be simulated.
pub fn bursts(span: Span) -> Diagnostic {
    Diagnostic::new(
        &RULE,
        "bursts last longer than nothing, and so do the times between them",
        span,
        "no time",
    )
    .hint("give `mean-on` and `mean-off` some length; without bursts leave the line out")
}
