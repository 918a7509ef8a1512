//! A file that a component refers to and that cannot be read.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Spanned;

/// `missing-file`
pub static RULE: Rule =
    Rule { code: "S0214", name: "missing-file", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"`config "…" from="…"` names a text file relative to the folder of the spec.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        config "app.ini" mount="/etc/app" from="conf/no-such-file.ini"
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
}
```
"#;

/// The file behind `from` was not handed in.
pub fn found(from: &Spanned<String>) -> Diagnostic {
    Diagnostic::new(&RULE, format!("the file `{}` cannot be read", from.value), from.span, "no text file there")
        .hint("create it, or correct the path: it is below the folder of the spec, and the file is UTF-8 and has at most 4 MiB")
}
