//! Two configuration files that would be mounted at one path.

use crate::app::{App, Config};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `duplicate-mount`
pub static RULE: Rule = Rule {
    code: "S0312",
    name: "duplicate-mount",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Every `config` is mounted as `<mount>/<name>`; two at one path would hide each other.

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
        let path =
            |config: &Config| format!("{}/{}", config.mount.value.trim_end_matches('/'), config.name.value);
        for (index, config) in component.configs.iter().enumerate() {
            let inside = |a: &str, b: &str| a == b || a.starts_with(&format!("{b}/"));
            let (mine, earlier) = (path(config), &component.configs[..index]);
            if let Some(other) =
                earlier.iter().find(|other| inside(&mine, &path(other)) || inside(&path(other), &mine))
            {
                let message = format!("`{mine}` is mounted over `{}`", path(other));
                let diagnostic = Diagnostic::new(&RULE, message, config.mount.span, "mounted here")
                    .also(other.mount.span, "and the other here")
                    .hint("mount one of them elsewhere");
                diagnostics.push(diagnostic);
            }
        }
    }
}
