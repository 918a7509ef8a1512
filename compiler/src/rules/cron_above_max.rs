//! A window that wants more pods than the autoscaler may have.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `cron-above-max`
pub static RULE: Rule =
    Rule { code: "S0340", name: "cron-above-max", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"The upper bound holds in a window too. cronhpa would raise it to the target and never lower it again, so that the component
could grow that far for the rest of the year; the API server refuses a CronJob's lower bound above the upper one.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=100 {
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
    for (_, component, auto) in app.autoscaled() {
        for cron in auto.crons.iter().filter(|cron| cron.replicas.value > auto.max.value) {
            let (name, window) = (&component.name.value, &cron.name.value);
            let (want, max) = (cron.replicas.value, auto.max.value);
            let message =
                format!("window `{window}` wants {want} pods, and component `{name}` has at most {max}");
            let diagnostic = Diagnostic::new(&RULE, message, cron.replicas.span, "what the window wants")
                .also(auto.max.span, "the upper bound")
                .hint(format!("write `max={want}` or lower `replicas`"));
            diagnostics.push(diagnostic);
        }
    }
}
