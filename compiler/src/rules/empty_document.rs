//! A file says nothing.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A file says nothing.
pub static RULE: Rule = Rule {
    code: "S0116",
    name: "empty-document",
    severity: Severity::Error,
    docs: r#"The file is empty, or holds comments alone.

## Wrong

```kdl no-run
// nothing yet
```

## Right

```kdl
app "shop" {
    component "web" {
        kind "stateless"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2
    }
}
```
"#,
    check: None,
};

/// A text without a node.
pub fn new(start: Span) -> Diagnostic {
    let hint = "write an `app`, a `platform` or a `scenario`, or leave the file out";
    Diagnostic::new(&RULE, "the file is empty", start, "nothing here").hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::{kdl, yaml};

    #[test]
    fn comments_are_nothing() {
        let empty = "S0116 1:1 `` the file is empty | write an `app`, a `platform` or a `scenario`, or leave the file out";
        for text in ["", "\u{FEFF}", "// a\n/* b */ /- c 1"] {
            assert_eq!(kdl(text), empty);
        }
        for text in ["", "\u{FEFF}", "# a\n", "---\n", "~", "{}"] {
            assert_eq!(yaml(text), empty, "{text}");
        }
    }
}
