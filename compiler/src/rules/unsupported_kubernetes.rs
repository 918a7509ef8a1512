//! A cluster too old for the objects that specc makes.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `unsupported-kubernetes`
pub static RULE: Rule = Rule {
    code: "S0313",
    name: "unsupported-kubernetes",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Pods are told to go on serving for a while before they end with the `sleep` action, which API servers take since
1.30. An older one would drop it without a word, and every scale-in would lose requests.

## Wrong
```kdl
platform "p" {
    cluster "c" kubernetes="1.28" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
}
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
}
```

## Right
```kdl
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
}
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
}
```
"#;

/// The first minor version that takes every field specc writes.
const MINOR_LEAST: u32 = 30;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for cluster in app.platform.iter().flat_map(|platform| &platform.clusters) {
        if cluster.minor().is_some_and(|minor| minor < MINOR_LEAST) {
            let message =
                format!("cluster `{}` runs Kubernetes {}", cluster.name.value, cluster.kubernetes.value);
            let diagnostic = Diagnostic::new(&RULE, message, cluster.kubernetes.span, "too old");
            diagnostics.push(diagnostic.hint(format!("upgrade it: specc needs 1.{MINOR_LEAST} or newer")));
        }
    }
}
