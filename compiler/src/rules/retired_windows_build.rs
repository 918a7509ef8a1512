//! A Windows build that Kubernetes has given up.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `retired-windows-build`
pub static RULE: Rule = Rule {
    code: "S0335",
    name: "retired-windows-build",
    severity: Severity::Warning,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Kubernetes supports nodes of Windows Server 2022 and 2025. Older builds get no fixes, and may stop working with any
upgrade of the cluster.

## Wrong
```kdl
app "shop" {
    component "erp" {
        os "windows" build="ltsc2019"
        image "registry.example.com/erp:1"
        resources cpu="2" memory="4Gi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" os="windows" build="ltsc2019" cpu=8 memory="32Gi" nodes=4
    }
    environment "prod" cluster="c"
}
```

```kdl
app "shop" {
    component "erp" {
        os "windows"
        image "registry.example.com/erp:1" base="ltsc2022"
        image "registry.example.com/erp:1-20H2" base="20H2"
        resources cpu="2" memory="4Gi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" cpu=8 memory="32Gi" nodes=4 os="windows" build="ltsc2022" {
            upgrade "20H2" nodes=2
        }
    }
    environment "prod" cluster="c"
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
    let components = app.cells.iter().flat_map(|cell| &cell.components);
    let components = components.filter_map(|component| component.os.build());
    let clusters = app.platform.iter().flat_map(|platform| &platform.clusters);
    let pools = clusters.flat_map(|cluster| &cluster.pools).filter_map(|pool| pool.os.build());
    for build in components.chain(pools).filter(|build| !build.value.supported) {
        let message = format!("build `{}` of Windows is not supported by Kubernetes", build.value.name);
        let diagnostic = Diagnostic::new(&RULE, message, build.span, "given up upstream");
        diagnostics.push(diagnostic.hint("move nodes and images to `ltsc2022` or `ltsc2025`"));
    }
}
