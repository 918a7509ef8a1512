//! A verification without a condition, or with several.

use crate::diag::{Diagnostic, Rule, Severity};
use crate::document::Node;

/// `verification-condition`
pub static RULE: Rule = Rule {
    code: "S0396",
    name: "verification-condition",
    severity: Severity::Error,
    docs: DOCS,
    check: None,
};

const DOCS: &str = r#"A verification holds in one way: the answer to a question of the cluster is `below` or `above` something, or a `webhook`
says so. Two bounds for one question are two verifications, which need two questions.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        release {
            batch "30%"
            batch "100%"
            verify "error-rate"
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

/// `verification` has none of `below`, `above` and `webhook`, or more than one.
pub fn found(verification: &Node, conditions: &[&Node]) -> Diagnostic {
    let name = verification.identity().unwrap_or_default();
    let [first, second, ..] = conditions else {
        let message = format!("`verify \"{name}\"` does not say what must hold");
        return Diagnostic::new(&RULE, message, verification.span, "no condition")
            .hint("add `below=\"1%\"`, `above=0.99` or `webhook=\"https://checks.example.com/web\"`");
    };
    let message = format!("`verify \"{name}\"` has both `{}` and `{}`", first.name, second.name);
    Diagnostic::new(&RULE, message, second.span, "a second condition")
        .also(first.span, "the first one")
        .hint("keep one of them; another question is another `verify`")
}
