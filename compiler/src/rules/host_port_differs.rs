//! A port of the node that is not the port on the node's own network.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `host-port-differs`
pub static RULE: Rule = Rule {
    code: "S0338",
    name: "host-port-differs",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"With `host-network` a container listens on the node itself, so that its port and the node's are one. Kubernetes takes no
other `host-port` there.

## Wrong
```kdl
app "shop" {
    component "web" {
        kind "daemon"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        host-network #true
        port "metrics" 9100 host-port=9101
    }
    environment "prod"
}
```

## Right
```kdl
app "shop" {
    component "web" {
        kind "daemon"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        host-network #true
        port "metrics" 9100
    }
    environment "prod"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let Some(network) = component.host_network else { continue };
        for port in component.running().flat_map(|container| &container.ports) {
            let Some(host) = port.host.filter(|host| host.value != port.number.value) else { continue };
            let message = format!(
                "port {} cannot be port {} of a node whose network it uses",
                port.number.value, host.value
            );
            diagnostics.push(
                Diagnostic::new(&RULE, message, host.span, "another port")
                    .also(network, "the node's own network")
                    .hint("remove `host-port`, or remove `host-network`"),
            );
        }
    }
}
