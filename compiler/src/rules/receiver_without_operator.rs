//! A receiver that no cluster would tell anything.

use crate::app::{Addon, App, Cluster};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `receiver-without-operator`
pub static RULE: Rule = Rule {
    code: "S0366",
    name: "receiver-without-operator",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Receivers become AlertmanagerConfigs, which only the Prometheus operator reads. If no cluster of the platform has it,
nobody is ever told.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
    receiver "ops" kind="webhook" address=(secret)"alerts/webhook" { event "oom"; }
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
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "prometheus-operator"
    }
    environment "prod" cluster="c"
    receiver "ops" kind="webhook" address=(secret)"alerts/webhook" { event "oom"; }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let Some(platform) = &app.platform else { return };
    let told = |cluster: &Cluster| cluster.installed(Addon::PrometheusOperator).is_some();
    if platform.clusters.iter().any(told) {
        return;
    }
    for receiver in &platform.receivers {
        let message = format!("receiver `{}` is never told anything", receiver.name.value);
        let mut diagnostic = Diagnostic::new(&RULE, message, receiver.name.span, "waits in vain");
        for cluster in &platform.clusters {
            diagnostic = diagnostic.also(cluster.name.span, "no Prometheus operator here");
        }
        diagnostics
            .push(diagnostic.hint("install the operator and write `installed \"prometheus-operator\"`"));
    }
}
