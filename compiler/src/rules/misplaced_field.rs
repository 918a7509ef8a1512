//! A field that means nothing where it stands.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;
use crate::source::Span;

/// `misplaced-field`
pub static RULE: Rule =
    Rule { code: "S0221", name: "misplaced-field", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Some fields belong to some kinds only: `start` to stateful components, `host-network` to daemons, `medium` to volumes of
kind `scratch`. Elsewhere they would be ignored, and their author would not know.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        start "parallel"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        kind "stateful"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        start "parallel"
    }
}
```
"#;

/// `node` stands in `what`, which is what it is by what stands at `kind`.
pub fn found(node: &Node, what: &str, kind: Option<Span>) -> Diagnostic {
    let message = format!("`{}` means nothing for {what}", node.name);
    let diagnostic = Diagnostic::new(&RULE, message, node.span, "would be ignored");
    let diagnostic = match kind {
        Some(kind) => diagnostic.also(kind, format!("{what}, by this")),
        None => diagnostic,
    };
    diagnostic.hint(format!("remove `{}`, or change the kind", node.name))
}
