//! A schedule with a day of the month and a weekday.

use crate::app::Schedule;
use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// `schedule-day-or-weekday`
pub static RULE: Rule = Rule {
    code: "S0234",
    name: "schedule-day-or-weekday",
    severity: Severity::Error,
    docs: DOCS,
    check: None,
};

const DOCS: &str = r#"Where both are given, cron fires on days that fit either of them, which is rarely what was meant: the 11th, and every
Monday too.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=400 {
            cron "double-11" from="0 50 23 11 * 1" until="0 0 2 11 11 *" time-zone="Asia/Shanghai" replicas=200
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
            cron "double-11" from="0 50 23 11 * *" until="0 0 2 12 * *" time-zone="Asia/Shanghai" replicas=200
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

/// A schedule that names both.
pub fn found(schedule: &Schedule, span: Span) -> Diagnostic {
    let message = format!("the schedule `{schedule}` names a day of the month and a weekday");
    let diagnostic = Diagnostic::new(&RULE, message, span, "either of them makes it fire");
    diagnostic.hint("write `*` for one of them, or one `cron` for each")
}
