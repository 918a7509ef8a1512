//! A tolerance on a cluster that would drop it.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `tolerance-too-new`
pub static RULE: Rule = Rule {
    code: "S0347",
    name: "tolerance-too-new",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"The tolerance of an autoscaler is a field since Kubernetes 1.33, and API servers drop it without a word unless they are of
1.35 or newer.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=40 {
            behavior {
                up tolerance="5%"
            }
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
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
        scale min=4 max=40 {
            behavior {
                up tolerance="5%"
            }
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.35" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
}
```
"#;

/// The first minor version whose API servers keep the field without being told to.
const MINOR_LEAST: u32 = 35;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, component, auto) in app.autoscaled() {
        let Some(cluster) = app.cluster(cell) else { continue };
        if cluster.minor() >= MINOR_LEAST {
            continue;
        }
        for tolerance in [&auto.up, &auto.down].into_iter().flatten().filter_map(|side| side.tolerance_milli)
        {
            let (name, version) = (&component.name.value, &cluster.kubernetes.value);
            let message = format!("component `{name}` has a tolerance, which Kubernetes {version} drops");
            let diagnostic = Diagnostic::new(&RULE, message, tolerance.span, "the tolerance")
                .also(cluster.kubernetes.span, "too old for it")
                .hint(format!("remove it, or use a cluster of 1.{MINOR_LEAST} or newer"));
            diagnostics.push(diagnostic);
        }
    }
}
