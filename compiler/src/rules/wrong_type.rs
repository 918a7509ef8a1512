//! A value that is not what its place takes.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::{Node, Value};
use crate::resolve::schema::Argument;

/// `wrong-type`
pub static RULE: Rule =
    Rule { code: "S0202", name: "wrong-type", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Every value has a form: a text, a number in a range, a quantity, a share, a duration, one of some words. The source
text decides: `1.20` is not the text "1.20", and `080` is not a number that two readers agree on.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas "two"
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

/// `value` is not what `argument` of `node` takes.
pub fn found(node: &Node, argument: &Argument, value: &Value, hint: String) -> Diagnostic {
    let what = if node.values.len() > 1 {
        format!("the {} of `{}`", argument.name, node.name)
    } else {
        format!("`{}`", node.name)
    };
    let message = format!("{what} takes {}, not {}", argument.form.describe(), value.describe());
    Diagnostic::new(&RULE, message, value.span, format!("not {}", argument.form.describe())).hint(hint)
}
