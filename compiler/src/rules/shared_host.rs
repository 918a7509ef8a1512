//! Two components that take requests for the same host and path.

use crate::app::{App, Cell, Component, Expose, Via};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use std::collections::BTreeMap;

/// `shared-host`
pub static RULE: Rule =
    Rule { code: "S0388", name: "shared-host", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"Requests for a host and a path go to one component. Two components of one cell, or two tenants, must differ in one of
the two; a tenant that inherits the host of its environment has none of its own. Cells that differ only in their
cluster serve the same host together. Components that are meant to share one say `shared=#true` in `via`, all of them.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        readiness http="/healthz"
        expose "internet" {
            via "alb"
            host "shop.example.com"
        }
    }
    environment "prod" {
        tenant "merchant-a"
        tenant "merchant-b"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "terway"
        installed "alb-ingress" {
            entry "alb" scope="internet"
        }
    }
    environment "prod" cluster="c"
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        readiness http="/healthz"
        expose "internet" {
            via "alb"
            host "shop.example.com"
        }
    }
    environment "prod" {
        tenant "merchant-a" {
            component "web" {
                expose "internet" {
                    host "a.example.com"
                }
            }
        }
        tenant "merchant-b"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "terway"
        installed "alb-ingress" {
            entry "alb" scope="internet"
        }
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<Claim<'_>, (&Cell, &Component, &Expose)> = BTreeMap::new();
    for cell in &app.cells {
        for component in &cell.components {
            let entered = component.expose.as_ref().filter(|expose| expose.via.value != Via::LoadBalancer);
            let Some(expose) = entered else { continue };
            let here = (cell, component, expose);
            for claim in claims(cell, expose) {
                match seen.get(&claim) {
                    Some(first) if collide(*first, here) => diagnostics.push(found(&claim, *first, here)),
                    Some(_) => {}
                    None => drop(seen.insert(claim, here)),
                }
            }
        }
    }
}

/// A host and a path. Requests for any host are told apart by the cluster that they reach.
type Claim<'a> = (Option<usize>, &'a str, &'a str);

fn claims<'a>(cell: &Cell, expose: &'a Expose) -> Vec<Claim<'a>> {
    let hosts = expose.hosts.iter().map(|host| (None, host.value.as_str(), expose.prefix()));
    let mut claims: Vec<Claim<'a>> = hosts.collect();
    if claims.is_empty() {
        claims.push((Some(cell.cluster), "*", expose.prefix()));
    }
    claims
}

/// Whether two claims are of different components or cells that do not both say that they share.
fn collide(first: (&Cell, &Component, &Expose), here: (&Cell, &Component, &Expose)) -> bool {
    let is_one = first.0.environment == here.0.environment
        && first.0.tenant == here.0.tenant
        && first.1.name.value == here.1.name.value;
    let both_share = first.2.shared && here.2.shared;
    !is_one && !both_share
}

fn found(
    claim: &Claim<'_>,
    first: (&Cell, &Component, &Expose),
    here: (&Cell, &Component, &Expose),
) -> Diagnostic {
    let place = |expose: &Expose| {
        let host = expose.hosts.iter().find(|host| host.value == claim.1);
        host.map_or(expose.via.span, |host| host.span)
    };
    let title = |(cell, component, _): (&Cell, &Component, &Expose)| {
        format!("`{}` in {}", component.name.value, cell.title(None))
    };
    let message = format!("requests for `{}{}` would go to two components", claim.1, claim.2);
    let mut diagnostic = Diagnostic::new(&RULE, message, place(here.2), title(here));
    // A host that is inherited stands in one place and means two.
    if place(first.2) == place(here.2) {
        diagnostic =
            diagnostic.also(here.0.span, "this cell").also(first.0.span, format!("and {}", title(first)));
    } else {
        diagnostic = diagnostic.also(place(first.2), title(first));
    }
    diagnostic.hint("give each a host or a path of its own, or say `shared=#true` in `via` of both")
}
