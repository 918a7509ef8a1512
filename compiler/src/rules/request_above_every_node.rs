//! A pod that is larger than every node it could run on.

use crate::app::{App, Burst, Cluster, Component};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `request-above-every-node`
pub static RULE: Rule = Rule {
    code: "S0304",
    name: "request-above-every-node",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A pod runs on one node. One that requests more than any node of the cluster has would stay pending for ever. On ECI
the largest size is 64 vCPU and 512 GiB.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="32" memory="512Mi"
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
        resources cpu="8" memory="512Mi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
}
```
"#;

/// The largest ECI: 64 vCPU, 512 GiB.
const ECI_LARGEST: (u64, u64) = (64_000, 512 << 30);

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let Some(platform) = &app.platform else { return };
    for cell in &app.cells {
        let cluster = &platform.clusters[cell.cluster];
        for component in &cell.components {
            let nodes = cluster.pools.iter().filter(|pool| pool.nodes.max(pool.max) > 0);
            let on_nodes = nodes.map(|pool| (pool.cpu_milli, pool.memory_bytes));
            let eci = cluster.virtual_node.as_ref().map(|_| ECI_LARGEST);
            let places: Vec<(u64, u64)> = match component.burst.value {
                Burst::Never => on_nodes.collect(),
                Burst::WhenShort => on_nodes.chain(eci).collect(),
                Burst::Only => eci.into_iter().collect(),
            };
            let need = &component.resources;
            let fits = |(cpu, memory): &(u64, u64)| {
                need.cpu_milli.value <= *cpu && need.memory_bytes.value <= *memory
            };
            if !places.iter().any(fits) {
                diagnostics.push(found(component, cluster, &places));
            }
        }
    }
}

fn found(component: &Component, cluster: &Cluster, places: &[(u64, u64)]) -> Diagnostic {
    let need = &component.resources;
    let too_much_cpu = places.iter().all(|(cpu, _)| need.cpu_milli.value > *cpu);
    let (span, text) = if too_much_cpu {
        (need.cpu_milli.span, format!("{} cores", need.cpu_text))
    } else {
        (need.memory_bytes.span, format!("{} of memory", need.memory_text))
    };
    let name = &component.name.value;
    let message =
        format!("component `{name}` requests more than any node of cluster `{}` has", cluster.name.value);
    let mut diagnostic = Diagnostic::new(&RULE, message, span, text);
    for pool in &cluster.pools {
        let (cores, gibibytes) =
            (pool.cpu_milli as f64 / 1000.0, pool.memory_bytes as f64 / f64::from(1 << 30));
        diagnostic = diagnostic.also(pool.span, format!("{cores} cores and {gibibytes} GiB a node"));
    }
    diagnostic.hint("request less, or ask the operators for a pool of larger nodes")
}
