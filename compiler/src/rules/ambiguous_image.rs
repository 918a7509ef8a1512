//! Two images of one container for one build of Windows.

use crate::app::{App, Component, Image};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::document::Node;
use crate::source::Span;

/// `ambiguous-image`
pub static RULE: Rule = Rule {
    code: "S0314",
    name: "ambiguous-image",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A container has one image, or on Windows one for each build of the nodes, told apart by `base`. Two of one build, or one
without a base beside others, leave open which of them runs. `ltsc2019` and `1809` are one build.

## Wrong
```kdl
app "shop" {
    component "erp" {
        os "windows"
        image "registry.example.com/erp:1" base="ltsc2022"
        image "registry.example.com/erp:2" base="ltsc2022"
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
        image "registry.example.com/erp:1-ltsc2025" base="ltsc2025"
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

/// `node` is for the same build as `first`.
pub fn found(node: &Node, first: &Node) -> Diagnostic {
    let place = |node: &Node| node.values.first().map_or(node.span, |value| value.span);
    ambiguous(place(node), place(first))
}

/// What only shows once builds are compared by their numbers and overrides are laid over each other.
fn check(app: &App, diagnostics: &mut Diagnostics) {
    let components = app.cells.iter().flat_map(|cell| &cell.components);
    for container in components.flat_map(Component::every_container) {
        for (index, image) in container.images.iter().enumerate() {
            let mut before = container.images[..index].iter();
            if let Some(first) = before.find(|first| are_alike(first, image)) {
                diagnostics.push(ambiguous(image.reference.span, first.reference.span));
            }
        }
    }
}

fn are_alike(first: &Image, other: &Image) -> bool {
    match (first.base, other.base) {
        (Some(first), Some(other)) => first.value.is(other.value),
        (None, _) | (_, None) => true,
    }
}

fn ambiguous(place: Span, first: Span) -> Diagnostic {
    Diagnostic::new(&RULE, "two images of one container are for the same nodes", place, "this image")
        .also(first, "and this one")
        .hint("keep one of them, or give each the `base` that it is made for")
}
