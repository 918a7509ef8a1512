//! A component on its node's network that asks a cache by an address of its own.

use crate::app::{App, DnsMode};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `dns-with-host-network`
pub static RULE: Rule = Rule {
    code: "S0361",
    name: "dns-with-host-network",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"On the network of its node a pod shares 127.0.0.1 and port 53 with everything else there: a sidecar would collide with
the cache of the node or with another pod's sidecar, and the node's own resolver settings belong to its operators.

## Wrong
```kdl
app "shop" {
    component "web" {
        kind "daemon"
        host-network #true
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        dns "sidecar"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        dns { sidecar-image "registry.example.com/coredns:1.14"; service-ip "10.96.0.10"; }
    }
    environment "prod" cluster="c"
}
```

## Right
```kdl
app "shop" {
    component "web" {
        kind "daemon"
        host-network #true
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        dns "cluster"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        dns { sidecar-image "registry.example.com/coredns:1.14"; service-ip "10.96.0.10"; }
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let (mode, Some(host)) = (component.dns, component.host_network) else { continue };
        if mode.value == DnsMode::Cluster {
            continue;
        }
        let (name, word) = (&component.name.value, mode.value.name());
        let message =
            format!("component `{name}` is on the network of its node, and asks for `dns \"{word}\"`");
        let diagnostic =
            Diagnostic::new(&RULE, message, mode.span, "a cache for pods with a network of their own")
                .also(host, "the node's network, by this")
                .hint("write `dns \"cluster\"`, or leave out `host-network`");
        diagnostics.push(diagnostic);
    }
}
