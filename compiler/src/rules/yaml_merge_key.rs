//! A mapping merges another by `<<`.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A mapping merges another by `<<`.
pub static RULE: Rule = Rule {
    code: "S0121",
    name: "yaml-merge-key",
    severity: Severity::Error,
    docs: r"Merge keys belong to YAML 1.1. What components share is written out, or an alias stands for a whole value.

## Wrong

```yaml
app:
  name: shop
  component:
    name: web
    kind: stateless
    image: registry.example.com/web:1
    resources: {cpu: 500m, memory: 512Mi}
    <<: {replicas: 2}
    replicas: 2
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

/// A merge key.
pub fn new(span: Span) -> Diagnostic {
    let hint = "write the keys out, or use an alias for a whole value";
    Diagnostic::new(&RULE, "`<<` does not merge mappings", span, "merge key of YAML 1.1").hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::yaml;

    #[test]
    fn the_key_is_shown() {
        insta::assert_snapshot!(yaml("a: &a {b: 1}\nc: {<<: *a, d: 2}\n"), @r#"
        S0121 2:5 `<<` `<<` does not merge mappings | write the keys out, or use an alias for a whole value
        "#);
    }
}
