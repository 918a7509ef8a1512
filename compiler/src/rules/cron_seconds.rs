//! A second where Kubernetes only knows minutes.

use crate::app::{Addon, App, Field};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `cron-seconds`
pub static RULE: Rule =
    Rule { code: "S0343", name: "cron-seconds", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"Without cronhpa a CronJob opens and closes the window, and its schedules begin with the minute.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=400 {
            cron "double-11" from="30 50 23 10 11 *" until="0 0 2 11 11 *" time-zone="Asia/Shanghai" replicas=200
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
    kubectl image="registry.example.com/kubectl:1.34"
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
    }
    environment "prod" cluster="c"
    kubectl image="registry.example.com/kubectl:1.34"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, _, auto) in app.autoscaled() {
        let Some(cluster) = app.cluster(cell).filter(|c| c.installed(Addon::Cronhpa).is_none()) else {
            continue;
        };
        for schedule in auto.crons.iter().flat_map(|cron| [&cron.from, &cron.until]) {
            if schedule.value.values(Field::Second).eq([0]) {
                continue;
            }
            let message = format!("the schedule `{}` does not fire at a full minute", schedule.value);
            let diagnostic = Diagnostic::new(&RULE, message, schedule.span, "a second other than 0")
                .also(cluster.name.span, "without cronhpa here")
                .hint(format!("write `\"0 {}\"`", schedule.value.without_second()));
            diagnostics.push(diagnostic);
        }
    }
}
