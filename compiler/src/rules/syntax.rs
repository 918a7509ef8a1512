//! The text is not KDL or YAML.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// The text is not KDL or YAML.
pub static RULE: Rule = Rule {
    code: "S0101",
    name: "syntax",
    severity: Severity::Error,
    docs: r#"The text cannot be read at this place. The rest of the file is read as far as it can be.

## Wrong

```kdl
app "shop" {
    component "web" {
        kind "stateless"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas = 2
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

/// A place that cannot be read, what it is called, and what to write.
pub fn new(message: impl Into<String>, span: Span, label: &str, hint: &str) -> Diagnostic {
    Diagnostic::new(&RULE, message, span, label).hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::{kdl, yaml};

    #[test]
    fn every_mistake_of_a_file_is_shown() {
        insta::assert_snapshot!(kdl("a \"x\"y\nb \"C:\\data\"\nc {\n} d\n(t)e 1\nreplicas = 2\nf a=\n{\n  g\n}\n"), @r##"
        S0101 1:6 `y` nothing separates `y` from what stands before it | write a space between values
        S0101 2:6 `\d` `\d` is not an escape | write `\\` for a backslash, or a raw text such as `#"C:\data"#`
        S0101 4:3 `d` a node begins behind the block of another | begin a new line after `}`, or write `;` there
        S0101 5:1 `(` a node's name has a tag | write the tag before a value: `(secret)"name/key"`
        S0101 6:10 `=` `=` follows the name of a node | write a space instead
        S0101 7:4 `=` a value is missing | write a value here, such as `"500m"`, `80` or `#true`
        S0101 8:1 `{` a block has no name | write a name before `{`, on the same line
        "##);
    }

    #[test]
    fn a_comment_that_is_not_closed_is_shown_at_its_beginning() {
        insta::assert_snapshot!(kdl("a {\n/* b /* c */\n}"), @r#"
        S0101 2:1 `/*` a comment is not closed | end it with `*/`; comments nest, so each `/*` needs its own
        "#);
    }

    #[test]
    fn characters_that_deceive_are_refused() {
        assert!(kdl("a \"x\u{202E}y\"").contains("the character U+202E is not allowed in KDL | delete it"));
    }

    #[test]
    fn yaml_says_where() {
        insta::assert_snapshot!(yaml("app:\n  name: \"名\n"), @r#"
        S0101 2:9 `"` this is not YAML: unclosed quote | see whether quotes, a bracket or spaces are missing before
        "#);
        insta::assert_snapshot!(yaml("app: {name: a\n"), @r#"
        S0101 1:6 `{` this is not YAML: unclosed bracket '{' | see whether quotes, a bracket or spaces are missing before
        "#);
        insta::assert_snapshot!(yaml("app:\n  name: a\n kind: b\n"), @r#"
        S0101 3:2 `k` this is not YAML: while parsing a block mapping, did not find expected key | see whether quotes, a bracket or spaces are missing before
        "#);
    }
}
