//! A metric of the whole divided by the pods of one revision.

use crate::app::{Amount, App, Metric};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `average-while-releasing`
pub static RULE: Rule = Rule {
    code: "S0354",
    name: "average-while-releasing",
    severity: Severity::Warning,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"While two revisions run, each has an autoscaler of its own. One that keeps the average of a metric of the whole, such as a
queue, sees only its own pods and asks for all that the queue needs: together they ask for twice as many, up to their bounds.
A `value` keeps the ratio, and so each asks for its part.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=40 {
            external "queue_length" average="30"
        }
        release {
            batch 1 pause=#true
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
        scale min=4 max=40 {
            external "queue_length" value="1000"
        }
        release {
            batch 1 pause=#true
            batch "100%"
        }
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (_, component, auto) in app.autoscaled() {
        let halts = component.release.batches.iter().find(|batch| batch.pause || batch.wait_ns > 0);
        let Some(halt) = halts else { continue };
        for metric in &auto.metrics {
            let (Metric::Object { name, target: Amount::Average(average), .. }
            | Metric::External { name, target: Amount::Average(average) }) = metric
            else {
                continue;
            };
            let message = format!(
                "while component `{}` stands between two revisions, both scale for the whole of `{}`",
                component.name.value, name.name.value
            );
            let diagnostic =
                Diagnostic::new(&RULE, message, average.span, "divided by the pods of each revision")
                    .also(halt.size.span, "two revisions stay side by side here")
                    .hint("keep a `value` of the metric itself");
            diagnostics.push(diagnostic);
        }
    }
}
