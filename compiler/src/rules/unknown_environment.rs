//! An environment that the platform does not have.

use crate::app::Platform;
use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;
use crate::resolve::form::nearest;

/// `unknown-environment`
pub static RULE: Rule =
    Rule { code: "S0210", name: "unknown-environment", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Operators say in `platform` which environments there are and on which clusters; an application can only run in those.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
    environment "production"
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
    }
    environment "prod"
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
}
```
"#;

/// The application's environment `node` is not on the platform.
pub fn found(node: &Node, platform: &Platform) -> Diagnostic {
    let name = node.identity().unwrap_or_default();
    let message = format!("the platform has no environment `{name}`");
    let span = node.values.first().map_or(node.span, |value| value.span);
    let known: Vec<&str> = platform.environments.iter().map(|known| known.name.value.as_str()).collect();
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("ask the operators to declare `environment \"{name}\"`"),
        None => format!("the platform has: {}", known.join(", ")),
    };
    Diagnostic::new(&RULE, message, span, "not on the platform")
        .also(platform.name.span, "this platform")
        .hint(hint)
}
