//! What pods keep their files on.

use super::{field, is_set, text_field};
use crate::app::{Claim, Container, Mount, Share, Volume, VolumeKind};
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::resolve::{form, platform};
use crate::rules::{misplaced_field, missing_field};
use crate::source::Spanned;

/// Which fields each kind has, besides `mount` and `read-only`; those that it needs come first, with an example.
struct Fields {
    kind: &'static str,
    needed: &'static [(&'static str, &'static str)],
    optional: &'static [&'static str],
}

const KINDS: &[Fields] = &[
    Fields { kind: "disk", needed: &[("size", "\"20Gi\"")], optional: &["class"] },
    // The default class of a cluster gives disks, which only one node can have.
    Fields {
        kind: "nas",
        needed: &[("size", "\"100Gi\""), ("class", "\"alibabacloud-cnfs-nas\"")],
        optional: &[],
    },
    // With a server it is a share that is there.
    Fields {
        kind: "nas",
        needed: &[("server", "\"0a1b2c.cn-hangzhou.nas.aliyuncs.com\""), ("path", "\"/shop\"")],
        optional: &["shared"],
    },
    Fields { kind: "scratch", needed: &[], optional: &["size", "medium"] },
    Fields { kind: "host", needed: &[("path", "\"/var/log\"")], optional: &[] },
    Fields { kind: "secret", needed: &[("secret", "\"shop-certificate\"")], optional: &[] },
];

/// A volume, and where the component's own container finds it.
pub(super) fn volume(node: &Node, diagnostics: &mut Diagnostics) -> Option<(Volume, Mount)> {
    let written = field(node, "kind");
    let word = written.and_then(|value| value.as_text()).unwrap_or("disk");
    let of_kind = || KINDS.iter().filter(|fields| fields.kind == word);
    let has_server = |fields: &&Fields| fields.needed.iter().any(|(key, _)| *key == "server");
    let there = of_kind().find(has_server).filter(|_| node.child("server").is_some());
    let fields = there.or_else(|| of_kind().next())?;
    for (key, example) in [("mount", "\"/data\"")].iter().chain(fields.needed) {
        if node.child(key).is_none() {
            diagnostics.push(missing_field::found(node, key, example));
        }
    }
    let belongs = |child: &&Node| {
        let name = child.name.as_str();
        let always = ["kind", "mount", "read-only"].contains(&name);
        always || fields.needed.iter().any(|(key, _)| *key == name) || fields.optional.contains(&name)
    };
    for child in node.children.iter().filter(|child| !belongs(child)) {
        let of = format!("a volume of kind `{word}`");
        diagnostics.push(misplaced_field::found(child, &of, written.map(|value| value.span)));
    }
    let name = platform::name(node)?;
    let kind = Spanned::new(kind(node, word)?, written.map_or(node.span, |value| value.span));
    let read_only = match kind.value {
        VolumeKind::Host { .. } => field(node, "read-only").is_none() || is_set(node, "read-only"),
        VolumeKind::Secret { .. } => true,
        VolumeKind::Disk(_) | VolumeKind::Nas(_) | VolumeKind::Share(_) | VolumeKind::Scratch { .. } => {
            is_set(node, "read-only")
        }
    };
    let mount = Mount { volume: name.clone(), path: text_field(node, "mount")?, read_only };
    Some((Volume { name, kind }, mount))
}

fn kind(node: &Node, word: &str) -> Option<VolumeKind> {
    let text = |key| text_field(node, key).map(|text| text.value);
    let size = || field(node, "size").and_then(form::quantity_text).map(str::to_owned);
    Some(match word {
        "disk" => VolumeKind::Disk(Claim { size: size()?, class: text("class") }),
        "nas" if node.child("server").is_some() => VolumeKind::Share(Share {
            server: text("server")?,
            path: text_field(node, "path")?,
            shared: is_set(node, "shared"),
        }),
        "nas" => VolumeKind::Nas(Claim { size: size()?, class: text("class") }),
        "scratch" => {
            VolumeKind::Scratch { size: size(), in_memory: text("medium").as_deref() == Some("memory") }
        }
        "host" => VolumeKind::Host { path: text("path")? },
        _ => VolumeKind::Secret { name: text("secret")? },
    })
}

/// A volume of the component in another container; without a path, [`with_paths`] gives it one.
pub(super) fn mount(node: &Node) -> Option<Mount> {
    let volume = platform::name(node)?;
    let path = text_field(node, "path").unwrap_or_else(|| Spanned::new(String::new(), volume.span));
    Some(Mount { volume, path, read_only: is_set(node, "read-only") })
}

/// Mounts that name no path stand where the component's own container has the volume; none may write what that one
/// may only read.
pub(super) fn with_paths(mut container: Container, mounts: &[Mount]) -> Container {
    for mount in &mut container.mounts {
        let Some(own) = mounts.iter().find(|own| own.volume.value == mount.volume.value) else { continue };
        if mount.path.value.is_empty() {
            mount.path.value.clone_from(&own.path.value);
        }
        mount.read_only |= own.read_only;
    }
    container
}
