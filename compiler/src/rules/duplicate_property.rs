//! A property or key is written twice.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A property or key is written twice.
pub static RULE: Rule = Rule {
    code: "S0113",
    name: "duplicate-property",
    severity: Severity::Error,
    docs: r#"A property stands once on a node, and a key once in a mapping. KDL would take the last, which hides the others.

## Wrong

```kdl
app "shop" {
    component "web" {
        kind "stateless"
        image "registry.example.com/web:1"
        resources cpu="500m" cpu="1" memory="512Mi"
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

/// A second property or key of one name.
pub fn new(name: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::new(&RULE, format!("`{name}` is written twice"), second, "written again")
        .also(first, "first written here")
        .hint("delete one of them")
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::{kdl, yaml};

    #[test]
    fn both_places_are_shown() {
        insta::assert_snapshot!(kdl("a port=80 port=81"), @r#"
        S0113 1:11 `port=81` `port` is written twice | delete one of them also 1:3 `port=80`
        "#);
        insta::assert_snapshot!(yaml("app:\n  name: 订单\n  \"name\": b\n"), @r#"
        S0113 3:3 `"name"` `name` is written twice | delete one of them also 2:3 `name`
        "#);
    }
}
