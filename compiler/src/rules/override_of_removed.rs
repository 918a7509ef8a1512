//! An override of a component that the environment has removed.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `override-of-removed`
pub static RULE: Rule =
    Rule { code: "S0252", name: "override-of-removed", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"What an environment removes its tenants do not have either. A tenant that has the component after all declares it
whole, with its `kind`.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
    component "report" {
        image "registry.example.com/report:1"
        resources cpu="500m" memory="512Mi"
    }
    environment "prod" {
        remove "component" "report"
        tenant "merchant-a" {
            component "report" { replicas 2; }
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
    }
    component "report" {
        image "registry.example.com/report:1"
        resources cpu="500m" memory="512Mi"
    }
    environment "prod" {
        tenant "merchant-a" {
            component "report" { replicas 2; }
        }
        tenant "merchant-b" {
            remove "component" "report"
        }
    }
}
```
"#;

/// `over` overrides what `order` has taken away in the layer below.
pub fn found(over: &Node, order: &Node) -> Diagnostic {
    let name = over.identity().unwrap_or_default();
    let span = over.values.first().map_or(over.span, |value| value.span);
    let message = format!("component `{name}` is overridden where it was removed");
    Diagnostic::new(&RULE, message, span, "overridden here")
        .also(order.span, "removed here")
        .hint("remove it only in the tenants that do not have it, or declare it whole here, with its `kind`")
}
