//! Every field of every object that any spec makes is one that Kubernetes knows, from a version that specc knows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use compiler::check::Checked;
use compiler::diag::Diagnostics;
use compiler::document::Document;
use compiler::lower::{lower, since};
use compiler::resolve::{Files, files_needed};
use compiler::source::Sources;
use libtest_mimic::Trial;

use crate::process::{root, trial};

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![trial("fields::every_field_is_known_with_its_version", every_field_is_known_with_its_version)]
}

/// A field that another version brought must raise `MINOR_NEWEST`, or no older cluster would be checked for it.
fn every_field_is_known_with_its_version() {
    let (mut objects, mut unfit) = (0, BTreeSet::new());
    for folder in fs::read_dir(root().join("specs")).expect("specs are there").filter_map(Result::ok) {
        if folder.file_name() == "broken" {
            continue;
        }
        for object in made(&folder.path()) {
            objects += 1;
            let kind = object["kind"].as_str().unwrap_or_default();
            assert_eq!(since::is_listed(kind), is_built_in(&object), "{kind}");
            let found = since::unfit(&object, kind, since::MINOR_NEWEST);
            unfit.extend(
                found.into_iter().map(|unfit| format!("{}: {} {:?}", object["kind"], unfit.path, unfit.why)),
            );
        }
    }
    assert!(objects > 50, "the specs were found");
    assert!(unfit.is_empty(), "{unfit:#?}");
}

/// Whether Kubernetes itself brings the kind: its group has no domain, or one of those below k8s.io that are no
/// add-on's.
fn is_built_in(object: &serde_json::Value) -> bool {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    !group.contains('.') || matches!(group, "networking.k8s.io" | "rbac.authorization.k8s.io")
}

/// The objects of all cells of a spec.
fn made(folder: &Path) -> Vec<serde_json::Value> {
    let checked = checked(folder);
    let bundles = checked.cells().iter().map(|cell| lower(&checked, cell));
    bundles.flat_map(|bundle| bundle.objects).map(|object| object.value()).collect()
}

/// A spec of the project, which has no mistakes.
pub fn checked(folder: &Path) -> Checked {
    let (mut sources, mut diagnostics, mut document) =
        (Sources::default(), Diagnostics::default(), Document::default());
    let entries = fs::read_dir(folder).expect("a spec is a folder").filter_map(Result::ok);
    for path in entries.map(|entry| entry.path()) {
        if path.extension().is_some_and(|ending| ending == "kdl" || ending == "yaml") {
            let source =
                sources.add(path.to_string_lossy(), fs::read_to_string(&path).expect("it can be read"));
            document.append(compiler::parse::parse(&source, &mut diagnostics));
        }
    }
    let content = |path: String| Some((path.clone(), fs::read_to_string(folder.join(path)).ok()?));
    let files: Files = files_needed(&document).into_iter().filter_map(content).collect();
    let checked = compiler::compile(&document, &files, &mut diagnostics);
    checked.unwrap_or_else(|| panic!("{} is clean", folder.display()))
}
