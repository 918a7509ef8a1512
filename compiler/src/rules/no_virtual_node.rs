//! A component that may burst to ECI on a cluster without a virtual node.

use crate::app::{App, Burst};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `no-virtual-node`
pub static RULE: Rule = Rule {
    code: "S0303",
    name: "no-virtual-node",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"ECI pods run behind a virtual node. Without one a pod that tolerates it has nowhere to go.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        burst "when-short"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
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
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=2000
    }
    environment "prod" cluster="c" eci="allow"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let Some(platform) = &app.platform else { return };
    for cell in app.cells.iter().filter(|cell| cell.eci.value) {
        let cluster = &platform.clusters[cell.cluster];
        if cluster.virtual_node.is_some() {
            continue;
        }
        for component in cell.components.iter().filter(|component| component.burst.value != Burst::Never) {
            let name = &component.name.value;
            let message = format!(
                "component `{name}` may use ECI, and cluster `{}` has no virtual node",
                cluster.name.value
            );
            let diagnostic = Diagnostic::new(&RULE, message, component.burst.span, "wants ECI")
                .also(cluster.name.span, "no `virtual-node` here")
                .hint("declare `virtual-node \"eci\" quota=…` in the cluster, or write `burst \"never\"`");
            diagnostics.push(diagnostic);
        }
    }
}
