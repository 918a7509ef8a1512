//! An internal load balancer on a cluster that has no portable way to ask for one.

use crate::app::{App, Provider, Scope};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `intranet-without-ack`
pub static RULE: Rule = Rule {
    code: "S0309",
    name: "intranet-without-ack",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A Service of type LoadBalancer is public unless the cloud is told otherwise, in its own words. specc knows those of
ACK; on any other cluster `expose "intranet"` could quietly open the component to the internet.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        readiness http="/healthz"
        expose "intranet"
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
        port "http" 8080
        readiness http="/healthz"
        expose "intranet"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, cluster) in app.placed() {
        if cluster.provider != Provider::Kubernetes {
            continue;
        }
        for expose in cell.components.iter().filter_map(|component| component.expose.as_ref()) {
            if expose.scope.value == Scope::Intranet {
                let message = format!(
                    "cluster `{}` has no internal load balancer that specc could ask for",
                    cluster.name.value
                );
                let diagnostic = Diagnostic::new(&RULE, message, expose.scope.span, "would be public")
                    .also(cluster.name.span, "not an ACK cluster")
                    .hint("expose it to `\"cluster\"`, or declare `provider=\"ack\"` if it is one");
                diagnostics.push(diagnostic);
            }
        }
    }
}
