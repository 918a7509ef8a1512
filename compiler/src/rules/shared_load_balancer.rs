//! Two components on one load balancer.

use crate::app::{App, Balancer, Cell, Expose};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use std::collections::BTreeMap;

/// `shared-load-balancer`
pub static RULE: Rule = Rule {
    code: "S0389",
    name: "shared-load-balancer",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"An existing load balancer belongs to one component of one cell; the controller takes its listeners over. Components
and cells that are meant to share one say `shared=#true` in `via`, all of them, and each listens on a port of its own.
Cells of different clusters cannot share one at all: its backends are those of one cluster.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        readiness http="/healthz"
        expose "internet" port=80 {
            via "load-balancer" id="lb-1"
        }
    }
    component "api" {
        image "registry.example.com/api:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        readiness http="/healthz"
        expose "internet" port=8080 {
            via "load-balancer" id="lb-1"
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
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
        expose "internet" port=80 {
            via "load-balancer" id="lb-1" shared=#true
        }
    }
    component "api" {
        image "registry.example.com/api:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        readiness http="/healthz"
        expose "internet" port=8080 {
            via "load-balancer" id="lb-1" shared=#true
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, Vec<Claim<'_>>> = BTreeMap::new();
    for cell in &app.cells {
        for component in &cell.components {
            let Some(expose) = &component.expose else { continue };
            let Some(balancer) = &expose.balancer else { continue };
            let here = Claim { cell, name: &component.name.value, expose, balancer };
            let claims = seen.entry(&balancer.id.value).or_default();
            diagnostics.extend(claims.iter().find_map(|first| collision(first, &here)));
            claims.push(here);
        }
    }
}

/// One component of one cell on a load balancer.
struct Claim<'a> {
    cell: &'a Cell,
    name: &'a str,
    expose: &'a Expose,
    balancer: &'a Balancer,
}

fn collision(first: &Claim<'_>, here: &Claim<'_>) -> Option<Diagnostic> {
    let id = &here.balancer.id.value;
    let title = |claim: &Claim<'_>| format!("`{}` in {}", claim.name, claim.cell.title(None));
    let (message, hint) = if first.cell.cluster != here.cell.cluster {
        (
            format!("load balancer `{id}` is used from two clusters"),
            "give each cluster a load balancer of its own",
        )
    } else if !(first.balancer.shared && here.balancer.shared) {
        (
            format!("load balancer `{id}` is used by two components or cells"),
            "give each a load balancer of its own, or say `shared=#true` in `via` of both",
        )
    } else if first.expose.port.value == here.expose.port.value {
        (
            format!("port {} of load balancer `{id}` is used twice", here.expose.port.value),
            "give each a port of its own",
        )
    } else {
        return None;
    };
    let diagnostic = Diagnostic::new(&RULE, message, here.balancer.id.span, title(here)).hint(hint);
    // An override that is inherited stands in one place and means two.
    Some(if first.balancer.id.span == here.balancer.id.span {
        diagnostic.also(here.cell.span, "this cell").also(first.cell.span, format!("and {}", title(first)))
    } else {
        diagnostic.also(first.balancer.id.span, title(first))
    })
}
