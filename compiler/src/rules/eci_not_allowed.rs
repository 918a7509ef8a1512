//! A component that may burst to ECI where the platform does not let it.

use crate::app::{App, Burst};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `eci-not-allowed`
pub static RULE: Rule = Rule {
    code: "S0302",
    name: "eci-not-allowed",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Whether an environment may use ECI is for the operators to say, with `eci="allow"` on the platform's environment.
Where the application wants more than that, somebody has to decide.

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
    environment "prod" cluster="c"
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
    for cell in app.cells.iter().filter(|cell| !cell.eci.value) {
        for component in cell.components.iter().filter(|component| component.burst.value != Burst::Never) {
            let (name, environment) = (&component.name.value, &cell.environment);
            let message =
                format!("component `{name}` may use ECI, which environment `{environment}` does not allow");
            let hint = format!(
                "write `burst \"never\"` for it in `environment \"{environment}\"`, or let the operators write `eci=\"allow\"`"
            );
            let diagnostic = Diagnostic::new(&RULE, message, component.burst.span, "wants ECI")
                .also(cell.eci.span, "the platform does not allow it here");
            diagnostics.push(diagnostic.hint(hint));
        }
    }
}
