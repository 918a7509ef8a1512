//! A batch that counts every pod there may be.

use crate::app::{App, BatchSize};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `canary-larger-than-fleet`
pub static RULE: Rule = Rule {
    code: "S0345",
    name: "canary-larger-than-fleet",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A batch before the last one is a part of the fleet, so that something is left if it fails. A count that is not below the
least number of pods is no part of it.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=40
        release {
            batch 5 pause=#true
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
        scale min=4 max=40
        release {
            batch 1 pause=#true
            batch "100%"
        }
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, component) in app.cells.iter().flat_map(|cell| cell.components.iter().map(move |c| (cell, c)))
    {
        let batches = &component.release.batches;
        let least = component.scale.least();
        for batch in &batches[..batches.len().saturating_sub(1)] {
            let BatchSize::Count(count) = batch.size.value else { continue };
            // The only pod there is can be its own canary.
            if count < least.value.max(2) {
                continue;
            }
            let name = &component.name.value;
            let message = format!(
                "a batch of component `{name}` takes {count} pods, and in {} there may be {}",
                cell.title(app.platform.as_ref()),
                least.value
            );
            let diagnostic = Diagnostic::new(&RULE, message, batch.size.span, "this batch")
                .also(least.span, "the least number of pods")
                .hint("lower the batch, or write a share such as `batch \"10%\"`");
            diagnostics.push(diagnostic);
        }
    }
}
