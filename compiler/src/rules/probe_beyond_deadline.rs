//! A probe that is still patient when the rollout gives up.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `probe-beyond-deadline`
pub static RULE: Rule = Rule {
    code: "S0329",
    name: "probe-beyond-deadline",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A batch fails when its pods are not available before the `deadline` of the release. A startup probe that waits longer, or a
readiness probe that begins later, would never be heard to its end.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        startup http="/started" period="10s" failures=60
        release deadline="5m"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        startup http="/started" period="10s" failures=20
        release deadline="5m"
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let deadline_seconds = component.release.deadline_ns / 1_000_000_000;
        for container in component.running() {
            let startup = container.startup.as_ref().map(|probe| (probe, probe.patience_seconds()));
            let readiness = container.readiness.as_ref().map(|probe| (probe, u64::from(probe.delay_seconds)));
            for (probe, seconds) in startup.into_iter().chain(readiness) {
                if seconds <= deadline_seconds {
                    continue;
                }
                let message = format!(
                    "a probe of component `{}` waits for {seconds} s, and a batch fails after {deadline_seconds} s",
                    component.name.value
                );
                diagnostics.push(
                    Diagnostic::new(&RULE, message, probe.span, "waits longer")
                        .hint("lower `period`, `failures` or `delay`, or raise `deadline` in `release`"),
                );
            }
        }
    }
}
