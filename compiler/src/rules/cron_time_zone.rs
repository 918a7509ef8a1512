//! A window in another time zone than that of the controller that opens it.

use crate::app::{Addon, App};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::resolve::time_zone;

/// `cron-time-zone`
pub static RULE: Rule =
    Rule { code: "S0341", name: "cron-time-zone", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"cronhpa has no time zone of its own in an object: it means that of its process, which operators declare with `installed
"cronhpa" time-zone=…`. A window in another zone would open hours too early or too late.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=400 {
            cron "double-11" from="0 50 23 10 11 *" until="0 0 2 11 11 *" time-zone="Asia/Tokyo" replicas=200
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
    for (cell, _, auto) in app.autoscaled() {
        let Some(cluster) = app.cluster(cell) else { continue };
        let Some(installed) = cluster.installed(Addon::Cronhpa) else { continue };
        for cron in &auto.crons {
            let (window, zone, name) = (&cron.name.value, &cron.time_zone.value, &cluster.name.value);
            let diagnostic = match &installed.time_zone {
                Some(theirs) if time_zone::same(&theirs.value, zone) => continue,
                Some(theirs) => {
                    let message = format!(
                        "window `{window}` is in {zone}, and cronhpa of cluster `{name}` runs in {}",
                        theirs.value
                    );
                    Diagnostic::new(&RULE, message, cron.time_zone.span, "the window's zone")
                        .also(theirs.span, "the controller's zone")
                        .hint(format!("write the schedules in {}", theirs.value))
                }
                None => {
                    let message =
                        format!("cronhpa of cluster `{name}` does not say which time zone it runs in");
                    Diagnostic::new(&RULE, message, installed.addon.span, "no `time-zone` here")
                        .also(cron.time_zone.span, "the window's zone")
                        .hint("add the `TZ` of its Deployment: `time-zone=\"Asia/Shanghai\"`")
                }
            };
            diagnostics.push(diagnostic);
        }
    }
}
