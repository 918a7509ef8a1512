//! A file is larger than 4 MiB.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A file is larger than 4 MiB.
pub static RULE: Rule = Rule {
    code: "S0115",
    name: "file-too-large",
    severity: Severity::Error,
    docs: r#"A spec is written by people. A larger file is something else by mistake.

## Wrong

```text no-run
(more than 4 MiB)
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

/// A text of too many bytes.
pub fn new(bytes: u64, start: Span) -> Diagnostic {
    let message = format!("the file has {bytes} bytes, more than 4 MiB");
    Diagnostic::new(&RULE, message, start, "not read").hint("split it, or see whether it is a spec")
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::kdl;

    #[test]
    fn the_limit_is_inclusive() {
        let text = "//".to_owned() + &" ".repeat(4 << 20);
        assert!(kdl(&text).starts_with("S0115 1:1 `` the file has 4194306 bytes, more than 4 MiB"));
        assert!(kdl(&text[2..]).starts_with("S0116"));
    }
}
