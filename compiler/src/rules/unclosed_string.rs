//! A text is not closed.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A text is not closed.
pub static RULE: Rule = Rule {
    code: "S0112",
    name: "unclosed-string",
    severity: Severity::Error,
    docs: r#"A text ends on the line it begins on; one of several lines stands between `"""` on lines of their own.

## Wrong

```kdl
app "shop" {
    component "web" {
        kind "stateless"
        image "registry.example.com/web:1
        resources cpu="500m" memory="512Mi"
        replicas 2
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

/// A text without its closing quotes; `written` is its line.
pub fn new(written: &str, close: &str, span: Span) -> Diagnostic {
    let hint = match written.find(['”', '“', '＂']) {
        Some(_) => "close it with the straight quote `\"`, not with a typographic one".to_owned(),
        None if close.len() > 1 => format!("close it with `{close}`"),
        None => "close it with `\"`; a text of several lines stands between `\"\"\"`".to_owned(),
    };
    Diagnostic::new(&RULE, "a text is not closed", span, "this text").hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::kdl;

    #[test]
    fn the_text_ends_with_its_line_and_the_next_is_read() {
        insta::assert_snapshot!(kdl("a \"x\nb 5m\nc \"y” {\n}\nd #\"z\"\n"), @r##"
        S0112 1:3 `"x` a text is not closed | close it with `"`; a text of several lines stands between `"""`
        S0102 2:3 `5m` `5m` is not quoted | quote it: `"5m"`
        S0112 3:3 `"y” {` a text is not closed | close it with the straight quote `"`, not with a typographic one
        S0112 5:3 `#"z"` a text is not closed | close it with `"#`
        "##);
    }

    #[test]
    fn several_lines_run_to_the_end() {
        insta::assert_snapshot!(kdl("a {\n b \"\"\"\n c\n}\n"), @r#"
        S0112 2:4 `"""` a text is not closed | close it with `"""`
        "#);
    }
}
