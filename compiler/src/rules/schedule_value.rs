//! A field of a schedule that no reader understands alike.

use crate::app::Field;
use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// `schedule-value`
pub static RULE: Rule =
    Rule { code: "S0232", name: "schedule-value", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Each field is `*`, a number, a range `1-5`, a step `*/10`, or a list of them; the second is one number. Weekdays go from 0
(Sunday) to 6: a 7 is refused by cronhpa and by Kubernetes, though other readers take it.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=400 {
            cron "double-11" from="0 50 23 * * 7" until="0 0 2 * * 1" time-zone="Asia/Shanghai" replicas=200
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
            cron "double-11" from="0 50 23 * * 0" until="0 0 2 * * 1" time-zone="Asia/Shanghai" replicas=200
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

/// A field that cannot be read.
pub fn found(text: &str, field: Field, span: Span) -> Diagnostic {
    let part = text.split_ascii_whitespace().nth(field as usize).unwrap_or_default();
    let message = format!("`{part}` is no {} of a schedule", field.name());
    let (least, greatest) = field.range();
    let hint = match field {
        Field::Second => format!("write one number from {least} to {greatest}"),
        Field::Weekday if part == "7" => "write `0` for Sunday".to_owned(),
        Field::Minute | Field::Hour | Field::Day | Field::Month | Field::Weekday => {
            format!(
                "write `*`, numbers from {least} to {greatest}, ranges such as `1-5`, steps such as `*/2`, or lists"
            )
        }
    };
    Diagnostic::new(&RULE, message, span, format!("the {}", field.name())).hint(hint)
}
