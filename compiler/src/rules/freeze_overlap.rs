//! Two freezes of one environment that overlap.

use crate::app::{App, Freeze};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `freeze-overlap`
pub static RULE: Rule = Rule {
    code: "S0379",
    name: "freeze-overlap",
    severity: Severity::Warning,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Where two freezes overlap, the one that blocks decides. That is rarely what both authors think, and the one with the
later end is easily forgotten.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c" {
        freeze "warm-up" from="2026-11-01T00:00:00+08:00" to="2026-11-11T00:00:00+08:00" mode="warn"
        freeze "double-11" from="2026-11-10T20:00:00+08:00" to="2026-11-11T03:00:00+08:00"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c" {
        freeze "warm-up" from="2026-11-01T00:00:00+08:00" to="2026-11-10T20:00:00+08:00" mode="warn"
        freeze "double-11" from="2026-11-10T20:00:00+08:00" to="2026-11-11T03:00:00+08:00"
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for environment in app.platform.iter().flat_map(|platform| &platform.environments) {
        for (index, freeze) in environment.freezes.iter().enumerate() {
            let earlier = &environment.freezes[..index];
            let meets = |other: &&Freeze| other.from_ns < freeze.to_ns && freeze.from_ns < other.to_ns;
            if let Some(other) = earlier.iter().find(meets) {
                let (name, first) = (&freeze.name.value, &other.name.value);
                let message = format!("freezes `{first}` and `{name}` overlap");
                let diagnostic = Diagnostic::new(&RULE, message, freeze.span, "overlaps")
                    .also(other.span, "with this one")
                    .hint("let one end where the other begins, or make one of both");
                diagnostics.push(diagnostic);
            }
        }
    }
}
