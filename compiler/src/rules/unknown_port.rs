//! A port that the component does not declare.

use crate::app::{App, Probe};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::resolve::form::nearest;

/// `unknown-port`
pub static RULE: Rule =
    Rule { code: "S0306", name: "unknown-port", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"Probes name a port of their container, and `expose` one of the component's containers.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        readiness http="/healthz" port="htpp"
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
        readiness http="/healthz" port="http"
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        // A probe asks a port of its own container; what is exposed may be a port of any.
        let every = component.running().flat_map(|container| &container.ports).collect::<Vec<_>>();
        let exposed = component.expose.iter().map(|expose| (&expose.target, every.clone()));
        let probes = component.running().flat_map(|container| {
            let all = [&container.readiness, &container.liveness, &container.startup];
            let named = all.into_iter().flatten().filter_map(Probe::port);
            named.map(|port| (port, container.ports.iter().collect()))
        });
        for (wanted, declared) in probes.chain(exposed) {
            let known: Vec<&str> = declared.iter().map(|port| port.name.value.as_str()).collect();
            if known.contains(&wanted.value.as_str()) {
                continue;
            }
            let message = format!("component `{}` has no port `{}`", component.name.value, wanted.value);
            let hint = match nearest(&wanted.value, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("declare it: `port \"{}\" 8080`", wanted.value),
            };
            diagnostics.push(Diagnostic::new(&RULE, message, wanted.span, "not declared").hint(hint));
        }
    }
}
