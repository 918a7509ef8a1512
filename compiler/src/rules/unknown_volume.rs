//! A container that mounts a volume that there is not.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::resolve::form::nearest;

/// `unknown-volume`
pub static RULE: Rule =
    Rule { code: "S0326", name: "unknown-volume", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"Containers mount volumes of their component, by name.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        volume "cache" kind="scratch" mount="/cache"
        container "warmer" {
            image "registry.example.com/warmer:1"
            resources cpu="50m" memory="64Mi"
            mount "cash"
        }
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        volume "cache" kind="scratch" mount="/cache"
        container "warmer" {
            image "registry.example.com/warmer:1"
            resources cpu="50m" memory="64Mi"
            mount "cache"
        }
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let known: Vec<&str> = component.volumes.iter().map(|volume| volume.name.value.as_str()).collect();
        for mount in component.every_container().flat_map(|container| &container.mounts) {
            let wanted = mount.volume.value.as_str();
            if known.contains(&wanted) {
                continue;
            }
            let message = format!("component `{}` has no volume `{wanted}`", component.name.value);
            let hint = match nearest(wanted, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("declare it: `volume \"{wanted}\" kind=\"scratch\" mount=\"/{wanted}\"`"),
            };
            diagnostics.push(Diagnostic::new(&RULE, message, mount.volume.span, "not declared").hint(hint));
        }
    }
}
