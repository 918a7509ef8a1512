//! Nodes before ECI, where nothing can promise that.

use crate::app::{App, Burst, Component, ComponentKind, Provider};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `preference-is-no-promise`
pub static RULE: Rule = Rule {
    code: "S0346",
    name: "preference-is-no-promise",
    severity: Severity::Warning,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"On a cluster of provider `kubernetes`, "nodes first" is a preference of the scheduler: pods may go to ECI while nodes have
room. On `ack` a ResourcePolicy gives a strict order.

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
    cluster "c" kubernetes="1.34" provider="kubernetes" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=2000
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
    for cell in &app.cells {
        let Some(cluster) = app.cluster(cell).filter(|cluster| cluster.provider == Provider::Kubernetes)
        else {
            continue;
        };
        // Other kinds, and Windows, cannot run on ECI at all, which other rules say.
        let bursts = |component: &&Component| {
            component.burst.value == Burst::WhenShort
                && component.kind.value == ComponentKind::Stateless
                && component.os.build().is_none()
        };
        for component in cell.components.iter().filter(bursts) {
            let (name, place) = (&component.name.value, &cluster.name.value);
            let message =
                format!("component `{name}` may run on ECI while nodes of cluster `{place}` have room");
            let diagnostic = Diagnostic::new(&RULE, message, component.burst.span, "only preferred here")
                .also(cluster.name.span, "not of provider `ack`")
                .hint("count on it only on a cluster with `provider=\"ack\"`, or write `burst \"never\"` or `burst \"only\"`");
            diagnostics.push(diagnostic);
        }
    }
}
