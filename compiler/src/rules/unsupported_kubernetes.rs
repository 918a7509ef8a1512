//! A cluster too old for the objects that specc makes.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::lower::since::MINOR_OLDEST;

/// `unsupported-kubernetes`
pub static RULE: Rule = Rule {
    code: "S0313",
    name: "unsupported-kubernetes",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"specc writes objects for Kubernetes 1.28 and newer. What a newer version brought is checked field by field against
the version of the cluster.

## Wrong
```kdl
platform "p" {
    cluster "c" kubernetes="1.27" {
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

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for cluster in app.platform.iter().flat_map(|platform| &platform.clusters) {
        if cluster.minor() < MINOR_OLDEST {
            let message =
                format!("cluster `{}` runs Kubernetes {}", cluster.name.value, cluster.kubernetes.value);
            let diagnostic = Diagnostic::new(&RULE, message, cluster.kubernetes.span, "too old");
            diagnostics.push(diagnostic.hint(format!("upgrade it: specc needs 1.{MINOR_OLDEST} or newer")));
        }
    }
}
