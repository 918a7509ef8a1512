//! Pods that count only when the time for their batch is over.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `min-ready-too-long`
pub static RULE: Rule = Rule {
    code: "S0353",
    name: "min-ready-too-long",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A pod counts once it has been ready for `min-ready`. A batch that has less time than that fails, however well its pods
are.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        release {
            min-ready "2m"
            deadline "1m"
            batch "100%"
        }
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        release {
            min-ready "30s"
            deadline "5m"
            batch "100%"
        }
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let release = &component.release;
        let Some(min_ready) = release.min_ready_seconds else { continue };
        let deadline = release.deadline_ns / 1_000_000_000;
        if u64::from(min_ready.value) < deadline {
            continue;
        }
        let name = &component.name.value;
        let message = format!(
            "pods of component `{name}` count after {} s, and a batch may take {deadline} s",
            min_ready.value
        );
        let diagnostic = Diagnostic::new(&RULE, message, min_ready.span, "how long a pod must be ready");
        diagnostics.push(diagnostic.hint("lower `min-ready` or raise `deadline`"));
    }
}
