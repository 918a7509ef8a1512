//! After `check` no user error exists: the objects of whatever it lets through, the API server takes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use compiler::diag::Diagnostics;
use compiler::document::Document;
use compiler::lower::{lower, platform};
use compiler::object::Object;
use compiler::resolve::{Files, files_needed};
use compiler::source::Sources;
use compiler::{compile, parse};
use serde_json::{Value, json};
use simulator::engine::random::Stream;

use super::accept::is_known;
use super::app::App;
use super::mutate::mutate;
use super::place::Place;
use super::pods::pod_of;
use crate::process::{note, root};

/// How many mutants that pass are looked at, unless `SPECC_TEST_MUTANTS` says how many; `SPECC_TEST_SEED` makes others.
const MUTANTS: u64 = 300;

/// The label of a namespace that says which pods it lets in.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

/// How many are made at most for each that passes.
const TRIES: u64 = 100;

struct Spec {
    name: String,
    document: Document,
    files: Files,
}

/// What the server said of one kind of object, and of which mutant first.
struct Refusal {
    text: String,
    count: usize,
}

/// Random changes to every good spec; what `check` lets through is posted by a dry run with strict fields.
pub fn mutants(place: &'static Place) {
    let (wanted, seed) = (number("SPECC_TEST_MUTANTS", MUTANTS), number("SPECC_TEST_SEED", 1));
    let (free, guarded) = namespaces(place);
    let specs = specs();
    let (mut posted, mut refusals) = (BTreeSet::new(), BTreeMap::new());
    let (mut passed, mut tried) = (0, 0);
    while passed < wanted && tried < wanted * TRIES {
        let spec = &specs[(tried % specs.len() as u64) as usize];
        let mut random = Stream::new(seed, &spec.name, tried);
        tried += 1;
        let mut document = spec.document.clone();
        let count = 1 + random.below(3);
        let changes: Vec<String> = (0..count).map(|_| mutate(&mut document, &mut random)).collect();
        let told = || format!("specs/{}\n    {}", spec.name, changes.join("\n    "));
        match catch_unwind(AssertUnwindSafe(|| objects(&document, &spec.files))) {
            Ok(None) => continue,
            Ok(Some(objects)) => {
                let new = objects.into_iter().filter(|(object, _)| posted.insert(object.to_string()));
                for (object, is_guarded) in new.filter(|(object, _)| is_known(&free, object)) {
                    post(if is_guarded { &guarded } else { &free }, object, &told, &mut refusals);
                }
            }
            Err(_) => refuse(&mut refusals, "panic".to_owned(), format!("{}\n    panics", told())),
        }
        passed += 1;
    }
    note(&format!("cluster::{} objects of {passed} mutants, of {tried} that were made", posted.len()));
    let list = refusals.values().map(|refusal| format!("{} times: {}", refusal.count, refusal.text));
    assert!(refusals.is_empty(), "the API server refuses\n{}", list.collect::<Vec<_>>().join("\n"));
    assert_eq!(passed, wanted, "most changes are refused, but not all");
}

fn number(variable: &str, unless_told: u64) -> u64 {
    let told = std::env::var(variable).ok().filter(|text| !text.is_empty());
    told.map_or(unless_told, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

/// A namespace that enforces nothing, and one that enforces the Pod Security level `baseline`.
fn namespaces(place: &'static Place) -> (App, App) {
    let (free, guarded) = (App::new(place, "mutants", ""), App::new(place, "guarded", ""));
    free.create_namespace();
    guarded.create_labelled(&json!({ ENFORCE: "baseline" }));
    for app in [&free, &guarded] {
        app.until("its account is there", |app| !app.list("v1", "ServiceAccount").is_empty());
    }
    (free, guarded)
}

fn post(app: &App, object: Value, told: &dyn Fn() -> String, refusals: &mut BTreeMap<String, Refusal>) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, name) = (text(&object["kind"]), text(&object["metadata"]["name"]));
    let Err(why) = app.dry_run(object) else { return };
    // The same message with other numbers and names is the same defect.
    let why = why.split_once(" (Status {").map_or(&*why, |(message, _)| message);
    let unquoted: String = why.replace('\\', "").split('"').step_by(2).collect();
    let key = format!("{kind} {}", unquoted.replace(|c: char| c.is_ascii_digit(), ""));
    refuse(refusals, key, format!("{}\n    {kind} {name}: {why}", told()));
}

fn refuse(refusals: &mut BTreeMap<String, Refusal>, key: String, text: String) {
    refusals.entry(key).or_insert(Refusal { text, count: 0 }).count += 1;
}

/// The objects of every cell and of every cluster with a pod of each workload, and whether they are for a namespace
/// that enforces `baseline`; `None` if a rule refuses the document.
fn objects(document: &Document, files: &Files) -> Option<Vec<(Value, bool)>> {
    let checked = compile(document, files, &mut Diagnostics::default())?;
    let mut objects = Vec::new();
    for cell in checked.cells() {
        let made: Vec<Value> = lower(&checked, cell).objects.iter().map(Object::value).collect();
        let is_guarded = made.iter().any(|object| object["metadata"]["labels"][ENFORCE] == "baseline");
        let pods: Vec<Value> = made.iter().filter_map(pod_of).collect();
        objects.extend(made.into_iter().chain(pods).map(|object| (object, is_guarded)));
    }
    for cluster in &checked.platform().clusters {
        let made = platform::lower(checked.platform(), cluster).bundle.objects;
        let made: Vec<Value> = made.iter().map(Object::value).collect();
        let pods: Vec<Value> = made.iter().filter_map(pod_of).collect();
        objects.extend(made.into_iter().chain(pods).map(|object| (object, false)));
    }
    Some(objects)
}

/// Every spec that is not broken.
fn specs() -> Vec<Spec> {
    let folders = fs::read_dir(root().join("specs")).expect("there are specs").filter_map(Result::ok);
    let mut names: Vec<String> =
        folders.map(|folder| folder.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "broken");
    names.sort();
    names.into_iter().map(read).collect()
}

fn read(name: String) -> Spec {
    let folder = root().join("specs").join(&name);
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let mut document = Document::default();
    for file in ["app.kdl", "app.yaml", "platform.kdl", "platform.yaml"] {
        let Ok(text) = fs::read_to_string(folder.join(file)) else { continue };
        document.append(parse::parse(&sources.add(file, text), &mut diagnostics));
    }
    let files = contents(&folder, &document);
    assert!(objects(&document, &files).is_some(), "specs/{name} is good");
    Spec { name, document, files }
}

fn contents(folder: &Path, document: &Document) -> Files {
    let read = |path: String| fs::read_to_string(folder.join(&path)).ok().map(|text| (path, text));
    files_needed(document).into_iter().filter_map(read).collect()
}
