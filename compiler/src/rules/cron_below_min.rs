//! A window that asks for no more pods than there are without it.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `cron-below-min`
pub static RULE: Rule =
    Rule { code: "S0351", name: "cron-below-min", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"A window raises the lower bound. One at or below `min` does nothing; cronhpa would even lower the bound for its time. An
override of `min` in an environment can overtake a window.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=200 max=400 {
            cron "double-11" from="0 50 23 10 11 *" until="0 0 2 11 11 *" time-zone="Asia/Shanghai" replicas=200
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "cronhpa" time-zone="Asia/Shanghai"
    }
    environment "prod" cluster="c"
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=100 max=400 {
            cron "double-11" from="0 50 23 10 11 *" until="0 0 2 11 11 *" time-zone="Asia/Shanghai" replicas=200
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "cronhpa" time-zone="Asia/Shanghai"
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, component, auto) in app.autoscaled() {
        for cron in auto.crons.iter().filter(|cron| cron.replicas.value <= auto.min.value) {
            let (name, window) = (&component.name.value, &cron.name.value);
            let message = format!(
                "window `{window}` wants {} pods, and component `{name}` has at least {} anyway",
                cron.replicas.value, auto.min.value
            );
            let hint = format!(
                "raise `replicas`, or write `scale {{ remove \"cron\" \"{window}\"; }}` for it in `environment \"{}\"`",
                cell.environment
            );
            let diagnostic = Diagnostic::new(&RULE, message, cron.replicas.span, "what the window wants")
                .also(auto.min.span, "the lower bound");
            diagnostics.push(diagnostic.hint(hint));
        }
    }
}
