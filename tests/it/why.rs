//! What `specc why` claims, asked of builds from edited texts, and how it meets files that are not as it expects.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use compiler::diag::Diagnostics;
use compiler::document::{Document, Node};
use compiler::object::Object;
use compiler::resolve::{Files, files_needed};
use compiler::source::Sources;
use compiler::why::{self, Cause, Place, Pointer, Question, Role};
use compiler::{check::Checked, compile, parse};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::process::{folder, root, specc, trial};

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("why::every_claim_holds_in_a_build_of_the_edited_text", every_claim_holds),
        trial("why::what_is_written_is_never_called_fixed", what_is_written_is_never_called_fixed),
        trial("why::every_line_of_a_golden_file_is_explained", every_line_is_explained),
        trial("why::a_stale_file_is_told_apart", a_stale_file_is_told_apart),
        trial("why::a_built_file_is_found_by_its_labels", a_built_file_is_found_by_its_labels),
        trial("why::an_object_of_a_cluster_names_its_line", an_object_of_a_cluster_names_its_line),
        trial("why::what_is_not_there_gets_a_hint", what_is_not_there_gets_a_hint),
        trial("why::the_readme_shows_what_it_says", the_readme_shows_what_it_says),
    ]
}

/// Questions whose answers are golden, by the spec and the file that holds them.
const SHOWN: &[(&str, &str, &[&str])] = &[
    (
        "portable",
        "min-replicas.txt",
        &["golden/portable/prod-merchant-a/HorizontalPodAutoscaler.web.yaml:22"],
    ),
    (
        "portable",
        "min-replicas.json",
        &["golden/portable/prod-merchant-a/HorizontalPodAutoscaler.web.yaml:22", "--format", "json"],
    ),
    ("portable", "deployment.txt", &["golden/portable/prod-merchant-b/Deployment.web.yaml"]),
    (
        "mini-program",
        "grace-period.txt",
        &[
            "specs/mini-program",
            "-e",
            "prod",
            "Deployment/api",
            "spec.template.spec.terminationGracePeriodSeconds",
        ],
    ),
    (
        "mini-program",
        "replicas.txt",
        &["specs/mini-program", "-e", "prod", "Deployment/api", "spec.replicas"],
    ),
    ("mini-program", "service.txt", &["golden/mini-program/prod/Service.api.yaml"]),
];

/// The answers for one spec, by file.
pub fn shown(spec: &str) -> Result<BTreeMap<String, String>, Failed> {
    let of_spec = SHOWN.iter().filter(|(name, ..)| *name == spec);
    let answer = |(_, file, arguments): &(&str, &str, &[&str])| {
        let run = specc(&[&["why"], *arguments].concat());
        if run.code != Some(0) || !run.stderr.is_empty() {
            return Err(format!("{arguments:?}: {run:?}").into());
        }
        Ok(((*file).to_owned(), run.stdout))
    };
    of_spec.map(answer).collect()
}

/// The specs that [`shown`] knows.
pub fn specs() -> impl Iterator<Item = &'static str> {
    SHOWN.iter().map(|(spec, ..)| *spec)
}

/// A spec with its texts.
struct Spec {
    texts: BTreeMap<String, String>,
    files: Files,
}

impl Spec {
    fn read(name: &str) -> Self {
        let place = root().join("specs").join(name);
        let mut texts = BTreeMap::new();
        for entry in fs::read_dir(&place).expect("the spec is there").filter_map(Result::ok) {
            let path = entry.path();
            if path.extension().is_some_and(|ending| ending == "kdl" || ending == "yaml") {
                let name = entry.file_name().to_string_lossy().into_owned();
                texts.insert(name, fs::read_to_string(path).expect("the document is text"));
            }
        }
        let mut spec = Self { texts, files: Files::new() };
        let needed = files_needed(&spec.documents().0);
        let content = |path: &String| fs::read_to_string(place.join(path)).expect("the file is there");
        spec.files = needed.into_iter().map(|path| (path.clone(), content(&path))).collect();
        spec
    }

    fn documents(&self) -> (Document, Sources, Diagnostics) {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let mut document = Document::default();
        for (name, text) in &self.texts {
            document.append(parse::parse(&sources.add(name, text.as_str()), &mut diagnostics));
        }
        (document, sources, diagnostics)
    }

    fn checked(&self) -> Option<Checked> {
        let (document, _, mut diagnostics) = self.documents();
        compile(&document, &self.files, &mut diagnostics)
    }
}

/// The specs that are to be right, with tenants and without.
fn all() -> Vec<String> {
    let entries = fs::read_dir(root().join("specs")).expect("there are specs").filter_map(Result::ok);
    let names = entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "broken");
    names.sort();
    assert!(names.len() > 1, "the specs were found");
    names
}

/// Explains the first object of each kind in the first cell of each spec and of each cluster itself, and the second
/// in the last cell; it is told by its place, and by how many of its kind come before it.
fn each(mut look: impl FnMut(&str, &Spec, (Place, usize), &Object, &why::Answer)) {
    for name in all() {
        let spec = Spec::read(&name);
        let (document, _, mut diagnostics) = spec.documents();
        let checked = compile(&document, &spec.files, &mut diagnostics).expect("specs are right");
        let last = checked.cells().len() - 1;
        let mut wanted = vec![(Place::Cell(0), 0)];
        wanted.extend((last > 0).then_some((Place::Cell(last), 1)));
        wanted.extend((0..checked.platform().clusters.len()).map(|index| (Place::Cluster(index), 0)));
        for (place, nth) in wanted {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for object in &place.bundle(&checked).expect("it is one of the application's").objects {
                let count = counts.entry(object.kind()).or_default();
                *count += 1;
                if *count != nth + 1 {
                    continue;
                }
                let question =
                    Question { document: &document, files: &spec.files, checked: &checked, place, object };
                look(&name, &spec, (place, nth), object, &why::why(&question, &Pointer::default()));
            }
        }
    }
}

/// The documents are written again as text, with one value replaced, and built from the beginning.
fn every_claim_holds() {
    let (mut tried, mut refused) = (0, 0);
    each(|name, spec, place, object, answer| {
        let mut seen: Vec<&str> = Vec::new();
        for field in &answer.fields {
            for cause in field.causes.iter().filter(|cause| cause.evidence.as_ref().is_some_and(|e| e.alone))
            {
                // Two fields of one cause are enough: the builds are whole ones.
                if seen.iter().filter(|known| **known == cause.path).count() > 1 || cause.absent {
                    continue;
                }
                let Some(edited) = edited(spec, cause) else { continue };
                seen.push(&cause.path);
                tried += 1;
                // A rule may refuse for another cell what is right in this one.
                if edited.checked().is_none() {
                    refused += 1;
                    continue;
                }
                let found = rebuilt(&edited, place, object, cause, &field.pointer);
                let expected = cause.evidence.as_ref().and_then(|evidence| evidence.becomes.clone());
                let about = format!("{name} {} {}: {}", answer.object, field.pointer, cause.path);
                match cause.role {
                    // A hash is not known before the object is made, and names of entries move.
                    Role::Sets
                        if expected.as_ref().is_some_and(|value| !value.to_string().contains("<hash>")) =>
                    {
                        assert_eq!(found, expected, "{about}");
                    }
                    Role::Sets | Role::Keeps => assert_ne!(found.as_ref(), Some(&field.value), "{about}"),
                    Role::Default | Role::Declares | Role::Withholds => {}
                }
            }
        }
    });
    assert!(tried > 100 && refused * 20 < tried, "{tried} claims were tried, {refused} refused");
}

/// The spec with the change that was tried, written as its author would.
fn edited(spec: &Spec, cause: &Cause) -> Option<Spec> {
    let (_, sources, _) = spec.documents();
    let evidence = cause.evidence.as_ref()?;
    let says = cause.says.iter().rev().find(|says| says.holds)?;
    if cause.node && cause.says.len() > 1 {
        return None;
    }
    let source = sources.get(says.span.source);
    let (start, end) = (says.span.start as usize, says.span.end as usize);
    let old = &source.text[start..end];
    let kdl = Path::new(&source.path).extension().is_some_and(|ending| ending == "kdl");
    let new = if cause.node {
        // A whole node may have a block, which its span leaves out: only properties are cut here.
        if !kdl || !old.contains('=') || old.contains(' ') {
            return None;
        }
        String::new()
    } else {
        let quoted = Value::String(evidence.with.clone()).to_string();
        let number = old.parse::<f64>().is_ok();
        let tag = old
            .find(['(', '!'])
            .filter(|at| *at == 0)
            .map_or("", |_| &old[..old.find(['"', ' ']).unwrap_or(0)]);
        match (tag.is_empty(), number) {
            (true, true) => evidence.with.clone(),
            (true, false) if ["#true", "#false"].contains(&old) => format!("#{}", evidence.with),
            (true, false) if ["true", "false"].contains(&old) => evidence.with.clone(),
            (true, false) => quoted,
            (false, _) if kdl => format!("{tag}{quoted}"),
            (false, _) => format!("{tag} {quoted}"),
        }
    };
    let mut texts = spec.texts.clone();
    texts.insert(source.path.clone(), format!("{}{new}{}", &source.text[..start], &source.text[end..]));
    Some(Spec { texts, files: spec.files.clone() })
}

/// The field in a build from the beginning; an object with another name stands where the old one stood.
fn rebuilt(
    spec: &Spec,
    (place, nth): (Place, usize),
    object: &Object,
    cause: &Cause,
    field: &Pointer,
) -> Option<Value> {
    let checked = spec.checked()?;
    let bundle = place.bundle(&checked)?;
    let of_kind = || bundle.objects.iter().filter(|other| other.kind() == object.kind());
    let called = of_kind().find(|other| other.logical_name == object.logical_name);
    let new = called.or_else(|| of_kind().nth(nth).filter(|_| cause.role == Role::Sets))?;
    field.value(&new.value()).cloned()
}

fn what_is_written_is_never_called_fixed() {
    fn values(node: &Node, texts: &mut Vec<String>) {
        let written = node.values.iter().filter_map(|value| value.as_text());
        // Short words such as `cpu` and `linux` are also Kubernetes' own.
        texts.extend(written.filter(|text| text.len() > 5).map(str::to_owned));
        node.children.iter().for_each(|child| values(child, texts));
    }
    let (mut fixed, mut set, mut hashes) = (0, 0, 0);
    each(|name, spec, (place, _), _, answer| {
        let mut texts = Vec::new();
        // What applications say makes nothing of a cluster's own.
        let meant = |node: &&Node| place.word() == "cell" || node.name == "platform";
        spec.documents().0.nodes.iter().filter(meant).for_each(|node| values(node, &mut texts));
        for field in &answer.fields {
            let text = field.value.as_str().unwrap_or_default();
            let written = texts.iter().any(|known| known == text);
            let about = format!("{name} {} {} = {text}", answer.object, field.pointer);
            let says = || field.causes.iter().flat_map(|cause| &cause.says);
            // The name of an event is specc's own, and a receiver may ask for it by that name.
            let event = about.contains("specc_event")
                || about.contains(" spec.groups.") && about.contains(".name = ");
            let kept = event || says().any(|says| says.written.contains(text));
            assert!(!field.is_fixed() || !written || kept, "{about} is written, and called fixed");
            fixed += usize::from(field.is_fixed());
            set += usize::from(field.causes.iter().any(|cause| cause.role == Role::Sets));
            hashes += usize::from(!field.hashes.is_empty());
            assert!(field.is_fixed() || !field.causes.is_empty() || !field.hashes.is_empty(), "{about}");
            for cause in &field.causes {
                let holding = cause.says.iter().filter(|says| says.holds).count();
                assert!(holding > 0 || cause.says.is_empty(), "{about}: no layer of {} holds", cause.path);
            }
        }
    });
    assert!(fixed > 50 && set > 100 && hashes > 10, "{fixed} fixed, {set} set, {hashes} hashes");
}

/// One file of each kind of object that cells have, one of each that clusters have, and every sixth line of it.
fn every_line_is_explained() {
    let mut kinds: BTreeMap<(bool, String), PathBuf> = BTreeMap::new();
    for name in all() {
        let golden = root().join("golden").join(name);
        for place in fs::read_dir(golden).into_iter().flatten().filter_map(Result::ok) {
            let of_cluster = place.file_name().to_string_lossy().starts_with("platform-");
            for file in fs::read_dir(place.path()).into_iter().flatten().filter_map(Result::ok) {
                let called = file.file_name().to_string_lossy().into_owned();
                let kind = called.split('.').next().unwrap_or_default().to_owned();
                // A fragment is no object.
                if file.path().extension().is_some_and(|ending| ending == "yaml") && kind != "fragment" {
                    kinds.entry((of_cluster, kind)).or_insert(file.path());
                }
            }
        }
    }
    assert!(kinds.len() > 5, "golden files were found: {kinds:?}");
    for path in kinds.values() {
        let relative = path.strip_prefix(root()).expect("golden is below the root").display().to_string();
        let text = fs::read_to_string(path).expect("golden files are text");
        let run = specc(&["why", &relative]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{relative}");
        let shown: Vec<&str> =
            run.stdout.lines().filter_map(|line| line.split_once("│")).map(|two| two.1.trim()).collect();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        assert_eq!(shown, lines, "{relative}");
        // Each takes a search of its own.
        for line in (1..=text.lines().count()).step_by(6) {
            let row = lines[line - 1];
            // One process a line would be slow, and a folder's lines say nothing that the whole file does not.
            if !row.starts_with("name:") && line != 1 && line != lines.len() {
                continue;
            }
            let run = specc(&["why", &format!("{relative}:{line}")]);
            assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{relative}:{line}");
        }
    }
}

fn a_stale_file_is_told_apart() {
    let place = folder("why-stale");
    let golden = root().join("golden/mini-program/prod/HorizontalPodAutoscaler.api.yaml");
    let text = fs::read_to_string(golden).expect("the golden file is there");
    let file = place.join("HorizontalPodAutoscaler.api.yaml");
    let stale = text.replace("minReplicas: 4", "minReplicas: 7");
    assert_ne!(stale, text, "the sample has four replicas at least");
    fs::write(&file, stale).expect("the temporary folder is writable");
    let line = text.lines().position(|line| line.contains("minReplicas")).expect("it has a minimum") + 1;
    let run = specc(&["why", &format!("{}:{line}", file.display()), "--spec", "specs/mini-program"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("`spec.minReplicas` is `7` there, and `4` by the spec"), "{}", run.stderr);
    assert!(run.stdout.contains("spec.minReplicas: 4"), "{}", run.stdout);
    // A revision that the spec does not make is an older state of the same object.
    fs::write(&file, text.replace("name: api-", "name: api-old")).expect("the temporary folder is writable");
    let run = specc(&["why", &format!("{}:{line}", file.display()), "--spec", "specs/mini-program"]);
    assert_eq!(
        (run.code, run.stderr.contains("is not what the spec makes")),
        (Some(0), true),
        "{}",
        run.stderr
    );
}

fn a_built_file_is_found_by_its_labels() {
    let place = folder("why-built");
    let target = place.display().to_string();
    let build = specc(&["build", "specs/portable", "-e", "prod", "-t", "merchant-b", "-o", &target]);
    assert_eq!(build.code, Some(0), "{}", build.stderr);
    let file = place.join("Deployment.web.yaml").display().to_string();
    let run = specc(&["why", &file, "--spec", "specs/portable"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.starts_with("Deployment/web in prod/merchant-b@one\n"), "{}", run.stdout);
    let run = specc(&["why", &file]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("hint: add --spec"), "{}", run.stderr);
    // A stream of objects, as `build` prints it, is one file too.
    let stream = specc(&["build", "specs/portable", "-e", "prod", "-t", "merchant-b"]).stdout;
    let all = place.join("all.yml");
    fs::write(&all, &stream).expect("the temporary folder is writable");
    let line = stream.lines().position(|line| line.contains("image:")).expect("there is an image") + 1;
    let run = specc(&["why", &format!("{}:{line}", all.display()), "--spec", "specs/portable"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.contains("specs/portable/app.yaml:7:12"), "{}", run.stdout);
}

/// By its folder, by the name of its cluster wherever it lies, and by its own name.
fn an_object_of_a_cluster_names_its_line() {
    let platform = fs::read_to_string(root().join("specs/order-service/platform.kdl")).expect("it is text");
    let image = "\"registry.example.com/dns/k8s-dns-node-cache:";
    let at =
        |text: &str, words: &str| text.lines().position(|line| line.contains(words)).map(|line| line + 1);
    let column = platform.lines().find_map(|line| line.find(image)).expect("the cache has an image") + 1;
    let row = at(&platform, image).expect("the cache has an image");
    let says = format!("specs/order-service/platform.kdl:{row}:{column}");
    let golden = "golden/order-service/platform-edge-1/DaemonSet.node-local-dns.yaml";
    let text = fs::read_to_string(root().join(golden)).expect("the golden file is there");
    let line = at(&text, "image: ").expect("it has an image");
    let file = folder("why-cluster").join("DaemonSet.node-local-dns.yaml");
    fs::write(&file, &text).expect("the temporary folder is writable");
    let (golden, file) = (format!("{golden}:{line}"), format!("{}:{line}", file.display()));
    let field = "spec.template.spec.containers.node-cache.image";
    let spec = "specs/order-service";
    let asked: [&[&str]; 3] = [
        &["why", &golden],
        &["why", &file, "--spec", spec, "--platform", "edge-1"],
        &["why", spec, "--platform", "edge-1", "DaemonSet/node-local-dns", field],
    ];
    for arguments in asked {
        let run = specc(arguments);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(run.stdout.starts_with("DaemonSet/node-local-dns in cluster edge-1\n"), "{}", run.stdout);
        assert!(run.stdout.contains(&says), "{says} is in {}", run.stdout);
    }
    let run = specc(&["why", &file, "--spec", spec]);
    assert_eq!(
        (run.code, run.stderr.contains("add --environment, --platform")),
        (Some(2), true),
        "{}",
        run.stderr
    );
}

fn what_is_not_there_gets_a_hint() {
    let prod = ["why", "specs/mini-program", "-e", "prod"];
    let edge = ["why", "specs/order-service", "--platform", "edge-1"];
    let fragment = "golden/order-service/platform-hangzhou-1/fragment.AckAlertRule.default.yaml";
    let daemon_set = "golden/order-service/platform-edge-1/DaemonSet.node-local-dns.yaml";
    let cases: [(&[&str], i32, &str); 13] = [
        (&[&prod[..], &["Deploymnt/api"]].concat(), 2, "did you mean `Deployment/api`?"),
        (&[&prod[..], &["Deployment/api", "spec.tmplate"]].concat(), 2, "did you mean `spec.template`?"),
        (&prod, 2, "name one of "),
        (&["why", "specs/mini-program", "Deployment/api"], 2, "add --environment: there is test@"),
        (&["why", "golden/mini-program/prod/Service.api.yaml:900"], 2, "it has 25 lines"),
        (&["why", "golden/mini-program/prod/plan.txt:3"], 2, "holds no Kubernetes object"),
        (&["why", "no-such-file.yaml:3"], 3, "check the path"),
        (&[&edge[..], &["DaemonSet/node-local-dn"]].concat(), 2, "did you mean `DaemonSet/node-local-dns`?"),
        (&edge, 2, "name one of ServiceAccount/node-local-dns, "),
        (&[&edge[..3], &["edge-2", "DaemonSet/node-local-dns"]].concat(), 2, "it has hangzhou-1, edge-1"),
        (&["why", daemon_set, "--platform", "edge-2"], 2, "platform `shop` has no cluster `edge-2`"),
        (&["why", "specs/mini-program", "--platform", "hangzhou-1", "Service/api"], 2, "has no objects"),
        (&["why", fragment], 2, "is a part of an object that others share"),
    ];
    for (arguments, code, words) in cases {
        let run = specc(arguments);
        assert_eq!(run.code, Some(code), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
    }
}

fn the_readme_shows_what_it_says() {
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README");
    for shown in ["golden/portable/why/min-replicas.txt", "golden/broken/cron-above-max/check.txt"] {
        let answer = fs::read_to_string(root().join(shown)).expect("it is golden");
        assert!(readme.contains(&answer), "README.md shows {shown}");
    }
}
