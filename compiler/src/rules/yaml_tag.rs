//! A tag has no meaning here.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A tag has no meaning here.
pub static RULE: Rule = Rule {
    code: "S0123",
    name: "yaml-tag",
    severity: Severity::Error,
    docs: r"`!secret name/key` stands before a text. Types of YAML such as `!!str` are not needed: quotes make a text.

## Wrong

```yaml
app:
  name: shop
  component:
    name: web
    kind: stateless
    image: registry.example.com/web:1
    resources: {cpu: 500m, memory: 512Mi}
    replicas: !!int 2
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
    env: {name: TOKEN, value: !secret order-token/value}
```
",
    check: None,
};

/// A tag of YAML's own, or one on a list or mapping.
pub fn new(tag: &str, span: Span) -> Diagnostic {
    let hint = "leave it out; quotes make a text, and `!secret` stands before the text `name/key`";
    Diagnostic::new(&RULE, format!("the tag `{tag}` has no meaning here"), span, "this tag").hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::yaml;

    #[test]
    fn types_and_tagged_collections_are_refused() {
        insta::assert_snapshot!(yaml("a: !!str 80\n名: !secret [a]\nc: !secret a/b\nd: ! x\n"), @r#"
        S0123 1:4 `!!str` the tag `!!str` has no meaning here | leave it out; quotes make a text, and `!secret` stands before the text `name/key`
        S0123 2:4 `!secret` the tag `!secret` has no meaning here | leave it out; quotes make a text, and `!secret` stands before the text `name/key`
        S0123 4:4 `!` the tag `!` has no meaning here | leave it out; quotes make a text, and `!secret` stands before the text `name/key`
        "#);
    }
}
