//! A drain that the load balancer does not take.

use crate::app::{App, Provider};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `drain-out-of-range`
pub static RULE: Rule = Rule {
    code: "S0385",
    name: "drain-out-of-range",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A load balancer of ACK lets connections end for 10 to 900 seconds once a pod is leaving. Outside of that it refuses
the Service, so that the component would have no address at all.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        readiness http="/healthz"
        expose "internet" {
            drain "5s"
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
        expose "internet" {
            drain "10s"
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

/// What connection-drain-timeout takes, in nanoseconds.
const RANGE_NS: std::ops::RangeInclusive<u64> = 10_000_000_000..=900_000_000_000;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let Some(platform) = &app.platform else { return };
    for cell in app.cells.iter().filter(|cell| platform.clusters[cell.cluster].provider == Provider::Ack) {
        for component in &cell.components {
            let balanced = component.expose.as_ref().filter(|expose| expose.is_balanced());
            let Some(expose) = balanced.filter(|expose| !RANGE_NS.contains(&expose.drain_ns)) else {
                continue;
            };
            let message =
                format!("the drain of component `{}` is not from 10 s to 900 s", component.name.value);
            let diagnostic =
                Diagnostic::new(&RULE, message, expose.drain_span, "refused by the load balancer")
                    .also(platform.clusters[cell.cluster].name.span, "a cluster of ACK")
                    .hint("write a duration from `\"10s\"` to `\"900s\"`");
            diagnostics.push(diagnostic);
        }
    }
}
