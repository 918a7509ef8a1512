//! A time that no distribution of that name has.

use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `impossible-time`
pub static RULE: Rule =
    Rule { code: "S0406", name: "impossible-time", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A time that is drawn has a distribution with its mean. A lognormal one needs a 99th percentile as well, above the mean
and below about 15 times of it, and a hyperexponential one the square of its coefficient of variation, at least 1: they fix
its shape. A time that is always the same is written alone. A warm-up has a factor of at least 1.

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
        wait "lognormal" mean="6ms" p99="3ms"
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
        cpu "exponential" mean="5ms"
        wait "lognormal" mean="6ms" p99="70ms"
    }
}
```
"#;

/// Why a time cannot be.
pub fn found(name: &str, why: &str, span: Span) -> Diagnostic {
    Diagnostic::new(&RULE, format!("`{name}` cannot be drawn: {why}"), span, "of this time").hint(format!(
        "write `{name} \"6ms\"`, `{name} \"exponential\" mean=\"6ms\"`, \
         `{name} \"hyperexponential\" mean=\"6ms\" cv2=4` or `{name} \"lognormal\" mean=\"6ms\" p99=\"70ms\"`"
    ))
}

/// A container would be faster at first than later.
pub fn warm_up(span: Span) -> Diagnostic {
    Diagnostic::new(&RULE, "a container that warms up is not faster at first", span, "`times` is below 1")
        .hint("say how many times as much CPU time a request needs at first, such as `times=3`")
}
