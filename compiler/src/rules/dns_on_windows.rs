//! A component on Windows that asks a cache, which only Linux has.

use crate::app::{App, DnsMode};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `dns-on-windows`
pub static RULE: Rule =
    Rule { code: "S0360", name: "dns-on-windows", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"NodeLocal DNSCache is a process of Linux nodes, and the sidecar's image is one of Linux: neither runs beside a container
of Windows.

## Wrong
```kdl
app "shop" {
    component "web" {
        os "windows" build="ltsc2022"
        image "registry.example.com/web:1" base="ltsc2022"
        resources cpu="500m" memory="512Mi"
        dns "sidecar"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" os="windows" build="ltsc2022" cpu=8 memory="32Gi" nodes=4
        dns { sidecar-image "registry.example.com/coredns:1.14"; service-ip "10.96.0.10"; }
    }
    environment "prod" cluster="c"
}
```

## Right
```kdl
app "shop" {
    component "web" {
        os "windows" build="ltsc2022"
        image "registry.example.com/web:1" base="ltsc2022"
        resources cpu="500m" memory="512Mi"
        dns "cluster"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" os="windows" build="ltsc2022" cpu=8 memory="32Gi" nodes=4
        dns { sidecar-image "registry.example.com/coredns:1.14"; service-ip "10.96.0.10"; }
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let (mode, Some(build)) = (component.dns, component.os.build()) else { continue };
        if mode.value == DnsMode::Cluster {
            continue;
        }
        let (name, word) = (&component.name.value, mode.value.name());
        let message = format!("component `{name}` runs on Windows, where `dns \"{word}\"` does not exist");
        let diagnostic = Diagnostic::new(&RULE, message, mode.span, "a cache of Linux")
            .also(build.span, "Windows, by this")
            .hint("write `dns \"cluster\"`, and let the service cache names itself where it can");
        diagnostics.push(diagnostic);
    }
}
