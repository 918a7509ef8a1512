//! A list or mapping stands where a value belongs.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A list or mapping stands where a value belongs.
pub static RULE: Rule = Rule {
    code: "S0126",
    name: "yaml-shape",
    severity: Severity::Error,
    docs: r"The values of a node, such as its name, are texts, numbers and booleans. A list of nodes holds mappings.

## Wrong

```yaml
app:
  name: shop
  component:
    - name: db
      kind: stateless
      image: registry.example.com/db:1
      resources: {cpu: 500m, memory: 512Mi}
      replicas: 1
    - name: web
      kind: stateless
      image: registry.example.com/web:1
      resources: {cpu: 500m, memory: 512Mi}
      replicas: 2
      depends-on: {components: [db, {name: cache}]}
```

## Right

```yaml
app:
  name: shop
  component:
    - name: db
      kind: stateless
      image: registry.example.com/db:1
      resources: {cpu: 500m, memory: 512Mi}
      replicas: 1
    - name: web
      kind: stateless
      image: registry.example.com/web:1
      resources: {cpu: 500m, memory: 512Mi}
      replicas: 2
      depends-on: {components: [db]}
```
",
    check: None,
};

/// A list or mapping in the place of a value.
pub fn new(name: &str, what: &str, span: Span) -> Diagnostic {
    let message = format!("{what} stands where `{name}` has a value");
    Diagnostic::new(&RULE, message, span, "not a value").hint("write a text, a number or a boolean")
}

/// A list or value where the whole document is a mapping.
pub fn document(what: &str, span: Span) -> Diagnostic {
    let message = format!("the document is {what}, not a mapping");
    let hint = "begin with a key: `app:`, `platform:` or `scenario:`";
    Diagnostic::new(&RULE, message, span, "this document").hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::yaml;

    #[test]
    fn values_are_scalars() {
        insta::assert_snapshot!(yaml("app: {name: {a: b}}\n"), @r#"
        S0126 1:13 `{a: b}` a mapping stands where `name` has a value | write a text, a number or a boolean
        "#);
        insta::assert_snapshot!(yaml("- a\n"), @r#"
        S0126 1:1 `- a` the document is a list, not a mapping | begin with a key: `app:`, `platform:` or `scenario:`
        "#);
        insta::assert_snapshot!(yaml("名称\n"), @r#"
        S0126 1:1 `名称` the document is a value, not a mapping | begin with a key: `app:`, `platform:` or `scenario:`
        "#);
    }
}
