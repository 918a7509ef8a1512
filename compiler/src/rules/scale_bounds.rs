//! A lower bound above the upper one.

use crate::app::{App, Scale};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `scale-bounds`
pub static RULE: Rule =
    Rule { code: "S0305", name: "scale-bounds", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"An autoscaler moves between `min` and `max`. An override of one bound in an environment can turn them round.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=10 max=4
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=4 max=10
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let Scale::Auto(auto) = &component.scale else { continue };
        if auto.min.value > auto.max.value {
            let name = &component.name.value;
            let message = format!("component `{name}` scales from {} to {}", auto.min.value, auto.max.value);
            let diagnostic = Diagnostic::new(&RULE, message, auto.min.span, "the lower bound")
                .also(auto.max.span, "the upper bound")
                .hint("raise `max` or lower `min`");
            diagnostics.push(diagnostic);
        }
    }
}
