//! Two windows of one component that are open at the same time.

use crate::app::{App, overlap};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `cron-overlap`
pub static RULE: Rule =
    Rule { code: "S0342", name: "cron-overlap", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"The end of a window brings the lower bound back to `min`, also while another one is open. Windows that touch are refused
too: which of the two comes last in that second is left to chance.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=400 {
            cron "double-11" from="0 50 23 10 11 *" until="0 0 2 11 11 *" time-zone="Asia/Shanghai" replicas=200
            cron "eve" from="0 0 22 10 11 *" until="0 0 0 11 11 *" time-zone="Asia/Shanghai" replicas=100
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
            cron "eve" from="0 0 22 10 11 *" until="0 45 23 10 11 *" time-zone="Asia/Shanghai" replicas=100
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
    for (_, component, auto) in app.autoscaled() {
        for (index, cron) in auto.crons.iter().enumerate() {
            for earlier in auto.crons[..index].iter().filter(|earlier| overlap(earlier, cron)) {
                let (name, one, other) = (&component.name.value, &earlier.name.value, &cron.name.value);
                let message =
                    format!("windows `{one}` and `{other}` of component `{name}` are open at the same time");
                let diagnostic = Diagnostic::new(&RULE, message, cron.name.span, "one window")
                    .also(earlier.name.span, "the other")
                    .hint("make one window of them, or leave a minute between them");
                diagnostics.push(diagnostic);
            }
        }
    }
}
