//! Compares what the binary makes of `specs/` with `golden/`; an orphan on either side fails.
//!
//! `UPDATE_GOLDEN=1 cargo test --test it golden` accepts what is made.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use similar::TextDiff;

use crate::process::{folder, root, specc};

/// The files of one golden folder, by name.
type Files = BTreeMap<String, String>;

/// One test a golden folder, and one for folders that belong to no spec.
pub fn trials() -> Vec<Trial> {
    let mut makers: BTreeMap<PathBuf, Box<dyn FnOnce() -> Result<Files, Failed> + Send>> = BTreeMap::new();
    makers.insert("cli".into(), Box::new(|| Ok(help())));
    makers.insert("reference".into(), Box::new(|| Ok(reference())));
    for name in folders(&root().join("specs/broken")) {
        makers.insert(Path::new("broken").join(&name), Box::new(move || broken(&name)));
    }
    for name in folders(&root().join("specs")).into_iter().filter(|name| name != "broken") {
        let (cells, clusters) = cells(&name);
        for cell in cells {
            let (spec, wanted) = (name.clone(), cell.clone());
            makers.insert(Path::new(&name).join(cell.join("-")), Box::new(move || objects(&spec, &wanted)));
        }
        for cluster in clusters {
            // A cluster that specc makes nothing for has no folder, and one that lies there is an orphan.
            if built(&name, &cluster).is_ok_and(|files| !files.is_empty()) {
                let (spec, path) = (name.clone(), Path::new(&name).join(format!("platform-{cluster}")));
                makers.insert(path, Box::new(move || built(&spec, &cluster)));
            }
        }
        if root().join("specs").join(&name).join("scenario.kdl").exists() {
            let spec = name.clone();
            makers.insert(Path::new(&name).join("simulation"), Box::new(move || simulation(&spec)));
        }
    }
    let claimed: BTreeSet<PathBuf> = makers.keys().cloned().collect();
    let mut trials = vec![Trial::test("golden::no_folder_is_an_orphan", move || orphans(&claimed))];
    for (path, make) in makers {
        let name = format!("golden::{}", path.display().to_string().replace('/', "::"));
        trials.push(Trial::test(name, move || compare(&path, &make()?)));
    }
    trials
}

/// The environment, and the tenant where there is one, of every cell, as the JSON plan of each needs them; and the
/// clusters that they run on.
fn cells(spec: &str) -> (Vec<Vec<String>>, BTreeSet<String>) {
    let run = specc(&["check", &format!("specs/{spec}")]);
    assert_eq!(
        run.code,
        Some(0),
        "specs/{spec} must be clean, what is broken belongs into specs/broken:\n{}",
        run.stderr
    );
    let line = run.stderr.lines().last().unwrap_or_default();
    let titles = line.rsplit(" in ").next().unwrap_or_default();
    let parts =
        |title: &str| title.split('@').next().unwrap_or_default().split('/').map(str::to_owned).collect();
    let clusters = titles.split(", ").filter_map(|title| title.split('@').nth(1)).map(str::to_owned);
    (titles.split(", ").map(parts).collect(), clusters.collect())
}

/// The objects of a cluster itself, and what is to be merged into objects that others share.
fn built(spec: &str, cluster: &str) -> Result<Files, Failed> {
    let made = folder(&format!("golden-{spec}-platform-{cluster}"));
    let target = made.display().to_string();
    ran(&["build", &format!("specs/{spec}"), "--platform", cluster, "-o", &target])?;
    read(&made)
}

fn objects(spec: &str, cell: &[String]) -> Result<Files, Failed> {
    let place = format!("specs/{spec}");
    let mut arguments = vec![place.as_str(), "--environment", &cell[0]];
    if let Some(tenant) = cell.get(1) {
        arguments.extend(["--tenant", tenant]);
    }
    let made = folder(&format!("golden-{spec}-{}", cell.join("-")));
    let target = made.display().to_string();
    ran(&[&["build", "-o", &target], arguments.as_slice()].concat())?;
    let mut files = read(&made)?;
    for (file, format) in
        [("plan.txt", "text"), ("plan.json", "json"), ("plan.dot", "dot"), ("plan.mmd", "mermaid")]
    {
        let text = ran(&[&["plan", "--format", format], arguments.as_slice()].concat())?;
        files.insert(file.to_owned(), text);
    }
    Ok(files)
}

fn simulation(spec: &str) -> Result<Files, Failed> {
    let scenario = format!("specs/{spec}/scenario.kdl");
    let text = ran(&["simulate", &scenario])?;
    let json = ran(&["simulate", &scenario, "--format", "json"])?;
    Ok(Files::from([("report.txt".to_owned(), text), ("report.json".to_owned(), json)]))
}

fn broken(topic: &str) -> Result<Files, Failed> {
    let run = specc(&["check", &format!("specs/broken/{topic}")]);
    if run.code != Some(1) {
        return Err(format!("exit code {:?} instead of 1\n{}", run.code, run.stderr).into());
    }
    Ok(Files::from([("check.txt".to_owned(), run.stderr)]))
}

fn help() -> Files {
    let mut text = specc(&["--help"]).stdout;
    let listed: Vec<String> = text
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect();
    for command in listed.iter().filter(|command| *command != "help") {
        text.push_str(&format!("\n$ specc {command} --help\n{}", specc(&[command, "--help"]).stdout));
    }
    Files::from([("help.txt".to_owned(), text)])
}

/// What `specc explain` knows, in one file each for rules, kinds and the language.
fn reference() -> Files {
    let mut files = Files::new();
    for line in specc(&["explain"]).stdout.lines() {
        let mut words = line.split_whitespace();
        let (group, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let file = match group {
            "kind" => "kinds.md",
            "node" => "language.md",
            _ => "rules.md",
        };
        let text: &mut String = files.entry(file.to_owned()).or_default();
        text.push_str(&specc(&["explain", name]).stdout);
        text.push('\n');
    }
    files
}

fn ran(arguments: &[&str]) -> Result<String, Failed> {
    let run = specc(arguments);
    if run.code == Some(0) { Ok(run.stdout) } else { Err(format!("{arguments:?}: {run:?}").into()) }
}

fn folders(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(path)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Compares one folder with what was made, or writes it when updates are asked for.
fn compare(path: &Path, made: &Files) -> Result<(), Failed> {
    let golden = root().join("golden").join(path);
    let known: Files = read(&golden)?;
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(&golden)?;
        for file in known.keys().filter(|file| !made.contains_key(*file)) {
            fs::remove_file(golden.join(file))?;
        }
        for (file, text) in made {
            fs::write(golden.join(file), text)?;
        }
        return Ok(());
    }
    let names: BTreeSet<&String> = known.keys().chain(made.keys()).collect();
    let mut differences = String::new();
    for name in names {
        match (known.get(name), made.get(name)) {
            (Some(old), Some(new)) if old == new => {}
            (Some(old), Some(new)) => {
                let difference = TextDiff::from_lines(old, new);
                differences.push_str(&difference.unified_diff().header(name, "made").to_string());
            }
            (Some(_), None) => differences.push_str(&format!("{name} is an orphan: nothing makes it\n")),
            (None, _) => differences.push_str(&format!("{name} is made and not in golden/\n")),
        }
    }
    let hint = "accept with: UPDATE_GOLDEN=1 cargo test --test it golden";
    if differences.is_empty() { Ok(()) } else { Err(format!("{differences}{hint}").into()) }
}

fn read(folder: &Path) -> Result<Files, Failed> {
    let mut files = Files::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path().is_file() {
            files.insert(entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path())?);
        }
    }
    Ok(files)
}

/// Every file below `golden/` lies in a folder that a spec or the binary makes.
fn orphans(claimed: &BTreeSet<PathBuf>) -> Result<(), Failed> {
    fn visit(
        folder: &Path,
        below: &Path,
        claimed: &BTreeSet<PathBuf>,
        orphans: &mut Vec<String>,
    ) -> std::io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                visit(&path, below, claimed, orphans)?;
            } else if path
                .parent()
                .and_then(|parent| parent.strip_prefix(below).ok())
                .is_none_or(|p| !claimed.contains(p))
            {
                orphans.push(path.display().to_string());
            }
        }
        Ok(())
    }
    let golden = root().join("golden");
    let mut found = Vec::new();
    fs::create_dir_all(&golden)?;
    visit(&golden, &golden, claimed, &mut found)?;
    found.sort();
    if found.is_empty() { Ok(()) } else { Err(format!("nothing makes {}", found.join(", ")).into()) }
}
