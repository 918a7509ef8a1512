//! A colon follows a name.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A colon follows a name.
pub static RULE: Rule = Rule {
    code: "S0105",
    name: "colon-name",
    severity: Severity::Error,
    docs: r#"In KDL a name and its value are separated by a space, and a property is written with `=`. Colons belong to YAML.

## Wrong

```kdl
app "shop" {
    component "web" {
        kind "stateless"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas: 2
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

/// A node's name with a colon.
pub fn new(name: &str, span: Span) -> Diagnostic {
    let hint = format!("write `{name}` and a space, without the colon");
    Diagnostic::new(&RULE, format!("a colon follows the name `{name}`"), span, "not in KDL").hint(hint)
}

/// A property's name with a colon in the place of `=`.
pub fn as_property(name: &str, span: Span) -> Diagnostic {
    let hint = format!("write `{name}=` and the value");
    Diagnostic::new(&RULE, format!("a colon follows the name `{name}`"), span, "not in KDL").hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::kdl;

    #[test]
    fn the_colon_is_pointed_at() {
        insta::assert_snapshot!(kdl("port: 80\n\"name\": \"x\"\nport : 80\nsvc: {\n  a\n}\nb:80\nc kind: \"x\" image:1\n端口：80"), @r#"
        S0105 1:5 `:` a colon follows the name `port` | write `port` and a space, without the colon
        S0105 2:7 `:` a colon follows the name `name` | write `name` and a space, without the colon
        S0105 3:6 `:` a colon follows the name `port` | write `port` and a space, without the colon
        S0105 4:4 `:` a colon follows the name `svc` | write `svc` and a space, without the colon
        S0105 7:2 `:` a colon follows the name `b` | write `b` and a space, without the colon
        S0105 8:7 `:` a colon follows the name `kind` | write `kind=` and the value
        S0105 9:3 `：` a colon follows the name `端口` | write `端口` and a space, without the colon
        "#);
    }
}
