//! A schedule for a day that no year has.

use crate::app::{Field, Schedule};
use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// `schedule-never-fires`
pub static RULE: Rule =
    Rule { code: "S0233", name: "schedule-never-fires", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"The 30th of February never comes, so the window would never open, or never close.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=400 {
            cron "double-11" from="0 50 23 30 2 *" until="0 0 2 11 11 *" time-zone="Asia/Shanghai" replicas=200
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
            cron "double-11" from="0 50 23 28 2 *" until="0 0 2 1 3 *" time-zone="Asia/Shanghai" replicas=200
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

/// A schedule that never fires.
pub fn found(schedule: &Schedule, span: Span) -> Diagnostic {
    let days: Vec<String> = schedule.values(Field::Day).map(|day| day.to_string()).collect();
    let message = format!("the schedule `{schedule}` never fires");
    let label = format!("no month of it has a day {}", days.join(" or "));
    Diagnostic::new(&RULE, message, span, label).hint("name a day that the month has")
}
