//! A text stands in quotes that are not `"`.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A text stands in quotes that are not `"`.
pub static RULE: Rule = Rule {
    code: "S0107",
    name: "wrong-quotes",
    severity: Severity::Error,
    docs: r#"In KDL a text stands in straight double quotes. Single quotes and typographic quotes would be a part of it.

## Wrong

```kdl
app "shop" {
    component "web" {
        kind 'stateless'
        image “registry.example.com/web:1”
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

/// A text in quotes of another kind.
pub fn new(text: &str, quote: char, span: Span) -> Diagnostic {
    let hint = format!("write `\"{text}\"`");
    Diagnostic::new(&RULE, format!("`{quote}` does not quote a text in KDL"), span, "wrong quotes").hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::kdl;

    #[test]
    fn the_hint_quotes_the_text() {
        insta::assert_snapshot!(kdl("a 'x y' b=“订单” 'open\nc ‘it’ d=it's `z`"), @r#"
        S0107 1:3 `'x y'` `'` does not quote a text in KDL | write `"x y"`
        S0107 1:11 `“订单”` `“` does not quote a text in KDL | write `"订单"`
        S0107 1:16 `'open` `'` does not quote a text in KDL | write `"open"`
        S0107 2:3 `‘it’` `‘` does not quote a text in KDL | write `"it"`
        S0107 2:15 ``z`` ``` does not quote a text in KDL | write `"z"`
        "#);
    }
}
