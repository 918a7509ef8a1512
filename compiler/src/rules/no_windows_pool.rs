//! A Windows component where there are no Windows nodes.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `no-windows-pool`
pub static RULE: Rule = Rule {
    code: "S0333",
    name: "no-windows-pool",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A Windows component needs a pool of Windows nodes in every cluster that it runs on.

## Wrong
```kdl
app "shop" {
    component "erp" {
        os "windows" build="ltsc2022"
        image "registry.example.com/erp:1"
        resources cpu="2" memory="4Gi"
    }
}
```

## Right
```kdl
app "shop" {
    component "erp" {
        os "windows" build="ltsc2022"
        image "registry.example.com/erp:1"
        resources cpu="2" memory="4Gi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" os="windows" build="ltsc2022" cpu=8 memory="32Gi" nodes=4
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, cluster) in app.placed() {
        let windows = |pool: &crate::app::Pool| pool.os.build().is_some() && pool.nodes.max(pool.max) > 0;
        if cluster.pools.iter().any(windows) {
            continue;
        }
        for component in &cell.components {
            let Some(build) = component.os.build() else { continue };
            let (name, place) = (&component.name.value, &cluster.name);
            let message = format!("cluster `{}` has no Windows node for component `{name}`", place.value);
            let hint = format!(
                "ask the operators for `pool \"windows\" os=\"windows\" build=\"{}\"`",
                build.value.name
            );
            diagnostics.push(
                Diagnostic::new(&RULE, message, build.span, "needs Windows")
                    .also(place.span, "the cluster")
                    .hint(hint),
            );
        }
    }
}
