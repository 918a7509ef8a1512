//! A pod that is larger than every node it could run on.

use crate::app::eci::LARGEST;
use crate::app::{App, Burst, Cluster, Component, Pool};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `request-above-every-node`
pub static RULE: Rule = Rule {
    code: "S0304",
    name: "request-above-every-node",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A pod runs on one node of its operating system. One that requests more than any such node of the cluster has would stay
pending for ever. On ECI the largest size is 64 vCPU and 512 GiB.

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

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, cluster) in app.placed() {
        for component in &cell.components {
            let pools = pools(cluster, component);
            // That there is no node of its system at all is for another rule to say.
            if component.os.build().is_some() && pools.is_empty() {
                continue;
            }
            let on_nodes = pools.iter().map(|pool| (pool.cpu_milli, pool.memory_bytes));
            let eci = cluster.virtual_node.as_ref().filter(|node| node.quota > 0);
            let eci = eci.map(|_| (LARGEST.cpu_milli, LARGEST.memory_bytes));
            let places: Vec<(u64, u64)> = match component.burst.value {
                Burst::Never => on_nodes.collect(),
                Burst::WhenShort => on_nodes.chain(eci).collect(),
                Burst::Only => eci.into_iter().collect(),
            };
            let (need_cpu, need_memory) = component.requests();
            let fits = |(cpu, memory): &(u64, u64)| need_cpu <= *cpu && need_memory <= *memory;
            if !places.iter().any(fits) {
                let too_much_cpu = places.iter().all(|(cpu, _)| need_cpu > *cpu);
                diagnostics.push(found(component, cluster, too_much_cpu));
            }
        }
    }
}

/// The pools that the component can run on.
fn pools<'a>(cluster: &'a Cluster, component: &Component) -> Vec<&'a Pool> {
    let runs = |pool: &&Pool| pool.nodes.max(pool.max) > 0 && component.os.runs_on(pool.os);
    cluster.pools.iter().filter(runs).collect()
}

fn found(component: &Component, cluster: &Cluster, too_much_cpu: bool) -> Diagnostic {
    let need = &component.main.resources;
    let beside =
        if component.every_container().count() > 1 { ", with the other containers of its pod" } else { "" };
    let (span, text) = if too_much_cpu {
        (need.cpu_milli.span, format!("{} cores{beside}", need.cpu_text))
    } else {
        (need.memory_bytes.span, format!("{} of memory{beside}", need.memory_text))
    };
    let name = &component.name.value;
    if pools(cluster, component).is_empty() && component.burst.value != Burst::Only {
        let place = &cluster.name;
        let message =
            format!("cluster `{}` has no node for component `{name}`, and can get none", place.value);
        return Diagnostic::new(&RULE, message, place.span, "no pool has nodes")
            .also(component.name.span, "it would stay pending")
            .hint("declare a pool such as `pool \"general\" cpu=16 memory=\"64Gi\" nodes=3`");
    }
    let message =
        format!("component `{name}` requests more than any node of cluster `{}` has", cluster.name.value);
    let mut diagnostic = Diagnostic::new(&RULE, message, span, text);
    for pool in pools(cluster, component) {
        let (cores, gibibytes) =
            (pool.cpu_milli as f64 / 1000.0, pool.memory_bytes as f64 / f64::from(1 << 30));
        diagnostic = diagnostic.also(pool.span, format!("{cores} cores and {gibibytes} GiB a node"));
    }
    diagnostic.hint("request less, or ask the operators for a pool of larger nodes")
}
