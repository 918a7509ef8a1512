//! A verification that must hold for longer than its batch may take.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `verification-beyond-deadline`
pub static RULE: Rule = Rule {
    code: "S0399",
    name: "verification-beyond-deadline",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A verification has as much time as a batch: `deadline`, from the first question. One that must hold for longer fails every
release. It is asked `every` so often, so the last question may come that much after `for` is over.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        release {
            batch "30%"
            batch "100%"
            verify "error-rate" below="1%" for="15m"
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        monitoring {
            prometheus "http://prometheus.monitoring:9090"
            query "error-rate" "sum(rate(errors_total{namespace=\"{namespace}\"}[1m]))"
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
        release {
            batch "30%"
            batch "100%"
            deadline "20m"
            verify "error-rate" below="1%" for="15m"
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        monitoring {
            prometheus "http://prometheus.monitoring:9090"
            query "error-rate" "sum(rate(errors_total{namespace=\"{namespace}\"}[1m]))"
        }
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let seconds = |ns: u64| ns / 1_000_000_000;
        let deadline_ns = component.release.deadline_ns;
        for verification in &component.release.verifications {
            let (for_ns, every_ns) = (verification.for_ns.value, verification.every_ns);
            // One good answer needs no second question.
            let needed_ns = if for_ns == 0 { 0 } else { for_ns.div_ceil(every_ns) * every_ns };
            if needed_ns < deadline_ns {
                continue;
            }
            let message = format!(
                "verification `{}` of component `{}` takes {} s, and a batch may take {} s",
                verification.name.value,
                component.name.value,
                seconds(needed_ns),
                seconds(deadline_ns),
            );
            let diagnostic =
                Diagnostic::new(&RULE, message, verification.for_ns.span, "how long it must hold");
            diagnostics.push(
                diagnostic
                    .also(verification.name.span, "asked from the end of the batch")
                    .hint("lower `for` or `every`, or raise `deadline` in `release`"),
            );
        }
    }
}
