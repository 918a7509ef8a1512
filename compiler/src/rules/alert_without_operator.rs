//! An alert that nobody would evaluate.

use crate::app::{Addon, App};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `alert-without-operator`
pub static RULE: Rule = Rule {
    code: "S0362",
    name: "alert-without-operator",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Alerts become PrometheusRules, which only the Prometheus operator reads. On a cluster without it they would be refused,
or lie there while people believe to be watched over.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        alert "cpu" above="80%" for="5m"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
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
        alert "cpu" above="80%" for="5m"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "prometheus-operator"
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, cluster) in app.placed() {
        if cluster.installed(Addon::PrometheusOperator).is_some() {
            continue;
        }
        for component in &cell.components {
            for alert in &component.alerts {
                let message = format!(
                    "component `{}` has an alert that nobody evaluates in cluster `{}`",
                    component.name.value, cluster.name.value
                );
                let hint = format!(
                    "write `remove \"alert\"` for it in `environment \"{}\"`, or let the operators install the operator \
                     and write `installed \"prometheus-operator\"`",
                    cell.environment
                );
                let diagnostic = Diagnostic::new(&RULE, message, alert.signal.span, "wants to be watched")
                    .also(cluster.name.span, "no Prometheus operator here");
                diagnostics.push(diagnostic.hint(hint));
            }
        }
    }
}
