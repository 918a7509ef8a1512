//! A schedule that begins with `@`.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::source::Span;

/// `schedule-descriptor`
pub static RULE: Rule =
    Rule { code: "S0231", name: "schedule-descriptor", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Schedules are six fields. `@date` in the past is no error to cronhpa: it becomes the same day of the next year. `@daily` and
`@every` do not say at which second they fire, and a CronJob does not know all of them.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=400 {
            cron "double-11" from="@date 2026-11-10 23:50:00" until="0 0 2 11 11 *" time-zone="Asia/Shanghai" replicas=200
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

/// A schedule such as `@date 2026-11-10 23:50:00` or `@daily`.
pub fn found(text: &str, span: Span) -> Diagnostic {
    let word = text.split_ascii_whitespace().next().unwrap_or_default();
    let hint = as_fields(text).map_or_else(
        || "write six fields, such as `\"0 50 23 10 11 *\"`".to_owned(),
        |fields| format!("write it as six fields: `\"{fields}\"`"),
    );
    Diagnostic::new(&RULE, format!("a schedule cannot be `{word}`"), span, "not six fields").hint(hint)
}

fn as_fields(text: &str) -> Option<String> {
    let fields = match text.trim() {
        "@yearly" | "@annually" => "0 0 0 1 1 *",
        "@monthly" => "0 0 0 1 * *",
        "@weekly" => "0 0 0 * * 0",
        "@daily" | "@midnight" => "0 0 0 * * *",
        "@hourly" => "0 0 * * * *",
        other => {
            let time: jiff::civil::DateTime = other.strip_prefix("@date ")?.trim().parse().ok()?;
            let (second, minute, hour) = (time.second(), time.minute(), time.hour());
            return Some(format!("{second} {minute} {hour} {} {} *", time.day(), time.month()));
        }
    };
    Some(fields.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_written_as_fields_is_offered() {
        assert_eq!(as_fields("@date 2026-11-10 23:50:00").as_deref(), Some("0 50 23 10 11 *"));
        assert_eq!(as_fields("@daily").as_deref(), Some("0 0 0 * * *"));
        assert_eq!(as_fields("@every 5m"), None);
    }
}
