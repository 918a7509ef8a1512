//! A Windows component that stays where an upgrade takes the nodes away.

use crate::app::{App, Component, ComponentKind, Container, Pool, WindowsBuild};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::Spanned;

/// `left-behind-by-upgrade`
pub static RULE: Rule = Rule {
    code: "S0316",
    name: "left-behind-by-upgrade",
    severity: Severity::Warning,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"While a pool is on the way to another build, components move to that build as soon as all their containers have an image
of its base, and `os "windows"` names no build of its own. What does not move stops when the last node of the old build
goes. A daemon runs on the nodes of one build at a time, and leaves those of the other without it.

## Wrong
```kdl
app "shop" {
    component "erp" {
        os "windows"
        image "registry.example.com/erp:1" base="ltsc2022"
        resources cpu="2" memory="4Gi"
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
```kdl
app "shop" {
    component "erp" {
        os "windows" build="ltsc2022"
        image "registry.example.com/erp:1" base="ltsc2022"
        resources cpu="2" memory="4Gi"
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

## Right
```kdl
app "shop" {
    component "erp" {
        os "windows"
        image "registry.example.com/erp:1" base="ltsc2022"
        image "registry.example.com/erp:1-ltsc2025" base="ltsc2025"
        resources cpu="2" memory="4Gi"
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
        for (pool, from, to) in cluster.pools.iter().filter_map(upgrade) {
            let other =
                |other: &&Pool| other.os.runs_on(pool.os) && other.upgrade.is_none() && other.nodes > 0;
            let stays = cluster.pools.iter().any(|pool| other(&pool));
            // What has images for neither build is another rule's.
            let lost = |c: &&Component| c.any_build.is_some() && c.build_on(cluster).is_none();
            for component in cell.components.iter().filter(|component| !lost(component)) {
                let Some(build) = component.os.build() else { continue };
                let found = if component.kind.value == ComponentKind::Daemon {
                    (build.value.is(from.value) || build.value.is(to.value))
                        .then(|| daemon(component, build, from, to))
                } else {
                    (build.value.is(from.value) && !stays).then(|| left(component, pool, from, to))
                };
                diagnostics.extend(found);
            }
        }
    }
}

type Build = Spanned<WindowsBuild>;

fn upgrade(pool: &Pool) -> Option<(&Pool, Build, Build)> {
    let (from, to) = (pool.os.build()?, pool.upgrade?);
    (!from.value.is(to.value)).then_some((pool, from, to))
}

fn left(component: &Component, pool: &Pool, from: Build, to: Build) -> Diagnostic {
    let (name, next) = (&component.name.value, to.value.name);
    let message = format!(
        "component `{name}` stays on build `{}`, which pool `{}` is leaving",
        from.value.name, pool.name.value
    );
    let pinned = component.os.build().filter(|_| component.any_build.is_none());
    let lacks = |container: &&Container| !container.has_image_for(to.value);
    let without = component.every_container().find(lacks);
    let image = format!("add `image \"…\" base=\"{next}\"` to every container");
    let (span, label, hint) = match (pinned, without) {
        (Some(build), None) => (build.span, "asks for this build", "leave the build out".to_owned()),
        (Some(build), Some(_)) => {
            (build.span, "asks for this build", format!("{image}, and leave the build out"))
        }
        (None, Some(container)) => (container.image.span, "no other image", image),
        (None, None) => {
            (component.name.span, "runs on another pool", "leave the upgrade to that pool".to_owned())
        }
    };
    Diagnostic::new(&RULE, message, span, label).also(to.span, format!("the nodes move to {next}")).hint(hint)
}

fn daemon(component: &Component, build: Build, from: Build, to: Build) -> Diagnostic {
    let other = if build.value.is(to.value) { from } else { to };
    let message = format!(
        "daemon `{}` runs on the nodes of build `{}` alone while two are there",
        component.name.value, build.value.name
    );
    Diagnostic::new(&RULE, message, component.name.span, "one build at a time")
        .also(other.span, "these nodes are without it")
        .hint("declare a second daemon with the other `build` for as long as the upgrade takes")
}
