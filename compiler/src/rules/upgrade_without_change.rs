//! An upgrade of Windows nodes to the build that they have.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `upgrade-without-change`
pub static RULE: Rule = Rule {
    code: "S0339",
    name: "upgrade-without-change",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"An upgrade says which other build a pool is on the way to. Once all its nodes have it, it becomes the `build` of the pool,
and the `upgrade` goes.

## Wrong
```kdl
app "shop" {
    component "erp" {
        os "windows"
        image "registry.example.com/erp:1" base="ltsc2022"
        image "registry.example.com/erp:1-ltsc2025" base="ltsc2025"
        resources cpu="2" memory="4Gi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" cpu=8 memory="32Gi" nodes=4 os="windows" build="ltsc2025" {
            upgrade "ltsc2025" nodes=2
        }
    }
    environment "prod" cluster="c"
}
```

## Right
```kdl
app "shop" {
    component "erp" {
        os "windows"
        image "registry.example.com/erp:1" base="ltsc2022"
        image "registry.example.com/erp:1-ltsc2025" base="ltsc2025"
        resources cpu="2" memory="4Gi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" cpu=8 memory="32Gi" nodes=4 os="windows" build="ltsc2025"
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let clusters = app.platform.iter().flat_map(|platform| &platform.clusters);
    for pool in clusters.flat_map(|cluster| &cluster.pools) {
        let (Some(build), Some(next)) = (pool.os.build(), pool.upgrade) else { continue };
        if !build.value.is(next.value) {
            continue;
        }
        let message = format!("pool `{}` has build `{}` already", pool.name.value, next.value.name);
        let diagnostic =
            Diagnostic::new(&RULE, message, next.span, "the same build").also(build.span, "the pool's build");
        diagnostics.push(diagnostic.hint("remove the upgrade, and count its nodes with the pool's"));
    }
}
