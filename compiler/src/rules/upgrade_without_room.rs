//! An upgrade of Windows with fewer nodes of a build than a release fills.

use crate::app::{App, BatchSize, Cluster, Component, ComponentKind, Pool, WindowsBuild};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::Spanned;

/// `upgrade-without-room`
pub static RULE: Rule = Rule {
    code: "S0317",
    name: "upgrade-without-room",
    severity: Severity::Warning,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"While a pool is on the way to another build, a release moves pods to the nodes that have it already, batch by batch. A
batch that does not fit waits until there are more such nodes, and fails at its deadline. What stays on the old build
needs its nodes. Counted are the pods of one component at its least, as if it had the nodes to itself.

## Wrong
```kdl
app "shop" {
    component "erp" {
        os "windows"
        image "registry.example.com/erp:1" base="ltsc2022"
        image "registry.example.com/erp:1-ltsc2025" base="ltsc2025"
        resources cpu="2" memory="4Gi"
        replicas 8
        release {
            batch 2 pause=#true
            batch "100%"
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" cpu=8 memory="32Gi" nodes=4 os="windows" build="ltsc2022" {
            upgrade "ltsc2025" nodes=1
        }
    }
    environment "prod" cluster="c"
}
```

## Right
```kdl
app "shop" {
    component "erp" {
        os "windows"
        image "registry.example.com/erp:1" base="ltsc2022"
        image "registry.example.com/erp:1-ltsc2025" base="ltsc2025"
        resources cpu="2" memory="4Gi"
        replicas 8
        release {
            batch 2 pause=#true
            batch "100%"
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" cpu=8 memory="32Gi" nodes=4 os="windows" build="ltsc2022" {
            upgrade "ltsc2025" nodes=2
        }
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, cluster) in app.placed() {
        for (from, to) in cluster.pools.iter().filter_map(|pool| Some((pool.os.build()?, pool.upgrade?))) {
            for component in cell.components.iter().filter(|c| c.kind.value != ComponentKind::Daemon) {
                let Some(build) = component.os.build() else { continue };
                let (fit, least) = (room(component, cluster, build.value), component.scale.least().value);
                // Where not even one fits, another rule says so.
                if fit == 0 || fit >= u64::from(least) {
                    continue;
                }
                if build.value.is(to.value) {
                    diagnostics.extend(too_large(component, cluster, fit, to));
                } else if build.value.is(from.value) {
                    diagnostics.push(left_over(component, cluster, fit, from));
                }
            }
        }
    }
}

/// How many pods of the component the nodes of a build hold.
fn room(component: &Component, cluster: &Cluster, build: WindowsBuild) -> u64 {
    let (cpu_milli, memory_bytes) = component.requests();
    let of_build = |pool: &&Pool| pool.os.build().is_some_and(|its| its.value.is(build));
    let on_each = |pool: &Pool| {
        let each = (pool.cpu_milli / cpu_milli.max(1)).min(pool.memory_bytes / memory_bytes.max(1));
        each * u64::from(pool.nodes.max(pool.max))
    };
    cluster.pools.iter().filter(of_build).map(on_each).sum()
}

/// The first batch that does not fit.
fn too_large(
    component: &Component,
    cluster: &Cluster,
    fit: u64,
    to: Spanned<WindowsBuild>,
) -> Option<Diagnostic> {
    let (batches, replicas) = (&component.release.batches, u64::from(component.scale.least().value));
    let size = |index: usize| {
        if index + 1 == batches.len() {
            return replicas;
        }
        match batches[index].size.value {
            BatchSize::Count(count) => u64::from(count).min(replicas),
            BatchSize::Percent(percent) => (replicas * u64::from(percent)).div_ceil(100),
        }
    };
    let index = (0..batches.len()).find(|index| size(*index) > fit)?;
    let message = format!(
        "batch {} of component `{}` needs room for {} pods on build `{}`, and cluster `{}` has it for {fit}",
        index + 1,
        component.name.value,
        size(index),
        to.value.name,
        cluster.name.value
    );
    let diagnostic =
        Diagnostic::new(&RULE, message, to.span, "these nodes").also(batches[index].size.span, "this batch");
    Some(diagnostic.hint("give the upgrade more nodes, or a `max` that it may grow to"))
}

fn left_over(component: &Component, cluster: &Cluster, fit: u64, from: Spanned<WindowsBuild>) -> Diagnostic {
    let least = component.scale.least();
    let message = format!(
        "component `{}` stays on build `{}` with {} pods, and cluster `{}` has room for {fit}",
        component.name.value, from.value.name, least.value, cluster.name.value
    );
    Diagnostic::new(&RULE, message, from.span, "these nodes")
        .also(least.span, "the least number of pods")
        .hint("keep as many nodes of the old build as it needs until it moves")
}
