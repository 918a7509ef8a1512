//! A window on a cluster that has nothing to open it with.

use crate::app::{Addon, App};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `no-kubectl-image`
pub static RULE: Rule = Rule {
    code: "S0344",
    name: "no-kubectl-image",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Where cronhpa is not installed, CronJobs open and close the window. They run kubectl, and specc knows no registry to take
its image from: operators name one.

## Wrong
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
    if app.platform.as_ref().is_none_or(|platform| platform.kubectl.is_some()) {
        return;
    }
    for (cell, component, auto) in app.autoscaled() {
        let Some(cluster) = app.cluster(cell).filter(|c| c.installed(Addon::Cronhpa).is_none()) else {
            continue;
        };
        let Some(cron) = auto.crons.first() else { continue };
        let (name, place) = (&component.name.value, &cluster.name.value);
        let message =
            format!("component `{name}` scales by the clock, and nothing in cluster `{place}` can do that");
        let diagnostic = Diagnostic::new(&RULE, message, cron.name.span, "scales by the clock")
            .also(cluster.name.span, "no `installed \"cronhpa\"` here");
        diagnostics.push(diagnostic.hint(
            "write `kubectl image=\"registry.example.com/kubectl:1.34\"` in the platform for CronJobs, or declare cronhpa",
        ));
    }
}
