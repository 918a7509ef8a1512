//! `specc check` over many specs, from stdin, and for the programs that read its results.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::process::{Run, command, folder, root, specc, trial};

const PLATFORM: &str = r#"
platform "p" {
    cluster "c" kubernetes="1.34" { pool "general" cpu=16 memory="64Gi" nodes=10; }
    environment "prod" cluster="c"
}
"#;

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("check::a_tree_is_searched_for_specs", a_tree_is_searched_for_specs),
        trial(
            "check::patterns_are_expanded_and_specs_checked_once",
            patterns_are_expanded_and_specs_checked_once,
        ),
        trial("check::a_path_that_means_nothing_is_named", a_path_that_means_nothing_is_named),
        trial("check::a_broken_document_is_not_passed_over", a_broken_document_is_not_passed_over),
        trial("check::a_document_comes_from_stdin", a_document_comes_from_stdin),
        trial("check::denied_warnings_fail", denied_warnings_fail),
        trial("check::many_specs_come_in_a_fixed_order", many_specs_come_in_a_fixed_order),
        trial(
            "check::an_unreadable_spec_does_not_hide_the_others",
            an_unreadable_spec_does_not_hide_the_others,
        ),
        trial("check::paths_for_programs_are_relative", paths_for_programs_are_relative),
        trial("check::test_reports_are_well_formed", test_reports_are_well_formed),
    ]
}

fn app(name: &str, lines: &str) -> String {
    format!(
        "app \"{name}\" {{ component \"web\" {{ image \"a:1\"; resources cpu=\"1\" memory=\"1Gi\"; {lines} }}; }}\n{PLATFORM}"
    )
}

/// `a` is fine, `group/b` is broken, `group/deep/c` warns; between them lies what is no spec.
fn tree(name: &str) -> PathBuf {
    let place = folder(&format!("check-{name}"));
    for spec in ["a", "group/b", "group/deep/c", "a/conf", "manifests", ".hidden", "empty"] {
        fs::create_dir_all(place.join(spec)).expect("writable");
    }
    let write = |path: &str, text: &str| fs::write(place.join(path), text).expect("writable");
    write("a/app.kdl", &app("a", ""));
    write("a/conf/values.yaml", "app:\n  name: no-spec-of-its-own\n");
    write("group/b/app.kdl", &app("b", "replcas 2"));
    write("group/deep/c/app.kdl", &app("c", "port \"http\" 80; expose \"cluster\" port=80"));
    write("manifests/Deployment.web.yaml", "apiVersion: apps/v1\nkind: Deployment\n");
    write(".hidden/app.kdl", "broken");
    write("README.md", "# Specs\n");
    write("empty/values.yml", "image: {tag: 1}\n");
    place
}

fn check(arguments: &[&str]) -> Run {
    specc(&[&["check"], arguments].concat())
}

fn a_tree_is_searched_for_specs() {
    let place = tree("tree");
    let run = check(&[&place.display().to_string()]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let end = "target/tmp/check-tree/group/b: 1 error\n\
               target/tmp/check-tree/group/deep/c: 1 warning\n\
               1 error, 1 warning in 3 specs with 2 cells\n";
    assert!(run.stderr.ends_with(end), "{}", run.stderr);
    assert!(run.stderr.contains("[target/tmp/check-tree/group/b/app.kdl:1:"), "{}", run.stderr);
    let one = check(&[&place.join("a/app.kdl").display().to_string()]);
    assert_eq!(one.stderr, "no mistakes in prod@c\n", "a file stands for its folder");
}

fn patterns_are_expanded_and_specs_checked_once() {
    let place = tree("patterns").display().to_string();
    let last = |patterns: &[&str]| {
        let paths: Vec<String> = patterns.iter().map(|pattern| format!("{place}/{pattern}")).collect();
        let run = check(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        run.stderr.lines().last().unwrap_or_default().to_owned()
    };
    let all = "1 error, 1 warning in 3 specs with 2 cells";
    assert_eq!(last(&["**/app.kdl"]), all);
    assert_eq!(last(&["*"]), all, "folders are searched, other files and empty folders passed over");
    assert_eq!(last(&["a", "a/app.kdl", "./a/", "group", "*/[b-c]"]), all);
    assert_eq!(last(&["group/?"]), "1 error");
    assert_eq!(last(&["group/deep/*/"]), "1 warning in prod@c");
}

fn a_path_that_means_nothing_is_named() {
    let place = tree("nothing").display().to_string();
    for (path, said) in [
        (format!("{place}/no-such"), "cannot read `"),
        (format!("{place}/x*"), "no spec matches `"),
        (format!("{place}/no-such/*"), "no spec matches `"),
        (format!("{place}/README.md"), "is not a document"),
        (format!("{place}/e*"), "no spec matches `"),
        (format!("{place}/m*/*.yaml"), "no spec matches `"),
    ] {
        let run = check(&[&format!("{place}/group/b"), &path]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""), "{path}: {}", run.stderr);
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains(said), "{path}: {}", run.stderr);
        assert!(run.stderr.contains(&path) && run.stderr.contains("hint: "), "{path}: {}", run.stderr);
    }
    fs::create_dir(format!("{place}/empty/nothing")).expect("writable");
    let empty = check(&[&format!("{place}/empty/nothing")]);
    assert_eq!(empty.code, Some(3), "{}", empty.stderr);
    assert!(empty.stderr.contains("there is no document in `"), "{}", empty.stderr);
    let wrong = check(&[&format!("{place}/[")]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.stderr);
}

fn a_broken_document_is_not_passed_over() {
    let wide: Vec<u8> = "app: {}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&str, &[u8]); 4] = [
        ("app.yaml", b"aap:\n  name: a\n"),
        ("x.kdl", b"aap \"a\"\n"),
        ("wide.yaml", &wide),
        ("platform.yml", b""),
    ];
    for (file, bytes) in cases {
        let place = tree("broken-document");
        fs::remove_dir_all(place.join("group")).expect("writable");
        fs::create_dir(place.join("spec")).expect("writable");
        fs::write(place.join("spec").join(file), bytes).expect("writable");
        let run = check(&[&place.display().to_string()]);
        assert_eq!(run.code, Some(1), "{file}: {}", run.stderr);
        assert!(run.stderr.ends_with(" in 2 specs with 1 cell\n"), "{file}: {}", run.stderr);
    }
}

fn a_document_comes_from_stdin() {
    let piped = |text: &str| {
        let mut child = command(&["check", "-"]);
        let mut child = child
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        std::io::Write::write_all(&mut child.stdin.take().expect("piped"), text.as_bytes()).expect("read");
        let output = child.wait_with_output().expect("ends");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(piped(&app("a", "")), (Some(0), "no mistakes in prod@c\n".to_owned()));
    let kdl = piped(&app("a", "replcas 1"));
    assert!(kdl.0 == Some(1) && kdl.1.contains("[stdin.kdl:1:"), "{kdl:?}");
    let yaml = piped("# a comment\napp:\n  name: a\n  componnt: {}\n");
    assert!(yaml.0 == Some(1) && yaml.1.contains("[stdin.yaml:4:3]"), "{yaml:?}");
}

fn denied_warnings_fail() {
    let place = tree("deny").join("group/deep/c").display().to_string();
    let (allowed, denied) = (check(&[&place]), check(&[&place, "--deny", "warnings"]));
    assert_eq!((allowed.code, denied.code), (Some(0), Some(1)), "{}", denied.stderr);
    assert!(denied.stderr.ends_with("1 warning, and warnings are denied in prod@c\n"), "{}", denied.stderr);
    let clean = specc(&["check", "specs/mini-program", "--deny", "warnings"]);
    assert_eq!(clean.code, Some(0), "{}", clean.stderr);
}

fn many_specs_come_in_a_fixed_order() {
    let place = folder("check-many");
    for index in 0..40 {
        let spec = place.join(format!("spec-{index:02}"));
        fs::create_dir(&spec).expect("writable");
        // Later ones are quicker.
        let more = format!("env \"A{index}\" 5m; ").repeat(40 - index);
        fs::write(spec.join("app.kdl"), app("a", &more)).expect("writable");
    }
    let place = place.display().to_string();
    for format in ["json", "github"] {
        let first = check(&[&place, "--format", format]).stdout;
        let at: Vec<Option<usize>> =
            (0..40).map(|index| first.find(&format!("spec-{index:02}/app.kdl"))).collect();
        assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{format}: {at:?}");
        assert_eq!(check(&[&place, "--format", format]).stdout, first, "{format} twice");
    }
}

fn an_unreadable_spec_does_not_hide_the_others() {
    let place = tree("unreadable");
    fs::create_dir(place.join("a/folder.kdl")).expect("writable");
    let run = check(&[&place.display().to_string(), "--format", "json"]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("folder.kdl` is a folder, not a file"), "{}", run.stderr);
    let found: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(found.as_array().map(Vec::len), Some(2), "{found:#}");
}

fn paths_for_programs_are_relative() {
    let place = tree("relative").join("group/b");
    let absolute = place.display().to_string();
    let relative =
        place.strip_prefix(root()).expect("inside the project").join("app.kdl").display().to_string();
    let sarif: Value = serde_json::from_str(&check(&[&absolute, "--format", "sarif"]).stdout).expect("JSON");
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(place["uri"], relative.as_str());
    let github = check(&[&absolute, "--format", "github"]).stdout;
    assert!(github.contains(&format!(",file={relative},line=1,")), "{github}");
    let json: Value = serde_json::from_str(&check(&[&absolute, "--format", "json"]).stdout).expect("JSON");
    assert_eq!(json[0]["places"][0]["file"], relative.as_str());
}

fn test_reports_are_well_formed() {
    let run = check(&[&tree("junit").display().to_string(), "specs/broken", "--format", "junit"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let mut open = Vec::new();
    let (declaration, body) = run.stdout.split_once('\n').expect("lines");
    assert_eq!(declaration, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    for piece in body.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').expect("every tag ends");
        assert!(!text.contains('>'), "{text} is escaped");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag} closes its quotes");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{tag} closes what is open");
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let count = |piece: &str| run.stdout.matches(piece).count();
    let suites = 3 + fs::read_dir(root().join("specs/broken")).expect("readable").count();
    assert_eq!(count("<testsuite "), suites);
    let totals =
        format!("tests=\"{}\" failures=\"{}\" errors=\"0\">", count("<testcase "), count("<failure "));
    assert!(run.stdout.lines().nth(1).is_some_and(|line| line.ends_with(&totals)), "{}", run.stdout);
    assert!(run.stdout.contains("name=\"check\"/>"), "the clean spec passes");
}
