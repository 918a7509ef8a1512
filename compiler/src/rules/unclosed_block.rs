//! A block is not closed.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A block is not closed.
pub static RULE: Rule = Rule {
    code: "S0110",
    name: "unclosed-block",
    severity: Severity::Error,
    docs: r#"Each `{` needs its `}`. Where a closing brace stands further left than the line that it closes, the block of that line is taken for the one that lacks it.

## Wrong

```kdl no-run
app "shop" {
    component "web" {
        kind "stateless"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2
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

/// A block without its brace, and the brace that closes it against its indentation.
pub fn new(open: Span, close: Option<Span>) -> Diagnostic {
    let diagnostic = Diagnostic::new(&RULE, "a block is not closed", open, "begins here");
    let hint = "write `}` where it ends";
    match close {
        Some(close) => diagnostic.also(close, "by its indentation this closes another block").hint(hint),
        None => diagnostic.hint(hint),
    }
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::kdl;

    #[test]
    fn the_opening_brace_is_pointed_at() {
        insta::assert_snapshot!(kdl("a {\n    b 1\n"), @r#"
        S0110 1:3 `{` a block is not closed | write `}` where it ends
        "#);
    }

    #[test]
    fn indentation_tells_which_block_lacks_its_brace() {
        insta::assert_snapshot!(kdl("app {\n    a {\n        b 1\n\n    c {\n    }\n}\n"), @r#"
        S0110 2:7 `{` a block is not closed | write `}` where it ends also 7:1 `}`
        "#);
    }
}
