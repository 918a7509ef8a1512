//! Something between a component and callers inside the cluster.

use crate::app::{App, Scope, Via};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `via-inside-the-cluster`
pub static RULE: Rule = Rule {
    code: "S0384",
    name: "via-inside-the-cluster",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"`expose "cluster"` gives a component an address inside the cluster, with nothing in between. ALB, gateways and load
balancers are for traffic from outside.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        readiness http="/healthz"
        expose "cluster" {
            via "gateway"
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "gateway-api" {
            entry "public" scope="internet" namespace="gateways"
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
            via "gateway"
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "gateway-api" {
            entry "public" scope="internet" namespace="gateways"
        }
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let Some(expose) = &component.expose else { continue };
        let outside = expose.via.value != Via::LoadBalancer || expose.balancer.is_some();
        if expose.scope.value == Scope::Cluster && outside {
            let name = &component.name.value;
            let message =
                format!("component `{name}` is exposed inside the cluster through something outside");
            let diagnostic = Diagnostic::new(&RULE, message, expose.via.span, "outside")
                .also(expose.scope.span, "inside")
                .hint("expose it to `\"intranet\"` or `\"internet\"`, or leave `via` out");
            diagnostics.push(diagnostic);
        }
    }
}
