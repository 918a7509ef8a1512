//! A component other than a daemon that reaches into its node.

use crate::app::{App, ComponentKind, VolumeKind};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `node-access`
pub static RULE: Rule =
    Rule { code: "S0322", name: "node-access", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"Folders and ports of a node belong to what watches the node: daemons. The pods of other components move from node to
node and would find another folder, or a port that is taken; and on ECI there is no node to reach into.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        volume "logs" kind="host" path="/var/log" mount="/logs"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        kind "daemon"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        volume "logs" kind="host" path="/var/log" mount="/logs"
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        if component.kind.value == ComponentKind::Daemon {
            continue;
        }
        let folders = component.volumes.iter().filter(|v| matches!(v.kind.value, VolumeKind::Host { .. }));
        let folders = folders.map(|volume| (volume.kind.span, "a folder of the node"));
        let ports = component.every_container().flat_map(|container| &container.ports);
        let ports = ports.filter_map(|port| Some((port.host?.span, "a port of the node")));
        for (span, what) in folders.chain(ports) {
            let message = format!("component `{}` is no daemon and asks for {what}", component.name.value);
            diagnostics.push(
                Diagnostic::new(&RULE, message, span, what)
                    .also(component.kind.span, "what it is")
                    .hint("write `kind=\"daemon\"`, or use a volume of its own and `expose`"),
            );
        }
    }
}
