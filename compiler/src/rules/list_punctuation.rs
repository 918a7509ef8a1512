//! A comma or bracket stands between values.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A comma or bracket stands between values.
pub static RULE: Rule = Rule {
    code: "S0106",
    name: "list-punctuation",
    severity: Severity::Error,
    docs: r#"In KDL values are separated by spaces, and there are no lists: a node has several values, or stands several times.

## Wrong

```kdl
app "shop" {
    component "db" { kind "stateless"; image "registry.example.com/db:1"; resources cpu="1" memory="1Gi"; replicas 1 }
    component "cache" { kind "stateless"; image "registry.example.com/cache:1"; resources cpu="1" memory="1Gi"; replicas 1 }
    component "web" {
        kind "stateless"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2
        depends-on ["db", "cache"]
    }
}
```

## Right

```kdl
app "shop" {
    component "db" { kind "stateless"; image "registry.example.com/db:1"; resources cpu="1" memory="1Gi"; replicas 1 }
    component "cache" { kind "stateless"; image "registry.example.com/cache:1"; resources cpu="1" memory="1Gi"; replicas 1 }
    component "web" {
        kind "stateless"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2
        depends-on "db" "cache"
    }
}
```
"#,
    check: None,
};

/// A comma or bracket.
pub fn new(written: char, span: Span) -> Diagnostic {
    let message = format!("`{written}` does not separate values in KDL");
    let hint = "separate values by spaces, without commas and brackets; quote a text that contains them";
    Diagnostic::new(&RULE, message, span, "not in KDL").hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::kdl;

    #[test]
    fn a_node_is_told_once() {
        insta::assert_snapshot!(kdl("ports 80, 81, 82\nports [80 81]\nports [\n  80,\n  81,\n]\nnames \"a\",\"b\"\n端口 80，81"), @r#"
        S0106 1:9 `,` `,` does not separate values in KDL | separate values by spaces, without commas and brackets; quote a text that contains them
        S0106 2:7 `[` `[` does not separate values in KDL | separate values by spaces, without commas and brackets; quote a text that contains them
        S0106 3:7 `[` `[` does not separate values in KDL | separate values by spaces, without commas and brackets; quote a text that contains them
        S0106 7:10 `,` `,` does not separate values in KDL | separate values by spaces, without commas and brackets; quote a text that contains them
        S0106 8:6 `，` `，` does not separate values in KDL | separate values by spaces, without commas and brackets; quote a text that contains them
        "#);
    }
}
