//! A disk where there is no member to own it.

use crate::app::{App, ComponentKind, VolumeKind};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `disk-without-member`
pub static RULE: Rule = Rule {
    code: "S0321",
    name: "disk-without-member",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A disk is attached to one node at a time. The members of a stateful component have one each. The pods of a stateless
component would have to share it: two replicas on two nodes cannot, and during a release the new pod would wait for a
disk that the old one has, while the old one waits for the new pod. The same holds of a daemon.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        volume "data" size="20Gi" mount="/data"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        kind "stateful"
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        volume "data" size="20Gi" mount="/data"
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        if component.kind.value == ComponentKind::Stateful {
            continue;
        }
        for volume in component.volumes.iter().filter(|v| matches!(v.kind.value, VolumeKind::Disk(_))) {
            let (name, disk) = (&component.name.value, &volume.name.value);
            let message = format!("the pods of component `{name}` cannot share the disk `{disk}`");
            diagnostics.push(
                Diagnostic::new(&RULE, message, volume.kind.span, "a disk, which one node has at a time")
                    .also(component.kind.span, "its pods have no numbers")
                    .hint("write `kind=\"stateful\"`, or a volume of kind `nas` or `scratch`"),
            );
        }
    }
}
