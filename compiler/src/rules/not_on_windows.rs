//! Something that Windows nodes do not have.

use crate::app::{App, Component, VolumeKind};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::Span;

/// `not-on-windows`
pub static RULE: Rule =
    Rule { code: "S0331", name: "not-on-windows", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"Windows has no user numbers, no volumes in memory, no NFS, and no node's network for ordinary pods. It has no eviction by
memory either and pages instead, so that the memory limit must be the request.

## Wrong
```kdl
app "shop" {
    component "erp" {
        os "windows" build="ltsc2022"
        image "registry.example.com/erp:1"
        resources cpu="2" memory="4Gi"
        user 1000
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" os="windows" build="ltsc2022" cpu=8 memory="32Gi" nodes=4
    }
    environment "prod" cluster="c"
}
```

## Right
```kdl
app "shop" {
    component "erp" {
        os "windows" build="ltsc2022"
        image "registry.example.com/erp:1"
        resources cpu="2" memory="4Gi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" os="windows" build="ltsc2022" cpu=8 memory="32Gi" nodes=4
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        let Some(build) = component.os.build() else { continue };
        for (span, what, instead) in lacking(component) {
            let message = format!("component `{}` asks Windows for {what}", component.name.value);
            diagnostics
                .push(Diagnostic::new(&RULE, message, span, what).also(build.span, "Windows").hint(instead));
        }
    }
}

/// Each place, what stands there, and what to write instead.
fn lacking(component: &Component) -> Vec<(Span, &'static str, &'static str)> {
    let mut found = Vec::new();
    found.extend(
        component
            .user
            .map(|user| (user.span, "a user number", "remove `user`; the image says which account runs it")),
    );
    found.extend(
        component.host_network.map(|span| {
            (span, "the node's own network", "remove `host-network`, and give ports a `host-port`")
        }),
    );
    for volume in &component.volumes {
        match &volume.kind.value {
            VolumeKind::Nas(_) | VolumeKind::Share(_) => found.push((
                volume.kind.span,
                "a network share",
                "keep shared files in an object store, or on a disk of a stateful component",
            )),
            VolumeKind::Scratch { in_memory: true, .. } => {
                found.push((volume.kind.span, "a volume in memory", "remove `medium`"));
            }
            VolumeKind::Scratch { in_memory: false, .. }
            | VolumeKind::Disk(_)
            | VolumeKind::Host { .. }
            | VolumeKind::Secret { .. } => {}
        }
    }
    for container in component.every_container() {
        let request = container.resources.memory_bytes.value;
        let limit = container.resources.memory_limit.as_ref();
        found.extend(limit.filter(|limit| limit.amount.value != request).map(|limit| {
            (
                limit.amount.span,
                "memory beyond the request",
                "remove `memory-limit`: the request is the limit",
            )
        }));
    }
    found
}
