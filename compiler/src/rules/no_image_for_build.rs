//! A Windows component without an image for any nodes of its cluster.

use crate::app::{App, Component, Container, WindowsBuild};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::Spanned;

/// `no-image-for-build`
pub static RULE: Rule = Rule {
    code: "S0315",
    name: "no-image-for-build",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A component that asks for Windows of no certain build runs on the build that a pool of its cluster has and that all its
containers have an image for. Where there is no such build, no node could start it.

## Wrong
```kdl
app "shop" {
    component "erp" {
        os "windows"
        image "registry.example.com/erp:1" base="ltsc2019"
        resources cpu="2" memory="4Gi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" cpu=8 memory="32Gi" nodes=4 os="windows" build="ltsc2022"
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
        resources cpu="2" memory="4Gi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" cpu=8 memory="32Gi" nodes=4 os="windows" build="ltsc2022"
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, cluster) in app.placed() {
        let builds: Vec<Spanned<WindowsBuild>> =
            cluster.pools.iter().filter_map(|pool| pool.os.build()).collect();
        // Where there is no pool of Windows at all, another rule says so.
        let Some(first) = builds.first() else { continue };
        let without =
            |component: &&Component| component.any_build.is_some() && component.build_on(cluster).is_none();
        for component in cell.components.iter().filter(without) {
            let lacks = |container: &&Container| !builds.iter().any(|b| container.has_image_for(b.value));
            let container = component.every_container().find(lacks).unwrap_or(&component.main);
            let message = format!(
                "component `{}` has no image for the Windows nodes of cluster `{}`",
                component.name.value, cluster.name.value
            );
            let mut diagnostic = Diagnostic::new(&RULE, message, container.image.span, made_for(container));
            for build in &builds {
                diagnostic = diagnostic.also(build.span, format!("the nodes run {}", build.value.name));
            }
            let hint = format!("add an image with `base=\"{}\"` to every container", first.value.name);
            diagnostics.push(diagnostic.hint(hint));
        }
    }
}

fn made_for(container: &Container) -> String {
    let bases: Vec<&str> = container.images.iter().filter_map(|image| Some(image.base?.value.name)).collect();
    if bases.is_empty() {
        return "not said to be for all builds that the others are for".to_owned();
    }
    format!("made for {}", bases.join(" and "))
}
