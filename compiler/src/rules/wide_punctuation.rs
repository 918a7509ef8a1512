//! A full-width sign stands in the place of an ASCII one.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A full-width sign stands in the place of an ASCII one.
pub static RULE: Rule = Rule {
    code: "S0109",
    name: "wide-punctuation",
    severity: Severity::Error,
    docs: r#"Braces, parentheses, `=` and `;` are ASCII. An input method for Chinese or Japanese writes wide ones, which KDL does not know.

## Wrong

```kdl
app "shop" {
    component "web" ｛
        kind "stateless"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2；
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
        replicas 2;
    }
}
```
"#,
    check: None,
};

/// A wide sign and the one it stands for.
pub fn new(written: char, ascii: char, span: Span) -> Diagnostic {
    let message = format!("`{written}` is not `{ascii}`");
    Diagnostic::new(&RULE, message, span, "full-width").hint(format!("write `{ascii}`"))
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::kdl;

    #[test]
    fn a_wide_sign_is_read_as_the_narrow_one() {
        insta::assert_snapshot!(kdl("a ｛ b c＝1； d （secret）\"x/y\" ｝"), @r#"
        S0109 1:3 `｛` `｛` is not `{` | write `{`
        S0109 1:8 `＝` `＝` is not `=` | write `=`
        S0109 1:10 `；` `；` is not `;` | write `;`
        S0109 1:14 `（` `（` is not `(` | write `(`
        S0109 1:21 `）` `）` is not `)` | write `)`
        S0109 1:28 `｝` `｝` is not `}` | write `}`
        "#);
    }
}
