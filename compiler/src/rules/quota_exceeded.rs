//! Cells that would request more than their environment's quota.

use crate::app::{App, Cell, Component, Demand, Platform, Scale};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::{Span, Spanned};

/// `quota-exceeded`
pub static RULE: Rule =
    Rule { code: "S0376", name: "quota-exceeded", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"A quota on the platform's environment holds for all cells of the application there. Each counts with the most pods its
components can have: the upper bound of an autoscaler, what a release adds to it while two revisions swap, and a
daemon on every node that its pool may grow to. A quota
that this breaks would refuse pods on the very day they are needed.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=2 max=40
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c" {
        quota cpu=20 memory="64Gi" pods=100
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        scale min=2 max=20
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c" {
        quota cpu=20 memory="64Gi" pods=100
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let Some(platform) = &app.platform else { return };
    for environment in &platform.environments {
        let Some(quota) = &environment.quota else { continue };
        let own = |cell: &&Cell| cell.environment == environment.name.value;
        let cells: Vec<&Cell> = app.cells.iter().filter(own).collect();
        let limits = [
            quota.cpu_milli.map(|limit| (Spanned::new(limit.value.into(), limit.span), CPU)),
            quota.memory_bytes.map(|limit| (Spanned::new(limit.value.into(), limit.span), MEMORY)),
            quota.pods.map(|limit| (Spanned::new(limit.value.into(), limit.span), PODS)),
        ];
        for (limit, unit) in limits.into_iter().flatten() {
            let need: u128 = cells.iter().map(|cell| (unit.of)(platform.demand_most(cell))).sum();
            if need > limit.value {
                diagnostics.push(found(&environment.name.value, limit, need, unit, &cells, platform));
            }
        }
    }
}

/// One of the amounts, and how people read it.
#[derive(Clone, Copy)]
struct Unit {
    of: fn(Demand) -> u128,
    show: fn(u128) -> String,
}

const CPU: Unit =
    Unit { of: |amount| amount.cpu_milli, show: |milli| format!("{} cores", tenths(milli, 1000)) };
const MEMORY: Unit =
    Unit { of: |amount| amount.memory_bytes, show: |bytes| format!("{} GiB", tenths(bytes, 1 << 30)) };
const PODS: Unit = Unit { of: |amount| amount.pods, show: |pods| format!("{pods} pods") };

/// Rounded up to a tenth, so that what is too much is never shown as enough.
fn tenths(amount: u128, unit: u128) -> String {
    let tenths = (amount * 10).div_ceil(unit);
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

fn found<'a>(
    environment: &str,
    limit: Spanned<u128>,
    need: u128,
    unit: Unit,
    cells: &[&'a Cell],
    platform: &'a Platform,
) -> Diagnostic {
    let show = unit.show;
    let message =
        format!("environment `{environment}` may need {} and its quota is {}", show(need), show(limit.value));
    let mut diagnostic = Diagnostic::new(&RULE, message, limit.span, "the quota");
    for cell in cells {
        let share = show((unit.of)(platform.demand_most(cell)));
        diagnostic =
            diagnostic.also(cell.span, format!("{} needs up to {share}", cell.title(Some(platform))));
    }
    let each = |cell: &&'a Cell| {
        let cluster = &platform.clusters[cell.cluster];
        cell.components
            .iter()
            .map(move |component| (component, component.pods_most(cluster), component.demand_most(cluster)))
    };
    if let Some((component, pods, demand)) =
        cells.iter().flat_map(each).max_by_key(|(.., demand)| (unit.of)(*demand))
    {
        let (name, share) = (&component.name.value, show((unit.of)(demand)));
        diagnostic =
            diagnostic.also(bound(component), format!("`{name}` alone: {pods} pods at most, {share}"));
    }
    diagnostic.hint("lower the upper bounds or the surge, or ask the operators for a larger quota")
}

/// Where the most pods of a component are written.
fn bound(component: &Component) -> Span {
    match &component.scale {
        Scale::Fixed(count) => count.span,
        Scale::Auto(auto) => auto.max.span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_never_shown_as_enough() {
        assert_eq!(tenths(20_000, 1000), "20");
        assert_eq!(tenths(20_001, 1000), "20.1");
        assert_eq!(tenths((5 << 30) + 1, 1 << 30), "5.1");
    }
}
