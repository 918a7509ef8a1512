//! A file is not UTF-8.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A file is not UTF-8.
pub static RULE: Rule = Rule {
    code: "S0117",
    name: "invalid-utf-8",
    severity: Severity::Error,
    docs: r#"Specs are UTF-8. An editor may have saved the file in another encoding, such as GBK or UTF-16.

## Wrong

```text no-run
(bytes that are not UTF-8)
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

/// The first byte that is not UTF-8, and its line.
pub fn new(byte: u8, line: usize, span: Span) -> Diagnostic {
    let message = format!("the byte 0x{byte:02X} in line {line} is not UTF-8");
    Diagnostic::new(&RULE, message, span, "this byte").hint("save the file as UTF-8")
}

/// A whole text in an encoding whose characters take several bytes.
pub fn wide(encoding: &str, start: Span) -> Diagnostic {
    let message = format!("the file is {encoding}, not UTF-8");
    Diagnostic::new(&RULE, message, start, "not read").hint("save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use crate::diag::Diagnostics;
    use crate::parse::{parse, read, testing::describe};
    use crate::source::Sources;

    fn found(bytes: &[u8]) -> String {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let source = read(&mut sources, "a.kdl", bytes, &mut diagnostics);
        parse(&source, &mut diagnostics);
        describe(&source, &diagnostics)
    }

    #[test]
    fn the_first_bad_byte_is_shown_and_the_rest_is_read() {
        insta::assert_snapshot!(found(b"a\n\xE8\xAE\xA2 \"\xB6\xA9\" 5m"), @r#"
        S0117 2:4 `�` the byte 0xB6 in line 2 is not UTF-8 | save the file as UTF-8
        S0102 2:8 `5m` `5m` is not quoted | quote it: `"5m"`
        "#);
    }

    #[test]
    fn a_wide_encoding_is_named_and_nothing_else_is_said() {
        for text in [&b"\xFF\xFEa\0p\0"[..], b"\xFE\xFF\0a\0p", b"a\0p\0p\0", b"\0a\0p\0p"] {
            insta::allow_duplicates! {
                insta::assert_snapshot!(found(text), @"S0117 1:1 `` the file is UTF-16, not UTF-8 | save the file as UTF-8");
            }
        }
        insta::assert_snapshot!(found(b"\xFF\xFE\0\0a\0\0\0"), @"S0117 1:1 `` the file is UTF-32, not UTF-8 | save the file as UTF-8");
    }

    #[test]
    fn a_byte_order_mark_is_not_a_part_of_the_text() {
        assert_eq!(found(b"\xEF\xBB\xBFa 5m"), found(b"a 5m"));
    }
}
