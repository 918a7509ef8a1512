//! A schedule that has not six fields.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// `schedule-fields`
pub static RULE: Rule =
    Rule { code: "S0230", name: "schedule-fields", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"A schedule has six fields: second, minute, hour, day of the month, month, weekday. cronhpa takes five without a word and
reads them one place to the left: `0 8 * * *` would not be eight in the morning but every hour at 08 seconds.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=400 {
            cron "double-11" from="50 23 10 11 *" until="0 0 2 11 11 *" time-zone="Asia/Shanghai" replicas=200
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "cronhpa" time-zone="Asia/Shanghai"
    }
    environment "prod" cluster="c"
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=400 {
            cron "double-11" from="0 50 23 10 11 *" until="0 0 2 11 11 *" time-zone="Asia/Shanghai" replicas=200
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "cronhpa" time-zone="Asia/Shanghai"
    }
    environment "prod" cluster="c"
}
```
"#;

/// A schedule of five, or seven, or any other number of fields.
pub fn found(text: &str, span: Span) -> Diagnostic {
    let count = text.split_ascii_whitespace().count();
    let fields = if count == 1 { "field" } else { "fields" };
    let message = format!("a schedule has {count} {fields}, not six");
    let hint = match count {
        5 => format!("put the second first: `\"0 {}\"`", text.trim()),
        _ => "write second, minute, hour, day, month and weekday, such as `\"0 50 23 10 11 *\"`".to_owned(),
    };
    Diagnostic::new(&RULE, message, span, format!("{count} {fields}")).hint(hint)
}
