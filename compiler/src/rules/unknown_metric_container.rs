//! A metric of a container that the pods do not have.

use crate::app::{App, Metric};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::resolve::form::nearest;

/// `unknown-metric-container`
pub static RULE: Rule = Rule {
    code: "S0318",
    name: "unknown-metric-container",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A `scale` by one container names one that runs in the pods: the component's own, which is called like the component, or
one beside it. Containers that run before the others use nothing while an autoscaler looks.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale max=10 {
            container "wbe" cpu="60%"
        }
        container "proxy" {
            image "registry.example.com/proxy:1"
            resources cpu="50m" memory="64Mi"
        }
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale max=10 {
            container "web" cpu="60%"
        }
        container "proxy" {
            image "registry.example.com/proxy:1"
            resources cpu="50m" memory="64Mi"
        }
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (_, component, auto) in app.autoscaled() {
        let known: Vec<&str> = component.running().map(|container| container.name.value.as_str()).collect();
        for metric in &auto.metrics {
            let Metric::Container { container, .. } = metric else { continue };
            let wanted = container.value.as_str();
            if known.contains(&wanted) {
                continue;
            }
            let message = format!("no container `{wanted}` runs in component `{}`", component.name.value);
            let hint = match nearest(wanted, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("name one of `{}`", known.join("`, `")),
            };
            diagnostics.push(Diagnostic::new(&RULE, message, container.span, "not declared").hint(hint));
        }
    }
}
