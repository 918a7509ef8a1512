//! A release in a time in which releases are warned about.

use compiler::app::Freeze;
use compiler::diag::{Diagnostic, Rule, Severity};
use compiler::source::Span;

/// `release-in-soft-freeze`
pub static RULE: Rule = Rule {
    code: "S0421",
    name: "release-in-soft-freeze",
    severity: Severity::Warning,
    docs: DOCS,
    check: None,
};

const DOCS: &str = r#"A `freeze` with `mode="warn"` lets releases begin, and whoever begins one is told.

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
    environment "prod" cluster="one" {
        freeze "double-11" from="2026-11-10T20:00:00+08:00" to="2026-11-11T03:00:00+08:00" mode="warn"
    }
}
scenario "sale" {
    app "shop"
    environment "prod"
    from "2026-11-11T02:50:00+08:00"
    duration "1h"
    traffic "web" {
        base per-second=100
    }
    service "web" {
        cpu "5ms"
    }
    release "web" at="2026-11-11T02:55:00+08:00" image="registry.example.com/web:2"
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
    environment "prod" cluster="one" {
        freeze "double-11" from="2026-11-10T20:00:00+08:00" to="2026-11-11T03:00:00+08:00" mode="warn"
    }
}
scenario "sale" {
    app "shop"
    environment "prod"
    from "2026-11-11T02:50:00+08:00"
    duration "1h"
    traffic "web" {
        base per-second=100
    }
    service "web" {
        cpu "5ms"
    }
    release "web" at="2026-11-11T03:30:00+08:00" image="registry.example.com/web:2"
}
```
"#;

/// A release at the place lies in the window.
pub fn found(at: Span, freeze: &Freeze) -> Diagnostic {
    let (name, to) = (&freeze.name.value, &freeze.to.value);
    let message = format!("the release lies in the freeze `{name}`, which ends at {to}");
    Diagnostic::new(&RULE, message, at, "is warned about")
        .also(freeze.span, "the freeze")
        .hint("move the release out of the window, unless it cannot wait")
}
