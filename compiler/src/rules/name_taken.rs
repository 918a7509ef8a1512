//! Two things of one pod or one cell with one name.

use crate::app::{App, Cell, Component, ComponentKind, VolumeKind};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use crate::source::Spanned;

/// `name-taken`
pub static RULE: Rule =
    Rule { code: "S0327", name: "name-taken", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"The containers of a pod have different names; the component's own container is called like the component. Volumes that
specc makes for configuration files are called `config-0` and so on. The Service of the members of a stateful component is
called `<component>-headless`.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        init "web" {
            image "registry.example.com/migrate:1"
        }
    }
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        init "migrate" {
            image "registry.example.com/migrate:1"
        }
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for cell in &app.cells {
        for component in &cell.components {
            containers(component, diagnostics);
            volumes(component, diagnostics);
            services(cell, component, diagnostics);
            claims(cell, component, diagnostics);
        }
    }
}

/// Two of one list are found as nodes of one name already.
fn containers(component: &Component, diagnostics: &mut Diagnostics) {
    let lists = [std::slice::from_ref(&component.main), &component.containers, &component.inits];
    for (index, list) in lists.iter().enumerate() {
        for name in list.iter().map(|container| &container.name) {
            let mut earlier = lists[..index].iter().copied().flatten();
            let Some(first) = earlier.find(|other| other.name.value == name.value) else { continue };
            let message = format!("two containers of one pod are called `{}`", name.value);
            diagnostics.push(
                Diagnostic::new(&RULE, message, name.span, "called so again")
                    .also(first.name.span, "called so first")
                    .hint("give one of them another name"),
            );
        }
    }
}

fn volumes(component: &Component, diagnostics: &mut Diagnostics) {
    let files = component.configs().count();
    let made = |name: &str| name.strip_prefix("config-").is_some_and(|rest| rest.parse::<usize>().is_ok());
    for volume in component.volumes.iter().filter(|volume| files > 0 && made(&volume.name.value)) {
        taken(&volume.name, "the volume of a configuration file", diagnostics);
    }
}

fn services(cell: &Cell, component: &Component, diagnostics: &mut Diagnostics) {
    let Some(owner) = component.name.value.strip_suffix("-headless") else { return };
    let stateful =
        |other: &&Component| other.kind.value == ComponentKind::Stateful && other.name.value == owner;
    if cell.components.iter().any(|other| stateful(&other)) {
        taken(&component.name, &format!("the Service of the members of `{owner}`"), diagnostics);
    }
}

/// Two names with dashes can make one: `a` and `b-c`, `a-b` and `c`.
fn claims(cell: &Cell, component: &Component, diagnostics: &mut Diagnostics) {
    let shares = |component: &'_ Component| -> Vec<(String, Spanned<String>)> {
        let nas = component.volumes.iter().filter(|volume| matches!(volume.kind.value, VolumeKind::Nas(_)));
        nas.map(|volume| (format!("{}-{}", component.name.value, volume.name.value), volume.name.clone()))
            .collect()
    };
    let earlier = cell.components.iter().take_while(|other| other.name.value != component.name.value);
    let known: Vec<(String, Spanned<String>)> = earlier.flat_map(shares).collect();
    for (claim, name) in shares(component) {
        if known.iter().any(|(other, _)| *other == claim) {
            taken(&name, &format!("the claim `{claim}` of another component's volume"), diagnostics);
        }
    }
}

fn taken(name: &Spanned<String>, by: &str, diagnostics: &mut Diagnostics) {
    let message = format!("`{}` makes a name that {by} has already", name.value);
    let diagnostic = Diagnostic::new(&RULE, message, name.span, "taken");
    diagnostics.push(diagnostic.hint("choose another name"));
}
