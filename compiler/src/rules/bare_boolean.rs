//! A keyword stands without its `#`.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A keyword stands without its `#`.
pub static RULE: Rule = Rule {
    code: "S0103",
    name: "bare-boolean",
    severity: Severity::Error,
    docs: r#"In KDL the keywords are `#true`, `#false` and `#null`. In YAML they are `true`, `false` and `null`.

## Wrong

```kdl
app "shop" {
    component "web" {
        kind "stateless"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2; release { batch 1 pause=true; batch "100%" }
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
        replicas 2; release { batch 1 pause=#true; batch "100%" }
    }
}
```
"#,
    check: None,
};

/// A keyword that is written otherwise.
pub fn new(written: &str, keyword: &str, span: Span) -> Diagnostic {
    let message = format!("`{written}` is not a keyword of KDL");
    Diagnostic::new(&RULE, message, span, "means nothing")
        .hint(format!("write `{keyword}`, or `\"{written}\"` for a text"))
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::kdl;

    #[test]
    fn the_hint_writes_the_keyword() {
        insta::assert_snapshot!(kdl("a enabled=true false\nb null\nc #True x=#yes"), @r##"
        S0103 1:11 `true` `true` is not a keyword of KDL | write `#true`, or `"true"` for a text
        S0103 1:16 `false` `false` is not a keyword of KDL | write `#false`, or `"false"` for a text
        S0103 2:3 `null` `null` is not a keyword of KDL | write `#null`, or `"null"` for a text
        S0103 3:3 `#True` `#True` is not a keyword of KDL | write `#true`, or `"#True"` for a text
        S0103 3:11 `#yes` `#yes` is not a keyword of KDL | write `#true`, or `"#yes"` for a text
        "##);
    }
}
