//! Configuration that does not fit into a ConfigMap.

use crate::app::{App, Component};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `config-too-large`
pub static RULE: Rule = Rule {
    code: "S0311",
    name: "config-too-large",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A ConfigMap holds at most 1 MiB, since every node that mounts it and the cluster's store keep it in memory.

## Wrong
```text no-run
app "shop" { component "web" { … config "big" mount="/etc/app" from="a-file-of-1100000-bytes"; }; }
```

## Right
```text no-run
app "shop" { component "web" { … config "small" mount="/etc/app" from="a-file-of-1000-bytes"; }; }
```
"#;

/// What the API server takes, less room for names and labels.
const BYTES_MAX: usize = (1 << 20) - 4096;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for config in app.cells.iter().flat_map(|cell| &cell.components).flat_map(Component::configs) {
        let bytes = config.content.len();
        if bytes > BYTES_MAX {
            let message = format!(
                "the file `{}` has {bytes} bytes, and a ConfigMap holds {BYTES_MAX}",
                config.from.value
            );
            let diagnostic = Diagnostic::new(&RULE, message, config.from.span, "too large");
            diagnostics.push(diagnostic.hint("put it into the image or a volume"));
        }
    }
}
