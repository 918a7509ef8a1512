//! A pod that pays for much more on ECI than it asks for.

use crate::app::eci::{Size, size};
use crate::app::{App, Burst};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `eci-rounding`
pub static RULE: Rule =
    Rule { code: "S0337", name: "eci-rounding", severity: Severity::Warning, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"ECI sells sizes. A pod gets the smallest one that holds the sum of its containers, and pays for all of it: 4.25 vCPU become
8, since there is nothing between; some regions also sell 6. A small sidecar can so double the price. This is shown where
the size costs a quarter more than what was asked for, at the list prices of Alibaba Cloud for a vCPU and a GiB.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="4" memory="8Gi"
        burst "when-short"
        container "agent" {
            image "registry.example.com/agent:1"
            resources cpu="250m" memory="256Mi"
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=2000
    }
    environment "prod" cluster="c" eci="allow"
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="3750m" memory="7936Mi"
        burst "when-short"
        container "agent" {
            image "registry.example.com/agent:1"
            resources cpu="250m" memory="256Mi"
        }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=2000
    }
    environment "prod" cluster="c" eci="allow"
}
```
"#;

/// From how much more on it is worth a word, in per cent.
const PERCENT: u64 = 25;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for component in app.cells.iter().flat_map(|cell| &cell.components) {
        if component.burst.value == Burst::Never {
            continue;
        }
        let (cpu_milli, memory_bytes) = component.counted();
        let (asked, billed) = (Size { cpu_milli, memory_bytes }, size(cpu_milli, memory_bytes));
        let more = billed.list_price() * 100 / asked.list_price().max(1);
        if more < 100 + PERCENT {
            continue;
        }
        let message = format!(
            "a pod of component `{}` asks for {} and is billed for {} on ECI, {} % more",
            component.name.value,
            said(asked),
            said(billed),
            more - 100
        );
        diagnostics.push(
            Diagnostic::new(&RULE, message, component.main.resources.cpu_milli.span, "rounded up with the rest of the pod")
                .also(component.burst.span, "may use ECI")
                .hint("lower a request so that the sum of the containers meets a size, or use all of the larger one"),
        );
    }
}

fn said(size: Size) -> String {
    let (cores, gibibytes) = (size.cpu_milli as f64 / 1000.0, size.memory_bytes as f64 / f64::from(1 << 30));
    format!("{cores} vCPU and {gibibytes} GiB")
}
