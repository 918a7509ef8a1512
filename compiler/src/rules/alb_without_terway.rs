//! ALB on a cluster whose pods it cannot reach.

use crate::app::{Addon, App, Provider, Via};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `alb-without-terway`
pub static RULE: Rule = Rule {
    code: "S0387",
    name: "alb-without-terway",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"ALB sends requests to the addresses of pods, which are addresses of the VPC only with the network plugin Terway. With
another one it needs a node port for each component, which pods on ECI do not have.

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
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
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
    for (cell, cluster) in app.placed() {
        let reachable = cluster.provider == Provider::Ack && cluster.installed(Addon::Terway).is_some();
        let Some(alb) = cluster.installed(Addon::AlbIngress).filter(|_| !reachable) else { continue };
        for expose in cell.components.iter().filter_map(|component| component.expose.as_ref()) {
            if expose.via.value == Via::Alb {
                let message =
                    format!("the pods of cluster `{}` cannot be reached by ALB", cluster.name.value);
                let diagnostic = Diagnostic::new(&RULE, message, expose.via.span, "goes through ALB")
                    .also(alb.addon.span, "installed without Terway, or not on ACK")
                    .hint("let the operators declare `provider=\"ack\"` and `installed \"terway\"` if so it is, or use a load balancer");
                diagnostics.push(diagnostic);
            }
        }
    }
}
