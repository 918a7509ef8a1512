//! The same lines collected twice.

use crate::app::{App, LogSource};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `duplicate-logs`
pub static RULE: Rule =
    Rule { code: "S0368", name: "duplicate-logs", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"The collector takes one configuration for a stream and leaves out the others without a word; at best every line would
be paid for twice.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        logs "stdout"
        logs "stdout"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "ack-log"
        logs project="k8s-log-shop" logstore="apps" region="cn-hangzhou"
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
        logs "stdout"
        logs file="/var/log/app/*.log"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "ack-log"
        logs project="k8s-log-shop" logstore="apps" region="cn-hangzhou"
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        for (index, logs) in component.logs.iter().enumerate() {
            let earlier =
                component.logs[..index].iter().find(|other| other.source.value == logs.source.value);
            let Some(first) = earlier else { continue };
            let what = match &logs.source.value {
                LogSource::Stdout => "what it prints".to_owned(),
                LogSource::File(path) => format!("`{path}`"),
            };
            let message = format!("component `{}` has {what} collected twice", component.name.value);
            let diagnostic = Diagnostic::new(&RULE, message, logs.source.span, "collected again here")
                .also(first.source.span, "first collected here");
            diagnostics.push(diagnostic.hint("leave out one of them"));
        }
    }
}
