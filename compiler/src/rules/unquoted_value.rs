//! A value that needs quotes stands without them.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// A value that needs quotes stands without them.
pub static RULE: Rule = Rule {
    code: "S0102",
    name: "unquoted-value",
    severity: Severity::Error,
    docs: r#"A value that is not a whole number, a decimal number, a keyword or a plain word stands in quotes: quantities, durations, percentages, versions, images and paths.

## Wrong

```kdl
app "shop" {
    component "web" {
        kind "stateless"
        image registry.example.com/web:1
        resources cpu=500m memory=512Mi
        replicas 2
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

/// A value without quotes.
pub fn new(written: &str, span: Span) -> Diagnostic {
    let number = written.parse::<f64>().ok().filter(|number| number.is_finite());
    let hint = match number {
        Some(number) => format!("write `{number}`"),
        None => format!("quote it: `{}`", quoted(written)),
    };
    Diagnostic::new(&RULE, format!("`{written}` is not quoted"), span, "needs quotes").hint(hint)
}

/// A text as KDL quotes it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\"))
}

#[cfg(test)]
mod tests {
    use crate::parse::testing::kdl;

    #[test]
    fn the_caret_is_on_the_value_and_the_hint_quotes_it() {
        insta::assert_snapshot!(kdl("a cpu=500m size=20Gi t=30s v=1.20.0 image=a/b:1"), @r#"
        S0102 1:7 `500m` `500m` is not quoted | quote it: `"500m"`
        S0102 1:17 `20Gi` `20Gi` is not quoted | quote it: `"20Gi"`
        S0102 1:24 `30s` `30s` is not quoted | quote it: `"30s"`
        S0102 1:30 `1.20.0` `1.20.0` is not quoted | quote it: `"1.20.0"`
        S0102 1:43 `a/b:1` `a/b:1` is not quoted | quote it: `"a/b:1"`
        "#);
        insta::assert_snapshot!(kdl("image registry/x:1\nbatch 30%\nbatch 30% wait=5m\nw C:\\data"), @r#"
        S0102 1:7 `registry/x:1` `registry/x:1` is not quoted | quote it: `"registry/x:1"`
        S0102 2:7 `30%` `30%` is not quoted | quote it: `"30%"`
        S0102 3:7 `30%` `30%` is not quoted | quote it: `"30%"`
        S0102 3:16 `5m` `5m` is not quoted | quote it: `"5m"`
        S0102 4:3 `C:\data` `C:\data` is not quoted | quote it: `"C:\\data"`
        "#);
        insta::assert_snapshot!(kdl("a from=http://x/y?a=b // comment\nb .5 c=#fff"), @r##"
        S0102 1:8 `http://x/y?a=b` `http://x/y?a=b` is not quoted | quote it: `"http://x/y?a=b"`
        S0102 2:3 `.5` `.5` is not quoted | write `0.5`
        S0102 2:8 `#fff` `#fff` is not quoted | quote it: `"#fff"`
        "##);
    }

    #[test]
    fn the_caret_is_right_after_chinese_text() {
        insta::assert_snapshot!(kdl("组件 \"订单\" 大小=20Gi { /* 注释 */ cpu 500m }"), @r#"
        S0102 1:12 `20Gi` `20Gi` is not quoted | quote it: `"20Gi"`
        S0102 1:32 `500m` `500m` is not quoted | quote it: `"500m"`
        "#);
    }
}
