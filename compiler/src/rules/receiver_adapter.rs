//! A receiver that Alertmanager cannot reach as it is.

use crate::app::{App, ReceiverKind};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `receiver-adapter`
pub static RULE: Rule = Rule {
    code: "S0365",
    name: "receiver-adapter",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"Alertmanager posts its own JSON, and DingTalk takes another form and a signature: something must translate between them.
A `webhook` takes what Alertmanager posts, so an adapter before it would be its address.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "prometheus-operator"
    }
    environment "prod" cluster="c"
    receiver "ops" kind="dingtalk" address=(secret)"alerts/dingtalk"
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        installed "prometheus-operator"
    }
    environment "prod" cluster="c"
    receiver "ops" kind="dingtalk" address=(secret)"alerts/dingtalk" adapter="http://dingtalk.monitoring.svc:8060/dingtalk/ops/send"
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for receiver in app.platform.iter().flat_map(|platform| &platform.receivers) {
        let name = &receiver.name.value;
        match (receiver.kind.value, &receiver.adapter) {
            (ReceiverKind::Dingtalk, Some(_)) | (ReceiverKind::Webhook, None) => {}
            (ReceiverKind::Dingtalk, None) => {
                let message = format!("receiver `{name}` is of DingTalk, to which Alertmanager cannot post");
                let diagnostic = Diagnostic::new(&RULE, message, receiver.kind.span, "takes another form");
                diagnostics.push(diagnostic.hint(
                    "run an adapter and write `adapter=\"http://dingtalk.monitoring.svc:8060/dingtalk/ops/send\"`",
                ));
            }
            (ReceiverKind::Webhook, Some(adapter)) => {
                let message = format!("receiver `{name}` takes what Alertmanager posts, and has an adapter");
                let diagnostic = Diagnostic::new(&RULE, message, adapter.span, "never asked");
                diagnostics.push(
                    diagnostic.hint("put the adapter's address into the secret, and leave out `adapter`"),
                );
            }
        }
    }
}
