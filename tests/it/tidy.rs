//! What the architecture promises, asked of the tree itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use compiler::rules::limits::{Kept, LIMITS};
use libtest_mimic::Trial;

use crate::process::{root, trial};

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("tidy::crates_depend_in_one_direction", crates_depend_in_one_direction),
        trial("tidy::every_list_names_every_file", every_list_names_every_file),
        trial("tidy::every_file_says_what_it_is_for", every_file_says_what_it_is_for),
        trial("tidy::a_full_run_reaches_every_property", a_full_run_reaches_every_property),
        trial("tidy::every_dependency_has_a_reason", every_dependency_has_a_reason),
        trial("tidy::pure_crates_ban_the_outside", pure_crates_ban_the_outside),
        trial("tidy::every_test_that_a_limit_names_exists", every_test_that_a_limit_names_exists),
    ]
}

/// Asks cargo, which also sees what comes through a third crate.
fn crates_depend_in_one_direction() {
    let forbidden: [(&str, &[&str]); 3] = [
        ("compiler", &["simulator", "runtime", "specc", "tokio", "kube", "kube-client", "clap"]),
        ("simulator", &["runtime", "specc", "tokio", "kube", "kube-client", "clap"]),
        ("runtime", &["simulator", "specc", "clap"]),
    ];
    for (package, banned) in forbidden {
        let output = Command::new(env!("CARGO"))
            .args([
                "tree",
                "--offline",
                "--edges",
                "normal",
                "--prefix",
                "none",
                "--format",
                "{p}",
                "--package",
                package,
            ])
            .current_dir(root())
            .output()
            .expect("cargo starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let names: BTreeSet<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(names.contains(package), "cargo tree lists {package} itself");
        let found: Vec<&&str> = banned.iter().filter(|name| names.contains(**name)).collect();
        assert!(found.is_empty(), "{package} must not know {found:?}");
    }
}

/// A folder of one-file things and the list in its `mod.rs` say the same.
fn every_list_names_every_file() {
    let registries = [
        ("compiler/src/rules", "::RULE"),
        ("simulator/src/rules", "::RULE"),
        ("simulator/src/invariants", "::INVARIANT"),
        ("src/commands", "::run("),
    ];
    for (folder, item) in registries {
        let list = read(&root().join(folder).join("mod.rs"));
        let mut files: Vec<String> = Vec::new();
        for file in rust_files(&root().join(folder))
            .into_iter()
            .filter(|file| file.parent() == Some(&root().join(folder)))
        {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            // Which limit is kept by which rule; no rule itself.
            let table = folder == "compiler/src/rules" && stem == "limits";
            if stem != "mod" && !table {
                files.push(stem);
            }
        }
        assert!(!files.is_empty(), "{folder} holds files");
        for name in &files {
            assert!(
                list.contains(&format!("{name}{item}")),
                "{folder}/{name}.rs is not in the list of its mod.rs"
            );
        }
        let listed = list.matches(item).count();
        assert_eq!(listed, files.len(), "{folder}/mod.rs lists each file once");
    }
    codes_rise("compiler/src/rules");
}

/// The list is sorted by code, and no code is used twice.
fn codes_rise(folder: &str) {
    let list = read(&root().join(folder).join("mod.rs"));
    let names = list.lines().filter_map(|line| line.trim().strip_prefix('&')?.strip_suffix("::RULE,"));
    let code = |name: &str| {
        let text = read(&root().join(folder).join(format!("{name}.rs")));
        text.split("code: \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    };
    let codes: Vec<String> = names.map(code).collect();
    assert!(codes.len() > 10, "the list was read");
    assert!(codes.is_sorted_by(|a, b| a < b), "codes rise and are used once: {codes:?}");
}

fn every_file_says_what_it_is_for() {
    let mut count = 0;
    for file in ["src", "compiler", "simulator", "runtime", "tests/it"]
        .iter()
        .flat_map(|place| rust_files(&root().join(place)))
    {
        let text = read(&file);
        assert!(text.starts_with("//! "), "{} begins with a line `//! …`", file.display());
        let lines = text.lines().count();
        assert!(lines <= 500, "{} has {lines} lines, 500 are enough", file.display());
        count += 1;
    }
    assert!(count > 50, "the files were found");
}

/// A count written out would ignore what `tests/run --full` asks for.
fn a_full_run_reaches_every_property() {
    let run = read(&root().join("tests/run"));
    assert!(run.contains(" PROPTEST_CASES=2560"), "tests/run asks for ten times proptest's 256");
    let mut count = 0;
    for file in ["compiler", "simulator", "runtime"].iter().flat_map(|place| rust_files(&root().join(place)))
    {
        let text = read(&file);
        let (blocks, scaled) =
            (text.matches("proptest! {").count(), text.matches("proptest_config(cases(").count());
        assert_eq!(blocks, scaled, "{}: every `proptest!` takes its count from `cases`", file.display());
        count += blocks;
    }
    assert!(count >= 4, "the properties were found");
}

fn every_dependency_has_a_reason() {
    let text = read(&root().join("Cargo.toml"));
    let block = text
        .split("[workspace.dependencies]")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next())
        .unwrap_or_default();
    let mut explained = false;
    let mut count = 0;
    for line in block.lines().filter(|line| !line.trim().is_empty()) {
        if line.starts_with('#') {
            explained = true;
        } else if !line.contains("path = ") {
            assert!(explained, "no reason above: {line}");
            explained = false;
            count += 1;
        }
    }
    assert!(count > 15, "the dependencies were found");
}

/// Clippy refuses files, the environment and clocks in the pure crates; this refuses to lose that.
fn pure_crates_ban_the_outside() {
    for package in ["compiler", "simulator"] {
        let text = read(&root().join(package).join(".clippy.toml"));
        for banned in
            ["std::fs::read", "std::env::var", "std::time::Instant::now", "std::time::SystemTime::now"]
        {
            assert!(text.contains(banned), "{package}/.clippy.toml bans {banned}");
        }
    }
}

/// A limit that is kept by construction names the test that shows it.
fn every_test_that_a_limit_names_exists() {
    let places =
        ["compiler", "simulator", "runtime", "tests/it"].map(|place| rust_files(&root().join(place)));
    let text: String = places.iter().flatten().map(|file| read(file)).collect();
    let mut named = 0;
    for limit in LIMITS {
        for kept in limit.kept {
            let Kept::Construction { test, .. } = kept else { continue };
            named += 1;
            let exists = text.contains(&format!("#[test]\nfn {test}()"))
                || text.contains(&format!("#[test]\n    fn {test}()"));
            assert!(exists, "L{:02} names the test `{test}`, which is not there", limit.number);
        }
    }
    assert!(named > 0, "limits were looked at");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
