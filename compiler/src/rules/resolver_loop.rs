//! A cluster DNS whose address leads a cache back to itself.

use std::net::IpAddr;

use crate::app::App;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `resolver-loop`
pub static RULE: Rule =
    Rule { code: "S0358", name: "resolver-loop", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"Caches forward to the `service-ip` of the cluster's DNS. A loopback or a link-local address is the cache itself, or
whatever else listens in the pod: it would ask itself until CoreDNS notices the loop and ends.

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
        dns { sidecar-image "registry.example.com/coredns:1.14"; service-ip "127.0.0.1"; }
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

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for cluster in app.platform.iter().flat_map(|platform| &platform.clusters) {
        let Some(address) = cluster.dns.service_ip.filter(|address| is_own(address.value)) else { continue };
        let message = format!(
            "the DNS of cluster `{}` has the address {}, which leads a cache back to itself",
            cluster.name.value, address.value
        );
        let diagnostic = Diagnostic::new(&RULE, message, address.span, "not the address of a Service");
        diagnostics.push(diagnostic.hint("write the cluster IP of the Service `kube-dns` in `kube-system`"));
    }
}

/// Whether every pod has the address for itself, or nobody has it.
fn is_own(address: IpAddr) -> bool {
    let link_local = match address {
        IpAddr::V4(address) => address.is_link_local() || address.is_broadcast(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    link_local || address.is_loopback() || address.is_unspecified() || address.is_multicast()
}
