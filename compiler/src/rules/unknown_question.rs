//! A verification by a question that the cluster does not have.

use crate::app::{App, Cluster, Verification, VerifyBy};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::resolve::form::nearest;

/// `unknown-question`
pub static RULE: Rule = Rule {
    code: "S0397",
    name: "unknown-question",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Developers name a question and bound its answer; operators write the question for each cluster, since only they know
what its Prometheus measures. A release can run only in clusters that have every question that it names.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        release {
            batch "30%"
            batch "100%"
            verify "eror-rate" below="1%"
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
            verify "error-rate" below="1%"
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
    for (cell, cluster) in app.placed() {
        for component in &cell.components {
            let asked = component.release.verifications.iter();
            for verification in asked.filter(|known| matches!(known.by.value, VerifyBy::Limit(_))) {
                if cluster.queries.iter().all(|query| query.name.value != verification.name.value) {
                    diagnostics.push(found(verification, cluster));
                }
            }
        }
    }
}

fn found(verification: &Verification, cluster: &Cluster) -> Diagnostic {
    let (name, cluster_name) = (&verification.name.value, &cluster.name.value);
    let message = format!("cluster `{cluster_name}` has no question `{name}`");
    let diagnostic = Diagnostic::new(&RULE, message, verification.name.span, "no such question");
    let near = nearest(name, cluster.queries.iter().map(|query| query.name.value.as_str()));
    match near.and_then(|near| cluster.queries.iter().find(|query| query.name.value == near)) {
        Some(query) => diagnostic
            .also(query.name.span, "this one is there")
            .hint(format!("did you mean `{}`?", query.name.value)),
        None => diagnostic.also(cluster.name.span, "runs here").hint(format!(
            "let the operators write `query \"{name}\" \"…\"` in the cluster's `monitoring`, or use a `webhook`"
        )),
    }
}
