//! A file holds several YAML documents.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A file holds several YAML documents.
pub static RULE: Rule = Rule {
    code: "S0124",
    name: "yaml-several-documents",
    severity: Severity::Error,
    docs: r"A file is one document. `app`, `platform` and `scenario` are keys of it, or stand in files of their own.

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
---
# another
{}
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

/// A second document.
pub fn new(span: Span) -> Diagnostic {
    let hint = "put it in a file of its own, or make one document of both; a key may hold a list";
    Diagnostic::new(&RULE, "a second document begins", span, "here").hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::yaml;

    #[test]
    fn the_second_document_is_read_too() {
        insta::assert_snapshot!(yaml("---\na: 1\n---\nb: 1\nb: 2\n...\n---\nc: 1"), @r#"
        S0124 3:1 `---` a second document begins | put it in a file of its own, or make one document of both; a key may hold a list
        S0113 5:1 `b` `b` is written twice | delete one of them also 4:1 `b`
        "#);
    }
}
