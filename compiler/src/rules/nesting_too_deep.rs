//! Blocks stand in blocks too deeply.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// Blocks stand in blocks too deeply.
pub static RULE: Rule = Rule {
    code: "S0114",
    name: "nesting-too-deep",
    severity: Severity::Error,
    docs: r#"More than 64 blocks inside one another are a mistake of a generator, and would exhaust the stack.

## Wrong

```kdl no-run
app "shop" { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a }}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}
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

/// The first block beyond the limit.
pub fn new(max: usize, span: Span) -> Diagnostic {
    let message = format!("more than {max} blocks stand inside one another");
    Diagnostic::new(&RULE, message, span, "one too many").hint("take it apart")
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::{kdl, yaml};

    #[test]
    fn depth_is_refused_before_it_exhausts_the_stack() {
        for depth in [65, 400, 100_000] {
            let found = kdl(&"a {".repeat(depth));
            assert!(found.starts_with("S0114 1:195 `{` more than 64 blocks"), "{found}");
            assert_eq!(found.lines().count(), 1, "{found}");
        }
        assert_eq!(kdl(&("a {".repeat(64) + &"}".repeat(64))), "");
    }

    #[test]
    fn depth_of_every_bracket_is_bounded() {
        for piece in ["a /-{", "/-a{", "/* ", "/-", "(", "{", "}", "a \"\\ ", "[", "* "] {
            let _ = kdl(&piece.repeat(100_000));
            let _ = yaml(&piece.repeat(100_000));
        }
        for piece in ["[", "{a: ", "- ", "? ", "a: [", "&a [", "!x "] {
            assert!(!yaml(&piece.repeat(100_000)).is_empty(), "{piece}");
        }
        assert!(yaml(&"[".repeat(65)).contains("S0114"), "{}", yaml(&"[".repeat(65)));
    }
}
