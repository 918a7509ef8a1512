//! Two cells that keep their files in one folder.

use crate::app::{App, Cell, Component, Share, Volume, VolumeKind};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};
use std::collections::BTreeMap;

/// `shared-nas`
pub static RULE: Rule =
    Rule { code: "S0319", name: "shared-nas", severity: Severity::Error, docs: DOCS, check: Some(check) };

const DOCS: &str = r#"A folder of a network share belongs to one cell, with everything in it: a cell that has a folder above or below
another's reads and writes the other's files. A tenant that inherits the folder of its environment has none of its own.
Cells that are meant to share one say `shared=#true`, all of them. Components of one cell may share without a word.

## Wrong
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        volume "files" kind="nas" mount="/files" server="0a1b2c.cn-hangzhou.nas.aliyuncs.com" path="/shop"
    }
    environment "prod" {
        tenant "merchant-a"
        tenant "merchant-b"
    }
}
```
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        volume "files" kind="nas" mount="/files" server="0a1b2c.cn-hangzhou.nas.aliyuncs.com" path="/shop"
    }
    environment "test" {
        component "web" {
            volume "files" path="/shop/test/"
        }
    }
    environment "prod"
}
```

## Right
```kdl
app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        volume "files" kind="nas" mount="/files" server="0a1b2c.cn-hangzhou.nas.aliyuncs.com" path="/shop"
    }
    environment "prod" {
        tenant "merchant-a" {
            component "web" {
                volume "files" path="/merchant-a"
            }
        }
        tenant "merchant-b"
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<(String, String), Claim<'_>> = BTreeMap::new();
    for cell in &app.cells {
        for here in cell.components.iter().flat_map(|component| claims(cell, component)) {
            let key = key(here.share);
            let first = above(&key).find_map(|key| seen.get(&key)).or_else(|| below(&seen, &key));
            diagnostics.extend(first.and_then(|first| collision(first, &here)));
            seen.entry(key).or_insert(here);
        }
    }
}

/// One component of one cell with a folder.
struct Claim<'a> {
    cell: &'a Cell,
    component: &'a Component,
    share: &'a Share,
}

fn claims<'a>(cell: &'a Cell, component: &'a Component) -> impl Iterator<Item = Claim<'a>> {
    let share = |volume: &'a Volume| match &volume.kind.value {
        VolumeKind::Share(share) => Some(Claim { cell, component, share }),
        VolumeKind::Disk(_)
        | VolumeKind::Nas(_)
        | VolumeKind::Scratch { .. }
        | VolumeKind::Host { .. }
        | VolumeKind::Secret { .. } => None,
    };
    component.volumes.iter().filter_map(share)
}

/// Server and folder; every folder ends with a slash, so that one that begins with another is inside it.
fn key(share: &Share) -> (String, String) {
    let folders = share.path.value.split('/').filter(|folder| !folder.is_empty() && *folder != ".");
    let path = folders.fold("/".to_owned(), |path, folder| format!("{path}{folder}/"));
    (share.server.to_ascii_lowercase(), path)
}

/// The folder and those that it is in.
fn above((server, path): &(String, String)) -> impl Iterator<Item = (String, String)> {
    path.match_indices('/').map(move |(end, _)| (server.clone(), path[..=end].to_owned()))
}

/// The first folder inside it.
fn below<'s, 'a>(
    seen: &'s BTreeMap<(String, String), Claim<'a>>,
    key: &(String, String),
) -> Option<&'s Claim<'a>> {
    let (found, claim) = seen.range(key.clone()..).next()?;
    (found.0 == key.0 && found.1.starts_with(&key.1)).then_some(claim)
}

fn collision(first: &Claim<'_>, here: &Claim<'_>) -> Option<Diagnostic> {
    let both_share = first.share.shared && here.share.shared;
    if std::ptr::eq(first.cell, here.cell) || both_share {
        return None;
    }
    let title = |claim: &Claim<'_>| format!("`{}` in {}", claim.component.name.value, claim.cell.title(None));
    let (server, path) = (&here.share.server, &here.share.path);
    let message = format!("two cells have files in `{}` of `{server}`", path.value);
    let diagnostic = Diagnostic::new(&RULE, message, path.span, title(here))
        .hint("give each cell a folder of its own, or say `shared=#true` on the volume of both");
    // A folder that is inherited stands in one place and means two.
    Some(if first.share.path.span == path.span {
        diagnostic.also(here.cell.span, "this cell").also(first.cell.span, format!("and {}", title(first)))
    } else {
        diagnostic.also(first.share.path.span, title(first))
    })
}
