//! An existing load balancer on a cluster of another provider.

use crate::app::{App, Provider};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `load-balancer-id-without-ack`
pub static RULE: Rule = Rule {
    code: "S0386",
    name: "load-balancer-id-without-ack",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"The `id` of an existing load balancer is understood by the controller of ACK. On another cluster the Service would
quietly get a balancer of its own.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        readiness http="/healthz"
        expose "internet" {
            via "load-balancer" id="lb-1"
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
        port "http" 8080
        readiness http="/healthz"
        expose "internet" {
            via "load-balancer" id="lb-1"
        }
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
        if cluster.provider == Provider::Ack {
            continue;
        }
        for expose in cell.components.iter().filter_map(|component| component.expose.as_ref()) {
            let Some(balancer) = &expose.balancer else { continue };
            let message =
                format!("cluster `{}` knows no load balancer `{}`", cluster.name.value, balancer.id.value);
            let diagnostic = Diagnostic::new(&RULE, message, balancer.id.span, "of ACK")
                .also(cluster.name.span, "not an ACK cluster")
                .hint("leave the `id` out, or declare `provider=\"ack\"` if it is one");
            diagnostics.push(diagnostic);
        }
    }
}
