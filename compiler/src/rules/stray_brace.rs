//! A `}` closes nothing.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A `}` closes nothing.
pub static RULE: Rule = Rule {
    code: "S0111",
    name: "stray-brace",
    severity: Severity::Error,
    docs: r#"There are more closing braces than opening ones.

## Wrong

```kdl
app "shop" {
    component "web" {
        kind "stateless"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2
    }
}
}
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

/// A brace too many.
pub fn new(span: Span) -> Diagnostic {
    let hint = "delete it, or look for the `{` that is missing before it";
    Diagnostic::new(&RULE, "`}` closes nothing", span, "no block is open").hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::kdl;

    #[test]
    fn the_first_brace_too_many_is_shown() {
        insta::assert_snapshot!(kdl("a { b }\n}\n} c"), @r#"
        S0111 2:1 `}` `}` closes nothing | delete it, or look for the `{` that is missing before it
        "#);
    }
}
