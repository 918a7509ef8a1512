//! A Windows image, component and pool of different builds.

use crate::app::{App, Cluster, Component, Os, WindowsBuild};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::Spanned;

/// `windows-build-mismatch`
pub static RULE: Rule = Rule {
    code: "S0332",
    name: "windows-build-mismatch",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A Windows container shares the kernel of its node: the build of the image's base, the one that the component asks for and
the one of the nodes must be the same.

## Wrong
```kdl
app "shop" {
    component "erp" {
        os "windows" build="ltsc2022"
        image "registry.example.com/erp:1" base="ltsc2019"
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

## Right
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
        pool "windows" os="windows" build="ltsc2022" cpu=8 memory="32Gi" nodes=4
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, cluster) in app.placed() {
        for component in &cell.components {
            match component.os {
                // Its build is one that it has images for, or another rule says that there is none.
                Os::Windows(_) if component.any_build.is_some() => {}
                Os::Windows(build) => compare(component, build, cluster, diagnostics),
                Os::Linux => linux(component, diagnostics),
            }
        }
    }
}

fn compare(
    component: &Component,
    build: Spanned<WindowsBuild>,
    cluster: &Cluster,
    diagnostics: &mut Diagnostics,
) {
    let differs = |other: &Spanned<WindowsBuild>| other.value.number != build.value.number;
    let pools: Vec<(&str, Spanned<WindowsBuild>)> =
        cluster.pools.iter().filter_map(|pool| Some((pool.name.value.as_str(), pool.os.build()?))).collect();
    let bases: Vec<Spanned<WindowsBuild>> =
        component.every_container().filter_map(|container| container.base).filter(differs).collect();
    // Where there is no pool of Windows at all, another rule says so.
    let no_pool = !pools.is_empty() && pools.iter().all(|(_, other)| differs(other));
    if bases.is_empty() && !no_pool {
        return;
    }
    let name = &component.name.value;
    let message =
        format!("component `{name}` is of Windows build `{}`, and not everything else is", build.value.name);
    let mut diagnostic = Diagnostic::new(
        &RULE,
        message,
        build.span,
        format!("{}, which is {}", build.value.name, build.value.number),
    );
    for base in bases {
        diagnostic = diagnostic.also(base.span, format!("the image is made for {}", base.value.number));
    }
    for (pool, other) in &pools {
        diagnostic = diagnostic.also(other.span, format!("pool `{pool}` runs {}", other.value.number));
    }
    diagnostics.push(
        diagnostic.hint("build the image on a base of the nodes' build, and name that build everywhere"),
    );
}

/// An image for Windows in a component that says nothing of Windows.
fn linux(component: &Component, diagnostics: &mut Diagnostics) {
    for base in component.every_container().filter_map(|container| container.base) {
        let message = format!("component `{}` runs on Linux, and its image on Windows", component.name.value);
        let diagnostic = Diagnostic::new(&RULE, message, base.span, "an image for Windows");
        diagnostics.push(diagnostic.hint(format!("add `os \"windows\" build=\"{}\"`", base.value.name)));
    }
}
