//! Two ports of one pod with one number or one name.

use crate::app::{App, Container, Port};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `port-twice`
pub static RULE: Rule =
    Rule { code: "S0320", name: "port-twice", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"The containers of a pod share one network: two of them cannot listen on one port, and a name must say which of them is
meant. TCP and UDP are counted apart.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        container "metrics" {
            image "registry.example.com/metrics:1"
            resources cpu="50m" memory="64Mi"
            port "metrics" 8080
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
        port "http" 8080
        container "metrics" {
            image "registry.example.com/metrics:1"
            resources cpu="50m" memory="64Mi"
            port "metrics" 9100
        }
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let mut seen: Vec<(&Port, &Container)> = Vec::new();
        for container in component.running() {
            for port in &container.ports {
                diagnostics.extend(seen.iter().find_map(|first| clash(port, container, *first)));
                seen.push((port, container));
            }
        }
    }
}

fn clash(port: &Port, container: &Container, (first, of): (&Port, &Container)) -> Option<Diagnostic> {
    if (first.number.value, first.protocol) == (port.number.value, port.protocol) {
        let message = format!("port {} is taken twice in one pod", port.number.value);
        let diagnostic = Diagnostic::new(&RULE, message, port.number.span, "taken again");
        let diagnostic = diagnostic.also(first.number.span, "taken first here");
        return Some(diagnostic.hint("let one of them listen on another port"));
    }
    // In one container the shape of the document says so already.
    (first.name.value == port.name.value && of.name.value != container.name.value).then(|| {
        let message = format!("two ports of one pod are called `{}`", port.name.value);
        let diagnostic = Diagnostic::new(&RULE, message, port.name.span, "called so again");
        diagnostic.also(first.name.span, "called so first").hint("give one of them another name")
    })
}
