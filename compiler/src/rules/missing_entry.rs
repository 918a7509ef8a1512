//! Traffic through ALB or a gateway that the cluster does not have.

use crate::app::{Addon, App, Cluster, Entry, Expose, Scope};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `missing-entry`
pub static RULE: Rule =
    Rule { code: "S0383", name: "missing-entry", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"`via "alb"` and `via "gateway"` need an entry of the platform: something installed that lets HTTP traffic in, which
the same people can reach that the component is exposed to. With two of them it would be left to chance which one is
meant.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        port "http" 8080
        readiness http="/healthz"
        expose "intranet" {
            via "alb"
            host "shop.example.com"
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "terway"
        installed "alb-ingress" {
            entry "alb" scope="internet"
        }
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
        expose "internet" {
            via "alb"
            host "shop.example.com"
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "terway"
        installed "alb-ingress" {
            entry "alb" scope="internet"
        }
    }
    environment "prod" cluster="c"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for (cell, cluster) in app.placed() {
        for expose in cell.components.iter().filter_map(|component| component.expose.as_ref()) {
            // What is exposed to the cluster goes through nothing.
            let Some(addon) = expose.via.value.addon().filter(|_| expose.scope.value != Scope::Cluster)
            else {
                continue;
            };
            let entries = cluster.installed(addon).map_or(&[][..], |installed| &installed.entries);
            let fitting: Vec<&Entry> =
                entries.iter().filter(|entry| entry.scope == expose.scope.value).collect();
            if fitting.len() != 1 {
                diagnostics.push(found(expose, addon, cluster, &fitting));
            }
        }
    }
}

fn found(expose: &Expose, addon: Addon, cluster: &Cluster, fitting: &[&Entry]) -> Diagnostic {
    let (scope, via) = (expose.scope.value.name(), expose.via.value.name());
    let cluster_name = &cluster.name.value;
    if let [first, second, ..] = fitting {
        let message = format!("cluster `{cluster_name}` has more than one `{via}` entry from the {scope}");
        return Diagnostic::new(&RULE, message, expose.via.span, "which one is meant?")
            .also(first.name.span, "this one")
            .also(second.name.span, "or this one")
            .hint("let the operators keep one of them for each scope");
    }
    let message = format!("cluster `{cluster_name}` has no `{via}` entry from the {scope}");
    let diagnostic = Diagnostic::new(&RULE, message, expose.via.span, "goes through it");
    let word = addon.word();
    let hint = format!(
        "let the operators declare one: `installed \"{word}\" {{ entry \"{via}\" scope=\"{scope}\"; }}`"
    );
    match cluster.installed(addon) {
        Some(installed) => {
            diagnostic.also(installed.addon.span, "none of its entries is for that").hint(hint)
        }
        None => diagnostic.also(cluster.name.span, format!("`{word}` is not installed here")).hint(hint),
    }
}
