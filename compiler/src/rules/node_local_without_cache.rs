//! A component that asks a cache on its node, where nodes have none.

use crate::app::{App, DnsMode};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `node-local-without-cache`
pub static RULE: Rule = Rule {
    code: "S0355",
    name: "node-local-without-cache",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"`dns "node-local"` makes pods ask an address that only a cache on their node answers. Without the cache every look-up
would wait for its time-out before it asks the cluster's DNS.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        dns "node-local"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        dns { service-ip "10.96.0.10"; }
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
        dns "node-local"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        dns { node-local #true; service-ip "10.96.0.10"; }
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, cluster) in app.placed() {
        for component in cell.components.iter().filter(|component| component.dns.value == DnsMode::NodeLocal)
        {
            if cluster.dns.node_local.value {
                continue;
            }
            let message = format!(
                "component `{}` asks a cache on its node, which cluster `{}` does not have",
                component.name.value, cluster.name.value
            );
            let diagnostic = Diagnostic::new(&RULE, message, component.dns.span, "asks its node")
                .also(cluster.dns.node_local.span, "no cache on the nodes here")
                .hint("write `dns \"sidecar\"` for it, or let the operators write `node-local #true`");
            diagnostics.push(diagnostic);
        }
    }
}
