//! A folder that would be mounted over everything the image holds.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `mount-over-root`
pub static RULE: Rule = Rule {
    code: "S0395",
    name: "mount-over-root",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A `volume` takes the place of the folder that it is mounted at, and on Windows a `config` does too. At `/` it would hide
all that the image holds, the program included, and no container starts.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        volume "cache" kind="scratch" mount="/"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        volume "cache" kind="scratch" mount="/var/cache"
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        for container in component.every_container() {
            // On Linux a `config` is one file in its folder, and the others stay.
            let configs = container.configs.iter().filter(|_| component.os.build().is_some());
            let configs = configs.map(|config| (&config.mount, &config.name));
            let volumes = container.mounts.iter().map(|mount| (&mount.path, &mount.volume));
            for (path, name) in volumes.chain(configs) {
                // A path is empty where the volume is not declared, which is another mistake.
                if path.value.starts_with('/') && path.value.trim_end_matches('/').is_empty() {
                    let message = format!("`{}` is mounted over the whole image", name.value);
                    diagnostics.push(
                        Diagnostic::new(&RULE, message, path.span, "mounted here")
                            .hint("mount it at a folder of its own, such as `\"/var/cache\"`"),
                    );
                }
            }
        }
    }
}
