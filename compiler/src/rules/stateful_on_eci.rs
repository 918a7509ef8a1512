//! A stateful component that asks for ECI.

use crate::app::{App, Burst, ComponentKind};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `stateful-on-eci`
pub static RULE: Rule = Rule {
    code: "S0324",
    name: "stateful-on-eci",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"The members of a stateful component go from the highest number down, wherever they run, and keep the zone of their
disks. So ECI pods would not be the first to go, as a burst promises, and a member could wait for a disk in another zone.

## Wrong
```kdl
app "shop" {
    component "web" {
        kind "stateful"
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
        kind "stateful"
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
        if component.kind.value == ComponentKind::Stateful && component.burst.value != Burst::Never {
            let message = format!("the stateful component `{}` cannot burst to ECI", component.name.value);
            diagnostics.push(
                Diagnostic::new(&RULE, message, component.burst.span, "asks for ECI")
                    .also(component.kind.span, "its members keep their place")
                    .hint("remove `burst`, and give it a pool that is large enough"),
            );
        }
    }
}
