//! An alert on the bounds of an autoscaler that is not there.

use crate::app::{App, Scale, Signal};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `alert-without-autoscaler`
pub static RULE: Rule = Rule {
    code: "S0364",
    name: "alert-without-autoscaler",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"`hpa-at-max` is raised when an autoscaler has as many pods as it may have. A component with fixed `replicas` has none.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 3
        alert "hpa-at-max"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "prometheus-operator"
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
        scale min=3 max=9
        alert "hpa-at-max"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "prometheus-operator"
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let Scale::Fixed(count) = &component.scale else { continue };
        for alert in component.alerts.iter().filter(|alert| alert.signal.value == Signal::AtMax) {
            let message = format!(
                "component `{}` has no autoscaler that could be at its maximum",
                component.name.value
            );
            let diagnostic = Diagnostic::new(&RULE, message, alert.signal.span, "never raised")
                .also(count.span, "a fixed count")
                .hint("leave out the alert, or write `scale` instead of `replicas`");
            diagnostics.push(diagnostic);
        }
    }
}
