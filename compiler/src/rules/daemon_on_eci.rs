//! A daemon that asks for ECI.

use crate::app::{App, Burst, ComponentKind};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `daemon-on-eci`
pub static RULE: Rule =
    Rule { code: "S0323", name: "daemon-on-eci", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"ECI runs pods without a node to watch: it takes no DaemonSet, no folder, network or port of a node.

## Wrong
```kdl
app "shop" {
    component "web" {
        kind "daemon"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        burst "when-short"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
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
        kind "daemon"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=2000
    }
    environment "prod" cluster="c" eci="allow"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        if component.kind.value == ComponentKind::Daemon && component.burst.value != Burst::Never {
            let message = format!("the daemon `{}` cannot run on ECI", component.name.value);
            diagnostics.push(
                Diagnostic::new(&RULE, message, component.burst.span, "asks for ECI")
                    .also(component.kind.span, "a daemon")
                    .hint("remove `burst`; what watches ECI pods runs beside them: `container \"…\"`"),
            );
        }
    }
}
