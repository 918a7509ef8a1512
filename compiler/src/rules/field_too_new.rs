//! A field that the cluster does not know yet.

use super::ObjectRule;
use crate::app::{Cell, Cluster};
use crate::check::Checked;
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::lower::since::{self, MINOR_NEWEST, Unfit, Why};
use crate::object::Object;

/// `field-too-new`
pub static RULE: Rule =
    Rule { code: "S0381", name: "field-too-new", severity: Severity::Error, docs: DOCS, check: None };

const DOCS: &str = r#"Every field that specc writes is checked against the version of the cluster: an older API server would drop it without
a word, or refuse the object. A drain, for example, is the `sleep` action of a container, which came with Kubernetes
1.30.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        readiness http="/healthz"
        expose "cluster"
    }
}
platform "p" {
    cluster "c" kubernetes="1.29" {
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
        port "http" 8080
        readiness http="/healthz"
        expose "cluster"
    }
}
platform "p" {
    cluster "c" kubernetes="1.30" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
}
```
"#;

/// Looks at every object for a cluster that is older than the newest field specc writes.
pub const OBJECTS: ObjectRule =
    ObjectRule { concerns: |checked, cell| checked.cluster(cell).minor() < MINOR_NEWEST, check: object };

fn object(checked: &Checked, cell: &Cell, object: &Object, diagnostics: &mut Diagnostics) {
    let cluster = checked.cluster(cell);
    for unfit in since::unfit(&object.manifest, object.kind(), cluster.minor()) {
        diagnostics.push(found(cluster, cell, object, &unfit));
    }
}

fn found(cluster: &Cluster, cell: &Cell, object: &Object, unfit: &Unfit) -> Diagnostic {
    let version = match unfit.why {
        Why::Since(minor) => format!("came with 1.{minor}"),
        Why::Gated => "is behind a feature gate in every version".to_owned(),
        Why::Unknown => "is in no version that specc knows".to_owned(),
    };
    let message = format!(
        "`{}` of {} {version}, and cluster `{}` runs {}",
        unfit.path,
        object.kind(),
        cluster.name.value,
        cluster.kubernetes.value
    );
    let own =
        cell.components.iter().find(|component| Some(&component.name.value) == object.component.as_ref());
    let place = own.map_or(cell.span, |component| component.name.span);
    Diagnostic::new(&RULE, message, place, "needs a newer cluster")
        .also(cluster.kubernetes.span, "this version")
        .hint("upgrade the cluster, or leave out in this environment what needs the field")
}
