//! A host, a path or a certificate where nothing looks at requests.

use crate::app::{App, Via};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `http-field-without-entry`
pub static RULE: Rule = Rule {
    code: "S0382",
    name: "http-field-without-entry",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A load balancer of a component's own forwards connections and sees neither hosts nor paths; only ALB and gateways do.
The certificate of a gateway is on the gateway itself, where its operators keep it.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        readiness http="/healthz"
        expose "internet" {
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
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let Some(expose) = &component.expose else { continue };
        let (host, path, tls) = (expose.hosts.first(), expose.path.as_ref(), expose.tls.as_ref());
        let unseen = match expose.via.value {
            Via::LoadBalancer => host.or(path).or(tls),
            Via::Gateway => tls,
            Via::Alb => None,
        };
        let Some(written) = unseen else { continue };
        let name = &component.name.value;
        let message = format!("`{}` of component `{name}` is looked at by nothing", written.value);
        let diagnostic = Diagnostic::new(&RULE, message, written.span, "has no effect");
        diagnostics.push(match expose.via.value {
            Via::Gateway => diagnostic
                .also(expose.via.span, "a gateway has its own certificates")
                .hint("leave `tls` out, and ask the operators for a certificate on the gateway"),
            Via::LoadBalancer | Via::Alb => diagnostic
                .also(expose.via.span, "connections are forwarded as they are")
                .hint("write `via \"alb\"` or `via \"gateway\"`, or leave it out"),
        });
    }
}
