//! A pod that ECI does not take.

use crate::app::eci::LARGEST;
use crate::app::{App, Burst, Component};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::Span;

/// `beyond-eci`
pub static RULE: Rule =
    Rule { code: "S0336", name: "beyond-eci", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"On ECI a pod has at most 20 containers, 20 volumes, 64 vCPU and 512 GiB, and ports 111, 10250 and 10255 are ECI's own.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "rpc" 111
        burst "when-short"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=2000
    }
    environment "prod" cluster="c" eci="allow"
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="1Gi"
        port "rpc" 8111
        burst "when-short"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=2000
    }
    environment "prod" cluster="c" eci="allow"
}
```
"#;

/// Alibaba Cloud, ECI limits (document 89138): containers and volumes of a pod.
const MOST: usize = 20;
/// Ports that ECI keeps for itself, from the same page.
const OWN_PORTS: [u16; 3] = [111, 10_250, 10_255];

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        if component.burst.value == Burst::Never {
            continue;
        }
        for (span, what, hint) in beyond(component) {
            let message =
                format!("component `{}` may use ECI, which does not take {what}", component.name.value);
            diagnostics.push(
                Diagnostic::new(&RULE, message, span, what)
                    .also(component.burst.span, "may use ECI")
                    .hint(hint),
            );
        }
    }
}

fn beyond(component: &Component) -> Vec<(Span, String, &'static str)> {
    let mut found = Vec::new();
    let containers = component.every_container().count();
    let volumes = component.volumes.len() + component.configs().count();
    for (count, what) in [(containers, "containers"), (volumes, "volumes")] {
        if count > MOST {
            let what = format!("{count} {what} in a pod");
            found.push((component.name.span, what, "split the component, or write `burst \"never\"`"));
        }
    }
    for port in component.running().flat_map(|container| &container.ports) {
        if OWN_PORTS.contains(&port.number.value) {
            let what = format!("port {}", port.number.value);
            found.push((port.number.span, what, "listen on another port"));
        }
    }
    let (cpu_milli, memory_bytes) = component.counted();
    if cpu_milli > LARGEST.cpu_milli || memory_bytes > LARGEST.memory_bytes {
        let what = "a pod above 64 vCPU or 512 GiB".to_owned();
        found.push((
            component.main.resources.cpu_milli.span,
            what,
            "request less, or write `burst \"never\"`",
        ));
    }
    found
}
