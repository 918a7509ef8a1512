//! Logs that nobody collects in the cluster.

use crate::app::{Addon, App, Cluster, Provider};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `logs-without-store`
pub static RULE: Rule = Rule {
    code: "S0367",
    name: "logs-without-store",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Logs are collected by ACK's collector into a store that the cluster names. Elsewhere specc makes nothing for them: the
collector of such a cluster reads what containers print without being told.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        logs "stdout"
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
        logs "stdout"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "ack-log"
        logs project="k8s-log-shop" logstore="apps" region="cn-hangzhou"
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, cluster) in app.placed() {
        let Some((lacks, hint)) = lacking(cluster) else { continue };
        for component in &cell.components {
            for logs in &component.logs {
                let message = format!(
                    "the logs of component `{}` are not collected in cluster `{}`",
                    component.name.value, cluster.name.value
                );
                let diagnostic = Diagnostic::new(&RULE, message, logs.source.span, "to be collected")
                    .also(cluster.name.span, lacks)
                    .hint(format!(
                        "{hint}, or write `remove \"logs\"` for it in `environment \"{}\"`",
                        cell.environment
                    ));
                diagnostics.push(diagnostic);
            }
        }
    }
}

/// What the cluster lacks, and what to do about it.
fn lacking(cluster: &Cluster) -> Option<(&'static str, &'static str)> {
    if cluster.provider != Provider::Ack {
        return Some(("not an ACK cluster", "run it on an ACK cluster"));
    }
    if cluster.installed(Addon::AckLog).is_none() {
        return Some(("no log collector here", "let the operators write `installed \"ack-log\"`"));
    }
    cluster.logs.is_none().then_some((
        "no log store here",
        "let the operators write `logs project=\"k8s-log-shop\" logstore=\"apps\" region=\"cn-hangzhou\"`",
    ))
}
