//! A lower bound of zero.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `scale-to-zero`
pub static RULE: Rule =
    Rule { code: "S0348", name: "scale-to-zero", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"An autoscaler is off while its Deployment has no pods, and a rollout tells by that which revision does not serve. Kubernetes
lets it wake from zero behind a feature gate alone, by object and external metrics; specc keeps one pod.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=0 max=10 {
            external "queue_length" value="1000"
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
        scale min=1 max=10 {
            external "queue_length" value="1000"
        }
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (_, component, auto) in app.autoscaled().filter(|(_, _, auto)| auto.min.value == 0) {
        let message = format!("component `{}` scales to zero", component.name.value);
        let diagnostic = Diagnostic::new(&RULE, message, auto.min.span, "the lower bound");
        diagnostics.push(diagnostic.hint("write `min=1`"));
    }
}
