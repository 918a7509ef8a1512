//! A tab indents a line of YAML.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A tab indents a line of YAML.
pub static RULE: Rule = Rule {
    code: "S0125",
    name: "yaml-tab",
    severity: Severity::Error,
    docs: r"YAML indents with spaces alone.

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
	env: {name: A, value: b}
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
    env: {name: A, value: b}
```
",
    check: None,
};

/// A tab in the indentation.
pub fn new(span: Span) -> Diagnostic {
    Diagnostic::new(&RULE, "a tab indents the line", span, "a tab").hint("indent with spaces")
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::yaml;

    #[test]
    fn the_tab_is_shown() {
        insta::assert_snapshot!(yaml("app:\n\tname: a\n"), @r#"
        S0125 2:1 `	` a tab indents the line | indent with spaces
        "#);
        insta::assert_snapshot!(yaml("app:\n  名: a\n  \tkind: b\n"), @r#"
        S0125 3:3 `	` a tab indents the line | indent with spaces
        "#);
    }
}
