//! Two things that would be mounted at one path.

use crate::app::{App, Container, Os};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::Span;

/// `duplicate-mount`
pub static RULE: Rule = Rule {
    code: "S0312",
    name: "duplicate-mount",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Every `config` is mounted as `<mount>/<name>`, and every `volume` as `mount`; two at one path would hide each other, and
nothing lies in a file. On Windows a `config` takes its whole folder.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        config "a.ini" mount="/etc/app" from="app.ini"
        config "b.ini" mount="/etc/app/a.ini" from="app.ini"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        config "a.ini" mount="/etc/app" from="app.ini"
        config "b.ini" mount="/etc/app" from="app.ini"
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        for container in component.every_container() {
            let mut mounted: Vec<Mounted> = Vec::new();
            for mount in all(container, component.os) {
                if let Some(other) = mounted.iter().find(|other| clash(&mount, other)) {
                    diagnostics.push(found(&mount, other));
                }
                mounted.push(mount);
            }
        }
    }
}

/// One thing that a container finds at a path.
struct Mounted {
    path: String,
    is_file: bool,
    span: Span,
}

fn all(container: &Container, os: Os) -> Vec<Mounted> {
    let trimmed = |path: &str| path.trim_end_matches('/').to_owned();
    let files = container.configs.iter().map(|config| Mounted {
        path: format!("{}/{}", trimmed(&config.mount.value), config.name.value),
        is_file: true,
        span: config.mount.span,
    });
    // On Windows the whole folder is mounted, once for all of its files.
    let folders = container.configs.iter().filter(|_| os.build().is_some());
    let folders = folders.map(|config| trimmed(&config.mount.value)).collect::<Vec<_>>();
    let volumes = container.mounts.iter().map(|mount| Mounted {
        path: trimmed(&mount.path.value),
        is_file: folders.contains(&trimmed(&mount.path.value)),
        span: mount.path.span,
    });
    files.chain(volumes).collect()
}

/// Whether two would hide each other. A folder may lie in a folder, and a file too; nothing lies in a file.
fn clash(mount: &Mounted, other: &Mounted) -> bool {
    let inside = |a: &str, b: &str| a.starts_with(&format!("{b}/"));
    let (mine, its) = (mount.path.as_str(), other.path.as_str());
    mine == its || other.is_file && inside(mine, its) || mount.is_file && inside(its, mine)
}

fn found(mount: &Mounted, other: &Mounted) -> Diagnostic {
    let message = format!("`{}` is mounted over `{}`", mount.path, other.path);
    Diagnostic::new(&RULE, message, mount.span, "mounted here")
        .also(other.span, "and the other here")
        .hint("mount one of them elsewhere")
}
