//! Two daemons that want one port of a node.

use crate::app::{App, Cell, Component, Protocol};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::{Span, Spanned};

/// `host-port-collision`
pub static RULE: Rule = Rule {
    code: "S0325",
    name: "host-port-collision",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A port of a node has one owner. Daemons run on every node of their operating system, so two that ask for one port there
keep each other from running; also two cells of one application on one cluster.

## Wrong
```kdl
app "shop" {
    component "metrics" kind="daemon" {
        image "registry.example.com/metrics:1"
        resources cpu="50m" memory="64Mi"
        port "metrics" 9100 host-port=9100
    }
    component "logs" kind="daemon" {
        image "registry.example.com/logs:1"
        resources cpu="50m" memory="64Mi"
        host-network #true
        port "admin" 9100
    }
    environment "prod"
}
```

## Right
```kdl
app "shop" {
    component "metrics" kind="daemon" {
        image "registry.example.com/metrics:1"
        resources cpu="50m" memory="64Mi"
        port "metrics" 9100 host-port=9100
    }
    component "logs" kind="daemon" {
        image "registry.example.com/logs:1"
        resources cpu="50m" memory="64Mi"
        host-network #true
        port "admin" 9101
    }
    environment "prod"
}
```
"#;

/// A port of every node of one system, and who asks for it.
struct Claim<'a> {
    cell: &'a Cell,
    component: &'a Component,
    number: Spanned<u16>,
    protocol: Protocol,
}

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let claims: Vec<Claim> = app
        .cells
        .iter()
        .flat_map(|cell| cell.components.iter().map(move |component| (cell, component)))
        .flat_map(|(cell, component)| claims(cell, component))
        .collect();
    for (index, claim) in claims.iter().enumerate() {
        let taken = |other: &&Claim| {
            other.cell.cluster == claim.cell.cluster
                && (other.number.value, other.protocol) == (claim.number.value, claim.protocol)
                && (other.component.os.runs_on(claim.component.os))
        };
        let Some(first) = claims[..index].iter().find(taken) else { continue };
        diagnostics.push(found(claim, first));
    }
}

fn claims<'a>(cell: &'a Cell, component: &'a Component) -> impl Iterator<Item = Claim<'a>> {
    let ports = component.running().flat_map(|container| &container.ports);
    ports.filter_map(move |port| {
        let number = port.host.or(component.host_network.map(|_| port.number))?;
        Some(Claim { cell, component, number, protocol: port.protocol })
    })
}

fn found(claim: &Claim, first: &Claim) -> Diagnostic {
    let (mine, other) = (&claim.component.name.value, &first.component.name.value);
    let message = format!("`{mine}` and `{other}` both want port {} of a node", claim.number.value);
    let other_place: (Span, String) = if first.number.span == claim.number.span {
        (first.cell.span, format!("the same component in namespace `{}`", first.cell.namespace))
    } else {
        (first.number.span, format!("`{other}` has it"))
    };
    Diagnostic::new(&RULE, message, claim.number.span, "wanted here")
        .also(other_place.0, other_place.1)
        .hint("choose another port, or run the daemon in one cell of the cluster alone")
}
