//! A window that closes when it opens.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `cron-without-length`
pub static RULE: Rule = Rule {
    code: "S0350",
    name: "cron-without-length",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Both ends fire in the same second, and which of them comes last is left to chance.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=400 {
            cron "double-11" from="0 50 23 10 11 *" until="0 50 23 10 11 *" time-zone="Asia/Shanghai" replicas=200
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
        scale min=4 max=400 {
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
    for (_, _, auto) in app.autoscaled() {
        for cron in auto.crons.iter().filter(|cron| cron.closes_as_it_opens()) {
            let message = format!("window `{}` closes when it opens", cron.name.value);
            let diagnostic = Diagnostic::new(&RULE, message, cron.until.span, "closes here")
                .also(cron.from.span, "opens here")
                .hint("let it close later");
            diagnostics.push(diagnostic);
        }
    }
}
