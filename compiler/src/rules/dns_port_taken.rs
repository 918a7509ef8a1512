//! A port of a component that its DNS sidecar needs.

use crate::app::{App, DnsMode};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::lower::dns::SIDECAR_PORTS;

/// `dns-port-taken`
pub static RULE: Rule =
    Rule { code: "S0359", name: "dns-port-taken", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"The containers of a pod share their ports. The sidecar of `dns "sidecar"` answers names on 53, shows metrics on 9253
and answers probes on 9254 and 9255: two containers on one port, and one of them never starts.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "metrics" 9253
        dns "sidecar"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        dns { sidecar-image "registry.example.com/coredns:1.14"; service-ip "10.96.0.10"; }
    }
    environment "prod" cluster="c"
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "metrics" 9100
        dns "sidecar"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        dns { sidecar-image "registry.example.com/coredns:1.14"; service-ip "10.96.0.10"; }
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        if component.dns.value != DnsMode::Sidecar {
            continue;
        }
        for port in component.running().flat_map(|container| &container.ports) {
            let number = port.number.value;
            let Some((_, what)) = SIDECAR_PORTS.iter().find(|(taken, _)| *taken == number) else { continue };
            let message = format!(
                "port {number} of component `{}` is what its DNS sidecar uses for {what}",
                component.name.value
            );
            let diagnostic = Diagnostic::new(&RULE, message, port.number.span, "taken")
                .also(component.dns.span, "by the sidecar asked for here")
                .hint("give the port another number, or the component another `dns`");
            diagnostics.push(diagnostic);
        }
    }
}
