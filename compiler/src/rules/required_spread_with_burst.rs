//! A strict spread over nodes of pods that may run on ECI.

use crate::app::{App, Burst, SpreadOver};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `required-spread-with-burst`
pub static RULE: Rule = Rule {
    code: "S0391",
    name: "required-spread-with-burst",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"All pods on ECI stand on one virtual node. A spread over nodes that is required lets only as many of them go there as
the skew allows, and the burst ends where it should begin. Soft spreading has no such effect.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 4
        burst "when-short"
        spread "node" required=#true
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=100
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
        replicas 4
        burst "when-short"
        spread "node"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=100
    }
    environment "prod" cluster="c" eci="allow"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let strict =
            component.spreads.iter().find(|spread| spread.required && spread.over.value == SpreadOver::Node);
        let Some(spread) = strict.filter(|_| component.burst.value != Burst::Never) else { continue };
        let message =
            format!("component `{}` may hardly burst: it must spread over nodes", component.name.value);
        let diagnostic =
            Diagnostic::new(&RULE, message, spread.over.span, "must differ by no more than the skew")
                .also(component.burst.span, "all of ECI is one node")
                .hint("leave `required` out, or write `burst \"never\"`");
        diagnostics.push(diagnostic);
    }
}
