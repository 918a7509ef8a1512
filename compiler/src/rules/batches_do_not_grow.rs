//! A batch that goes no further than the one before, or a last one short of everything.

use crate::app::{App, BatchSize};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `batches-do-not-grow`
pub static RULE: Rule = Rule {
    code: "S0307",
    name: "batches-do-not-grow",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Batches say how far the new revision goes, each further than the one before; the last one is `batch "100%"`. Counts
come before shares, since a count cannot be compared with a share of pods that an autoscaler moves.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        release {
            batch "50%"
            batch "20%"
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
            batch 1 pause=#true
            batch "50%"
            batch "100%"
        }
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let batches = &component.release.batches;
        for pair in batches.windows(2) {
            let grows = match (pair[0].size.value, pair[1].size.value) {
                (BatchSize::Count(a), BatchSize::Count(b))
                | (BatchSize::Percent(a), BatchSize::Percent(b)) => a < b,
                (BatchSize::Count(_), BatchSize::Percent(_)) => true,
                (BatchSize::Percent(_), BatchSize::Count(_)) => false,
            };
            if !grows {
                let diagnostic = Diagnostic::new(
                    &RULE,
                    "a batch goes no further than the one before",
                    pair[1].size.span,
                    "this batch",
                );
                diagnostics.push(
                    diagnostic
                        .also(pair[0].size.span, "the one before")
                        .hint("put the batches in rising order, counts before shares"),
                );
            }
        }
        let last = &batches[batches.len() - 1];
        if last.size.value != BatchSize::Percent(100) {
            let message = "the last batch does not reach every pod";
            let diagnostic = Diagnostic::new(&RULE, message, last.size.span, "the last batch");
            diagnostics.push(diagnostic.hint("end with `batch \"100%\"`"));
        }
    }
}
