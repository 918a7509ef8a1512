//! Pods spread over zones that the cluster does not have.

use crate::app::{App, SpreadOver};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use std::collections::BTreeSet;

/// `spread-without-zones`
pub static RULE: Rule = Rule {
    code: "S0390",
    name: "spread-without-zones",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"`spread "zone"` needs nodes in at least two zones, which the operators declare with `zones` on their pools. With one
zone it spreads nothing, and the loss of the zone is the loss of the component.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 4
        spread "zone"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
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
        replicas 4
        spread "zone"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10 {
            zones "cn-hangzhou-h" "cn-hangzhou-i"
        }
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, cluster) in app.placed() {
        let pools = cluster.pools.iter().filter(|pool| pool.nodes.max(pool.max) > 0);
        let zones: BTreeSet<&str> =
            pools.flat_map(|pool| &pool.zones).map(|zone| zone.value.as_str()).collect();
        if zones.len() > 1 {
            continue;
        }
        let spreads = cell.components.iter().flat_map(|component| {
            let zone = component.spreads.iter().filter(|spread| spread.over.value == SpreadOver::Zone);
            zone.map(move |spread| (component, spread))
        });
        for (component, spread) in spreads {
            let (name, cluster_name) = (&component.name.value, &cluster.name.value);
            let message = match zones.first() {
                Some(zone) => format!("cluster `{cluster_name}` has nodes in `{zone}` alone"),
                None => format!("cluster `{cluster_name}` says of no pool which zones it is in"),
            };
            let mut diagnostic =
                Diagnostic::new(&RULE, message, spread.over.span, format!("`{name}` spreads over zones"));
            diagnostic = diagnostic.also(cluster.name.span, "this cluster");
            diagnostics.push(diagnostic.hint(
                "let the operators declare `zones` on the pools, or leave the spread out in this environment: `remove \"spread\" \"zone\"`",
            ));
        }
    }
}
