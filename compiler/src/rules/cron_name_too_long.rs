//! A window whose CronJobs would have too long a name.

use crate::app::{Addon, App};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `cron-name-too-long`
pub static RULE: Rule = Rule {
    code: "S0352",
    name: "cron-name-too-long",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A CronJob is named `<component>-<window>-until`, and Kubernetes takes 52 characters.

## Wrong
```kdl
app "shop" {
    component "storefront" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=400 {
            cron "the-night-of-the-great-november-sale" from="0 50 23 10 11 *" until="0 0 2 11 11 *" time-zone="Asia/Shanghai" replicas=200
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
    component "storefront" {
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

/// The most characters: jobs are named after it, with a suffix of eleven.
const LENGTH_MAX: usize = 52;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, component, auto) in app.autoscaled() {
        let Some(cluster) = app.cluster(cell).filter(|c| c.installed(Addon::Cronhpa).is_none()) else {
            continue;
        };
        for cron in &auto.crons {
            let name = format!("{}-{}-until", component.name.value, cron.name.value);
            if name.len() <= LENGTH_MAX {
                continue;
            }
            let message =
                format!("`{name}` is longer than {LENGTH_MAX} characters, as the name of a CronJob");
            let diagnostic = Diagnostic::new(&RULE, message, cron.name.span, "the window")
                .also(component.name.span, "the component")
                .also(cluster.name.span, "without cronhpa here");
            let hint = format!("shorten the window's name by {}", name.len() - LENGTH_MAX);
            diagnostics.push(diagnostic.hint(hint));
        }
    }
}
