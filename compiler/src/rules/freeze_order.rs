//! A freeze that ends before it begins.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `freeze-order`
pub static RULE: Rule =
    Rule { code: "S0378", name: "freeze-order", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"A freeze lasts from the moment `from` until just before the moment `to`. One that ends first freezes nothing, and the
sale it was meant for is open to releases.

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
        freeze "double-11" from="2026-11-11T03:00:00+08:00" to="2026-11-10T20:00:00+08:00"
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
        freeze "double-11" from="2026-11-10T20:00:00+08:00" to="2026-11-11T03:00:00+08:00"
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let environments = app.platform.iter().flat_map(|platform| &platform.environments);
    for freeze in environments.flat_map(|environment| &environment.freezes) {
        if freeze.to_ns <= freeze.from_ns {
            let message = format!("freeze `{}` ends before it begins", freeze.name.value);
            let diagnostic = Diagnostic::new(&RULE, message, freeze.to.span, "the end")
                .also(freeze.from.span, "the beginning")
                .hint("turn the two round, or look at the year and the offset");
            diagnostics.push(diagnostic);
        }
    }
}
