//! A placeholder stands in the place of a value.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A placeholder stands in the place of a value.
pub static RULE: Rule = Rule {
    code: "S0108",
    name: "placeholder",
    severity: Severity::Error,
    docs: r#"specc fills in no placeholders: what is written is what is meant. What differs from environment to environment or from tenant to tenant stands in an `environment` or `tenant`, and what must not be in a spec is a secret.

## Wrong

```kdl
app "shop" {
    component "web" {
        kind "stateless"
        image ${IMAGE}
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

/// A placeholder of a shell or template.
pub fn new(written: &str, span: Span) -> Diagnostic {
    let hint = "write the value; what differs by environment or tenant goes into `environment` or `tenant`, and \
        what is secret is `(secret)\"name/key\"`";
    Diagnostic::new(&RULE, format!("`{written}` is a placeholder"), span, "not filled in").hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::kdl;

    #[test]
    fn placeholders_are_one_mistake_each() {
        insta::assert_snapshot!(kdl("x a=${x}\nb c=${x}/y d={{ .Values.z }} $(e)\n{{ name }} 1"), @r#"
        S0108 1:5 `${x}` `${x}` is a placeholder | write the value; what differs by environment or tenant goes into `environment` or `tenant`, and what is secret is `(secret)"name/key"`
        S0108 2:5 `${x}/y` `${x}/y` is a placeholder | write the value; what differs by environment or tenant goes into `environment` or `tenant`, and what is secret is `(secret)"name/key"`
        S0108 2:14 `{{ .Values.z }}` `{{ .Values.z }}` is a placeholder | write the value; what differs by environment or tenant goes into `environment` or `tenant`, and what is secret is `(secret)"name/key"`
        S0108 2:30 `$(e)` `$(e)` is a placeholder | write the value; what differs by environment or tenant goes into `environment` or `tenant`, and what is secret is `(secret)"name/key"`
        S0108 3:1 `{{ name }}` `{{ name }}` is a placeholder | write the value; what differs by environment or tenant goes into `environment` or `tenant`, and what is secret is `(secret)"name/key"`
        "#);
    }
}
