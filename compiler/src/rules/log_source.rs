//! Logs that come from nowhere, or from two places at once.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `log-source`
pub static RULE: Rule =
    Rule { code: "S0240", name: "log-source", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"One `logs` reads one thing: what the container prints, or files in it. For both write two.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        logs "stdout" file="/var/log/app/*.log"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        logs "stdout"
        logs file="/var/log/app/*.log"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "ack-log"
        logs project="k8s-log-shop" logstore="apps" region="cn-hangzhou"
    }
    environment "prod" cluster="c"
}
```
"#;

/// `node` names no source, or two.
pub fn found(node: &Node) -> Diagnostic {
    let what =
        if node.values.is_empty() { "`logs` does not say where from" } else { "`logs` names two sources" };
    Diagnostic::new(&RULE, what, node.span, "one source each")
        .hint("write `logs \"stdout\"`, or `logs file=\"/var/log/app/*.log\"`, or both on lines of their own")
}
