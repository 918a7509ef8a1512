//! A spec without an application or without a platform.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `missing-document`
pub static RULE: Rule =
    Rule { code: "S0212", name: "missing-document", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A spec is one `app` document, which developers write, and one `platform` document, which operators write.

## Wrong
```kdl
platform "p" {
    environment "prod" cluster="c"
    cluster "c" kubernetes="1.34"
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

/// There is a platform or a scenario, and no application.
pub fn app(node: &Node) -> Diagnostic {
    Diagnostic::new(&RULE, "there is no `app` document", node.name_span, "only this was found")
        .hint("add a file with `app \"name\" { component \"…\" { … } }`")
}

/// There is an application and no platform.
pub fn platform(node: &Node) -> Diagnostic {
    Diagnostic::new(&RULE, "there is no `platform` document", node.name_span, "nothing says where this runs")
        .hint("add a file with `platform \"name\" { cluster \"…\" kubernetes=\"1.34\" { … }; environment \"…\" cluster=\"…\" }`")
}
