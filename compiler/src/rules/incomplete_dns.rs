//! A cache of names for which the platform does not say enough.

use crate::app::{App, Cluster, Component, DnsMode, Provider};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `incomplete-dns`
pub static RULE: Rule =
    Rule { code: "S0357", name: "incomplete-dns", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"A cache needs an image, and the literal address of the cluster's DNS: it forwards there, and pods ask there when the
cache does not answer. On ACK the cache of a node is an add-on, so only elsewhere does specc need its image.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        dns "sidecar"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        dns { sidecar-image "registry.example.com/coredns:1.14"; }
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
        dns "sidecar"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        dns { sidecar-image "registry.example.com/coredns:1.14"; service-ip "10.96.0.10"; }
    }
    environment "prod" cluster="c"
}
```
"#;

/// A setting with an example of it.
type Setting = (&'static str, &'static str);

const SERVICE_IP: Setting = ("service-ip", "service-ip \"10.96.0.10\"");
const SIDECAR_IMAGE: Setting = ("sidecar-image", "sidecar-image \"registry.example.com/coredns:1.14\"");
const NODE_LOCAL_IMAGE: Setting =
    ("image", "node-local #true image=\"registry.example.com/k8s-dns-node-cache:1.26\"");

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let Some(platform) = &app.platform else { return };
    for cluster in &platform.clusters {
        // What `specc build --platform` makes, whether a component asks for it or not.
        if !cluster.dns.node_local.value || cluster.provider != Provider::Kubernetes {
            continue;
        }
        let image = cluster.dns.node_local_image.is_none().then_some(NODE_LOCAL_IMAGE);
        for (key, example) in image.into_iter().chain(address(cluster)) {
            let message = format!("the caches of cluster `{}` have no `{key}`", cluster.name.value);
            let diagnostic = Diagnostic::new(&RULE, message, cluster.dns.node_local.span, "wanted here");
            diagnostics.push(diagnostic.hint(format!("write `{example}` in the cluster's `dns`")));
        }
    }
    for cell in &app.cells {
        let cluster = &platform.clusters[cell.cluster];
        cell.components.iter().for_each(|component| of_component(cluster, component, diagnostics));
    }
}

fn address(cluster: &Cluster) -> Option<Setting> {
    cluster.dns.service_ip.is_none().then_some(SERVICE_IP)
}

fn of_component(cluster: &Cluster, component: &Component, diagnostics: &mut Diagnostics) {
    let image = match component.dns.value {
        DnsMode::Cluster => return,
        DnsMode::NodeLocal => None,
        DnsMode::Sidecar => cluster.dns.sidecar_image.is_none().then_some(SIDECAR_IMAGE),
    };
    for (key, example) in image.into_iter().chain(address(cluster)) {
        let (name, cluster_name) = (&component.name.value, &cluster.name.value);
        let message =
            format!("the cache of component `{name}` needs a `{key}`, which cluster `{cluster_name}` lacks");
        let diagnostic = Diagnostic::new(&RULE, message, component.dns.span, "wants a cache")
            .also(cluster.dns.span, format!("no `{key}` here"))
            .hint(format!("let the operators write `{example}` in the cluster's `dns`"));
        diagnostics.push(diagnostic);
    }
}
