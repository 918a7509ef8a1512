//! A placeholder in a question that stands for nothing.

use crate::app::Query;
use crate::diag::{Diagnostic, Rule, Severity};
use crate::resolve::form::nearest;

/// `unknown-query-placeholder`
pub static RULE: Rule = Rule {
    code: "S0398",
    name: "unknown-query-placeholder",
    severity: Severity::Error,
    docs: DOCS,
    check: None,
};

const DOCS: &str = r#"One word in braces stands for something of the release: `{namespace}`, `{component}` or `{revision}`. PromQL has no such
words of its own: its selectors hold a label and a value.

## Wrong
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
            query "error-rate" "sum(rate(errors_total{namespace=\"{namspace}\"}[1m]))"
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

/// `query` has the placeholder `word`.
pub fn found(query: &Query, word: &str) -> Diagnostic {
    let known = || Query::PLACEHOLDERS.iter().copied();
    let hint = if let Some(near) = nearest(word, known()) {
        format!("did you mean `{{{near}}}`?")
    } else {
        let known: Vec<String> = known().map(|name| format!("`{{{name}}}`")).collect();
        format!("write one of {}", known.join(", "))
    };
    let message = format!("`{{{word}}}` in the question `{}` stands for nothing", query.name.value);
    Diagnostic::new(&RULE, message, query.text.span, "asked of Prometheus as it is").hint(hint)
}
