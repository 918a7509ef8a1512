//! A key is not a text.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A key is not a text.
pub static RULE: Rule = Rule {
    code: "S0122",
    name: "yaml-key",
    severity: Severity::Error,
    docs: r"Each key of a mapping is the name of a node or of one of its values.

## Wrong

```yaml
app:
  name: shop
  component:
    name: web
    kind: stateless
    image: registry.example.com/web:1
    resources: {cpu: 500m, memory: 512Mi}
    replicas: 2
  ? [a, b]
  : c
```

## Right

```yaml
app:
  name: shop
  component:
    name: web
    kind: stateless
    image: registry.example.com/web:1
    resources: {cpu: 500m, memory: 512Mi}
    replicas: 2
```
",
    check: None,
};

/// A key that is a list, a mapping, or nothing.
pub fn new(span: Span) -> Diagnostic {
    Diagnostic::new(&RULE, "a key is not a text", span, "this key").hint("write a name before the colon")
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::yaml;

    #[test]
    fn lists_and_nothing_are_no_keys() {
        insta::assert_snapshot!(yaml("? [a]\n: b\n: c\n"), @r#"
        S0122 1:3 `[a]` a key is not a text | write a name before the colon
        S0122 3:1 `` a key is not a text | write a name before the colon
        "#);
    }
}
