//! A component that asks a cache on its node, though it may run on ECI, where there is no node.

use crate::app::{App, Burst, DnsMode};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `node-local-on-eci`
pub static RULE: Rule = Rule {
    code: "S0356",
    name: "node-local-on-eci",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Behind a virtual node there is no cache of the node: pods on ECI would wait for a time-out at every look-up.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        burst "when-short"
        dns "node-local"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=2000
        dns { node-local #true; service-ip "10.96.0.10"; }
    }
    environment "prod" cluster="c" eci="allow"
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        burst "when-short"
        dns "sidecar"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=2000
        dns { sidecar-image "registry.example.com/coredns:1.14"; service-ip "10.96.0.10"; }
    }
    environment "prod" cluster="c" eci="allow"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        if component.dns.value != DnsMode::NodeLocal || component.burst.value == Burst::Never {
            continue;
        }
        let message =
            format!("component `{}` asks a cache on its node, and may run on ECI", component.name.value);
        let diagnostic = Diagnostic::new(&RULE, message, component.dns.span, "asks its node")
            .also(component.burst.span, "may run where there is none")
            .hint("write `dns \"sidecar\"`: a cache in the pod works on nodes and on ECI");
        diagnostics.push(diagnostic);
    }
}
