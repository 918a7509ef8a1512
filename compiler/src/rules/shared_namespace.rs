//! Two cells whose namespaces have one name.

use crate::app::{App, Cell};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use std::collections::BTreeMap;

/// `shared-namespace`
pub static RULE: Rule = Rule {
    code: "S0375",
    name: "shared-namespace",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A cell's namespace is `<app>-<environment>[-<tenant>]`, and names may hold dashes: environment `a-b` and tenant `c` of
environment `a`, called `b-c`, meet in one namespace. What one of them applies the other would overwrite.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
    environment "prod-eu" {
        tenant "a"
    }
    environment "prod" {
        tenant "eu-a"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
    environment "prod-eu" cluster="c"
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
    environment "prod-eu" {
        tenant "a"
    }
    environment "prod" {
        tenant "a"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
    environment "prod-eu" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<(usize, &str), &Cell> = BTreeMap::new();
    for cell in &app.cells {
        let Some(first) = seen.insert((cell.cluster, &cell.namespace), cell) else { continue };
        // A tenant or environment that is declared twice is reported as such.
        if (&first.environment, &first.tenant) == (&cell.environment, &cell.tenant) {
            continue;
        }
        let message = format!("two cells share the namespace `{}`", cell.namespace);
        let diagnostic = Diagnostic::new(&RULE, message, cell.span, title(cell))
            .also(first.span, title(first))
            .hint("rename one of the environments or tenants");
        diagnostics.push(diagnostic);
    }
}

fn title(cell: &Cell) -> String {
    let tenant = cell.tenant.as_ref().map(|tenant| format!(", tenant `{tenant}`")).unwrap_or_default();
    format!("environment `{}`{tenant}", cell.environment)
}
