//! What specc makes, the API server takes: every golden object, by server-side dry run with strict fields.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use super::app::App;
use super::place::Place;
use crate::process::{note, root};

/// Every object under `golden/` is accepted, fields that the server does not know included in the refusal.
pub fn goldens(place: &'static Place) {
    let app = App::new(place, "accept", "");
    app.create_namespace();
    let (mut refused, mut left, mut accepted) = (Vec::new(), Vec::new(), 0);
    for file in objects(&root().join("golden")) {
        let object = read(&file);
        let name = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
        if !is_known(&app, &object) {
            left.push(format!("{name} ({})", kind_of(&object)));
            continue;
        }
        match app.dry_run(object) {
            Ok(()) => accepted += 1,
            Err(why) => refused.push(format!("{name}: {why}")),
        }
    }
    assert!(
        refused.is_empty(),
        "{} of {} are refused:\n{}",
        refused.len(),
        accepted + refused.len(),
        refused.join("\n")
    );
    assert!(accepted > 20, "the goldens were found");
    if !left.is_empty() {
        // On a cluster of our own every kind that specc makes is installed.
        assert!(place.own.is_none() || std::env::var_os("CI").is_none(), "no such kind: {}", left.join(", "));
        note(&format!(
            "cluster::{accepted} goldens accepted; the cluster lacks the kinds of {}",
            left.join(", ")
        ));
    }
}

/// A field that no version knows is refused, or the test above would prove little.
pub fn strictness(place: &'static Place) {
    let app = App::new(place, "strict", "");
    app.create_namespace();
    let mut object = read(&root().join("golden/mini-program/prod/Deployment.api.yaml"));
    object["spec"]["template"]["spec"]["containers"][0]["imagePullPolice"] = "Always".into();
    let why = app.dry_run(object).expect_err("a misspelt field is refused");
    assert!(why.contains("imagePullPolice"), "{why}");
    let mut object = read(&root().join("golden/mini-program/prod/Service.api.yaml"));
    object["spec"]["ports"][0]["port"] = 70_000.into();
    let why = app.dry_run(object).expect_err("a port above 65535 is refused");
    assert!(why.contains("spec.ports[0].port"), "{why}");
}

/// Whether the cluster has an object's kind. The first who asks installs, on a cluster of our own, the kinds of
/// `tests/crds/` and of `SPECC_TEST_CRDS`.
pub fn is_known(app: &App, object: &Value) -> bool {
    static CUSTOM: OnceLock<Vec<String>> = OnceLock::new();
    let custom = CUSTOM.get_or_init(|| if app.place.own.is_some() { install(app) } else { Vec::new() });
    let kind = kind_of(object);
    let group = kind.split_once('/').map_or("", |(group, _)| group);
    let built_in = !group.contains('.') || group.ends_with(".k8s.io") && group != "gateway.networking.k8s.io";
    built_in || custom.contains(&kind)
}

fn install(app: &App) -> Vec<String> {
    let mut custom = vec!["scheduling.alibabacloud.com/ResourcePolicy".to_owned()];
    let mut folders = vec![root().join("tests/crds")];
    let more = std::env::var_os("SPECC_TEST_CRDS").unwrap_or_default();
    folders.extend(std::env::split_paths(&more).filter(|path| !path.as_os_str().is_empty()));
    // What is installed first stays: upstream's own definition before one of ours.
    for folder in folders.iter().rev() {
        for file in yaml_files(folder) {
            custom.extend(app.install_kind(&read(&file)));
        }
    }
    custom
}

/// `group/Kind`.
fn kind_of(object: &Value) -> String {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    format!("{group}/{}", object["kind"].as_str().unwrap_or_default())
}

/// Every file of one object below a folder, sorted.
pub fn objects(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            files.extend(objects(&path));
        }
    }
    let is_object = |path: &PathBuf| read(path)["apiVersion"].is_string();
    files.extend(yaml_files(folder).into_iter().filter(is_object));
    files.sort();
    files
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|e| e == "yaml")).collect();
    files.sort();
    files
}

fn read(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
