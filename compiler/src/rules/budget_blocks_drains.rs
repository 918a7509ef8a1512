//! A disruption budget under which no pod can ever be evicted.

use crate::app::{App, BatchSize, Disruption};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `budget-blocks-drains`
pub static RULE: Rule = Rule {
    code: "S0349",
    name: "budget-blocks-drains",
    severity: Severity::Warning,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Where as many pods must stay as there are, a node cannot be drained: upgrades of the node pool wait until somebody deletes
the pod by hand. Shares round up.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 3
        disruption min-available=3
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 3
        disruption min-available=2
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let Some(Disruption::MinAvailable(size)) = component.disruption else { continue };
        let least = component.scale.least();
        let stay = match size.value {
            BatchSize::Count(count) => u64::from(count),
            BatchSize::Percent(percent) => (u64::from(least.value) * u64::from(percent)).div_ceil(100),
        };
        if stay < u64::from(least.value) {
            continue;
        }
        let name = &component.name.value;
        let message = format!("no pod of component `{name}` can be evicted while it has {}", least.value);
        let diagnostic = Diagnostic::new(&RULE, message, size.span, format!("{stay} must stay"))
            .also(least.span, "the least number of pods")
            .hint("lower `min-available`, or write `max-unavailable=1`");
        diagnostics.push(diagnostic);
    }
}
