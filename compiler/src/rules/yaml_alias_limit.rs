//! Aliases expand to too much, or to nothing.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// Aliases expand to too much, or to nothing.
pub static RULE: Rule = Rule {
    code: "S0120",
    name: "yaml-alias-limit",
    severity: Severity::Error,
    docs: r"An alias `*a` repeats what the anchor `&a` marks. Together they may repeat 10000 values, so that a small file cannot become a huge one.

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
      depends-on: {components: [db, *other]}
```

## Right

```yaml
app:
  name: shop
  component:
    - name: &db db
      kind: stateless
      image: registry.example.com/db:1
      resources: {cpu: 500m, memory: 512Mi}
      replicas: 1
    - name: web
      kind: stateless
      image: registry.example.com/web:1
      resources: {cpu: 500m, memory: 512Mi}
      replicas: 2
      depends-on: {components: [*db]}
```
",
    check: None,
};

/// An alias beyond the limit.
pub fn new(max: usize, span: Span) -> Diagnostic {
    let message = format!("aliases repeat more than {max} values");
    Diagnostic::new(&RULE, message, span, "at this alias").hint("write the values out, or split the file")
}

/// An alias whose anchor does not stand before it.
pub fn unknown(name: &str, span: Span) -> Diagnostic {
    let message = format!("no anchor `&{name}` stands before the alias");
    Diagnostic::new(&RULE, message, span, "this alias").hint("quote the text if it is not an alias")
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::yaml;

    #[test]
    fn ten_lines_cannot_become_a_billion_values() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..10 {
            let before = format!("*a{}, ", level - 1).repeat(10);
            text = format!("{text}a{level}: &a{level} [{before}]\n");
        }
        assert!(
            yaml(&text).contains("S0120 4:45 `*a2` aliases repeat more than 10000 values"),
            "{}",
            yaml(&text)
        );
    }

    #[test]
    fn an_unknown_anchor_is_shown_and_the_rest_is_read() {
        insta::assert_snapshot!(yaml("a: *b\nc: &c [*c]\nd: 1\nd: 2\n"), @r#"
        S0120 1:4 `*b` no anchor `&b` stands before the alias | quote the text if it is not an alias
        S0120 2:8 `*c` no anchor `&c` stands before the alias | quote the text if it is not an alias
        S0113 4:1 `d` `d` is written twice | delete one of them also 3:1 `d`
        "#);
    }
}
