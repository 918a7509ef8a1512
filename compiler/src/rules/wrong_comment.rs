//! A comment begins with `#`.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A comment begins with `#`.
pub static RULE: Rule = Rule {
    code: "S0104",
    name: "wrong-comment",
    severity: Severity::Error,
    docs: r#"In KDL a comment begins with `//`, or stands between `/*` and `*/`. `/-` leaves out the node, value or block after it.

## Wrong

```kdl
app "shop" {
    component "web" {
        kind "stateless"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2 # two are enough
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
        replicas 2 // two are enough
    }
}
```
"#,
    check: None,
};

/// A comment after `#`; `written` is all of it.
pub fn new(written: &str, span: Span) -> Diagnostic {
    let text = written.trim_start_matches('#').trim();
    let message = "`#` does not begin a comment in KDL";
    Diagnostic::new(&RULE, message, span, "this comment").hint(format!("write `// {text}`"))
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::kdl;

    #[test]
    fn the_rest_of_the_line_is_the_comment() {
        insta::assert_snapshot!(kdl("# 注释 { a\nports 80 #old }\n"), @r#"
        S0104 1:1 `# 注释 { a` `#` does not begin a comment in KDL | write `// 注释 { a`
        S0104 2:10 `#old }` `#` does not begin a comment in KDL | write `// old }`
        "#);
    }
}
