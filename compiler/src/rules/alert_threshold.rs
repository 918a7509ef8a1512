//! An alert whose threshold does not fit what it watches.

use crate::app::{Alert, App, Signal, Threshold};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `alert-threshold`
pub static RULE: Rule = Rule {
    code: "S0363",
    name: "alert-threshold",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"CPU, memory and pods that are not ready are shares, restarts are counted, and the others are either so or not.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        alert "restarts" above="80%"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "prometheus-operator"
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
        alert "restarts" above=3
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "prometheus-operator"
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let components = app.cells.iter().flat_map(|cell| &cell.components);
    for alert in components.flat_map(|component| &component.alerts) {
        let word = alert.signal.value.word();
        let above = alert.above.as_ref();
        let found = match (wanted(alert), above.map(|above| above.value)) {
            (Wanted::Share, Some(Threshold::Percent(_)))
            | (Wanted::Count, Some(Threshold::Count(_)))
            | (Wanted::Nothing, None) => continue,
            (Wanted::Share, _) => (format!("`{word}` is a share"), "write `above=\"80%\"`"),
            (Wanted::Count, _) => (format!("`{word}` is counted"), "write `above=3`"),
            (Wanted::Nothing, Some(_)) => (format!("`{word}` is so or not"), "leave out `above`"),
        };
        let span = above.map_or(alert.signal.span, |above| above.span);
        let label = if above.is_some() { "does not fit" } else { "above which value?" };
        diagnostics.push(Diagnostic::new(&RULE, found.0, span, label).hint(found.1));
    }
}

enum Wanted {
    Share,
    Count,
    Nothing,
}

fn wanted(alert: &Alert) -> Wanted {
    match alert.signal.value {
        Signal::Cpu | Signal::Memory | Signal::NotReady => Wanted::Share,
        Signal::Restarts => Wanted::Count,
        Signal::Oom | Signal::AtMax | Signal::Stuck => Wanted::Nothing,
    }
}
