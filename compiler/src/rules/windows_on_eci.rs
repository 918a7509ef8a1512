//! A Windows component that asks for ECI.

use crate::app::{App, Burst};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `windows-on-eci`
pub static RULE: Rule =
    Rule { code: "S0334", name: "windows-on-eci", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"No page of the vendor says that ECI runs Windows, so specc takes it that it does not.

## Wrong
```kdl
app "shop" {
    component "erp" {
        os "windows" build="ltsc2022"
        image "registry.example.com/erp:1"
        resources cpu="2" memory="4Gi"
        burst "when-short"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" os="windows" build="ltsc2022" cpu=8 memory="32Gi" nodes=4
        virtual-node "eci" quota=2000
    }
    environment "prod" cluster="c" eci="allow"
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
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let Some(build) = component.os.build() else { continue };
        if component.burst.value != Burst::Never {
            let message = format!("the Windows component `{}` cannot run on ECI", component.name.value);
            diagnostics.push(
                Diagnostic::new(&RULE, message, component.burst.span, "asks for ECI")
                    .also(build.span, "Windows")
                    .hint("remove `burst`, and let the operators enlarge the pool of Windows nodes"),
            );
        }
    }
}
