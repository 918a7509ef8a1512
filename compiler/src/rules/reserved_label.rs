//! A label or annotation that is not the application's to set.

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `reserved-label`
pub static RULE: Rule =
    Rule { code: "S0328", name: "reserved-label", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"Keys of Kubernetes, of specc and of the cloud decide where pods run and what they cost: `alibabacloud.com/eci` on a pod
overrides its selectors, its affinity and the ResourcePolicy, and a selector with `alibabacloud.com/compute-class` lets pods
come and go without end. What they do is written in words of the language instead, such as `burst`.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        label "alibabacloud.com/eci" "true"
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        label "example.com/team" "orders"
    }
}
```
"#;

/// Who owns keys below these domains.
const OWNERS: &[(&str, &str)] = &[
    ("kubernetes.io", "Kubernetes"),
    ("k8s.io", "Kubernetes"),
    ("specc.io", "specc"),
    ("alibabacloud.com", "the cloud"),
    ("aliyun.com", "the cloud"),
    ("aliyuncs.com", "the cloud"),
    ("alibaba-cloud.com", "the cloud"),
    ("alicloud", "the cloud"),
];

/// Keys without a prefix that decide the same.
const BARE: &[&str] = &["node-local-dns-injection", "virtual-node-affinity-injection", "eci"];

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        for setting in component.labels.iter().chain(&component.annotations) {
            let key = setting.key.value.as_str();
            let Some(owner) = owner(key) else { continue };
            let message = format!("the key `{key}` belongs to {owner}");
            let diagnostic = Diagnostic::new(&RULE, message, setting.key.span, "reserved");
            diagnostics.push(diagnostic.hint(
                "use a prefix of your own, such as `example.com/`; where pods run is for `burst`, `os` and the platform",
            ));
        }
    }
}

fn owner(key: &str) -> Option<&'static str> {
    let Some((prefix, _)) = key.split_once('/') else {
        return BARE.contains(&key).then_some("the cloud");
    };
    let below = |domain: &str| prefix == domain || prefix.ends_with(&format!(".{domain}"));
    OWNERS.iter().find(|(domain, _)| below(domain)).map(|(_, owner)| *owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subdomains_belong_to_the_owner_of_the_domain() {
        assert_eq!(owner("node.kubernetes.io/instance-type"), Some("Kubernetes"));
        assert_eq!(owner("k8s.aliyun.com/eci-spot-strategy"), Some("the cloud"));
        assert_eq!(owner("notkubernetes.io/a"), None);
        assert_eq!(owner("team"), None);
    }
}
