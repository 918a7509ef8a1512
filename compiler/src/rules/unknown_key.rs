//! A node or property that its parent does not know.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;
use crate::resolve::form::nearest;
use crate::resolve::schema::{NodeType, ROOT};

/// `unknown-key`
pub static RULE: Rule =
    Rule { code: "S0201", name: "unknown-key", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A name that means nothing where it stands is almost always a slip of the pen, and would be lost silently otherwise.
Every name that is known in a place is listed in the reference of the language.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replcas 2
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2
    }
}
```
"#;

/// `node` is not known in a node of type `parent`.
pub fn found(node: &Node, parent: &NodeType) -> Diagnostic {
    let known: Vec<&str> = parent.children.iter().map(|child| child.name).collect();
    let place = if std::ptr::eq(parent, &raw const ROOT) {
        "at the top level".to_owned()
    } else {
        format!("in `{}`", parent.name)
    };
    let message = format!("`{}` is not known {place}", node.name);
    let diagnostic = Diagnostic::new(&RULE, message, node.name_span, "not known here");
    match nearest(&node.name, known.iter().copied()) {
        Some(name) => diagnostic.hint(format!("did you mean `{name}`?")),
        None if known.is_empty() => diagnostic.hint("nothing can stand here, leave it out"),
        None => diagnostic.hint(format!("known here: {}", known.join(", "))),
    }
}
