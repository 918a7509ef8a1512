//! Readiness gates where nothing would ever open them.

use crate::app::{Addon, App, Provider};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `readiness-gates-without-terway`
pub static RULE: Rule = Rule {
    code: "S0392",
    name: "readiness-gates-without-terway",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Where it is declared installed, pods behind a load balancer wait until the balancer has taken them in. Only ACK's
cloud controller tells them, and only with the network plugin Terway: on any other cluster no pod would ever become
ready. specc sets the gates only where both are declared, and says so where one of them is missing.

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
        installed "readiness-gates"
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
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "readiness-gates"
        installed "terway"
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for cluster in app.platform.iter().flat_map(|platform| &platform.clusters) {
        let Some(gates) = cluster.installed(Addon::ReadinessGates) else { continue };
        let set = cluster.provider == Provider::Ack && cluster.installed(Addon::Terway).is_some();
        if !set {
            let message = format!("nothing sets readiness gates in cluster `{}`", cluster.name.value);
            let diagnostic = Diagnostic::new(&RULE, message, gates.addon.span, "needs Terway, on ACK")
                .hint("declare `provider=\"ack\"` and `installed \"terway\"`, or leave it out");
            diagnostics.push(diagnostic);
        }
    }
}
