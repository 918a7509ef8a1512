//! Compares what the binary makes of `specs/` with `golden/`; an orphan on either side fails.
//!
//! `UPDATE_GOLDEN=1 cargo test --test it golden` accepts what is made.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use similar::TextDiff;

use crate::process::{folder, root, specc};
use crate::why;

/// The files of one golden folder, by name.
type Files = BTreeMap<String, String>;

const ACCEPT: &str = "accept with: UPDATE_GOLDEN=1 cargo test --test it golden";

/// One test a golden folder, and one for folders that belong to no spec.
pub fn trials() -> Vec<Trial> {
    let mut makers: BTreeMap<PathBuf, Box<dyn FnOnce() -> Result<Files, Failed> + Send>> = BTreeMap::new();
    makers.insert("cli".into(), Box::new(|| Ok(help())));
    makers.insert("reference".into(), Box::new(|| Ok(reference())));
    for name in folders(&root().join("specs/broken")) {
        makers.insert(Path::new("broken").join(&name), Box::new(move || broken(&name)));
    }
    let mut specs = Vec::new();
    for name in folders(&root().join("specs")).into_iter().filter(|name| name != "broken") {
        specs.push(name.clone());
        if root().join("specs").join(&name).join("scenario.kdl").exists() {
            let spec = name.clone();
            makers.insert(Path::new(&name).join("simulation"), Box::new(move || simulation(&spec)));
        }
    }
    for spec in why::specs() {
        makers.insert(Path::new(spec).join("why"), Box::new(move || why::shown(spec)));
    }
    let cells = specs.iter().flat_map(|spec| cells(spec));
    let claimed: BTreeSet<PathBuf> = makers.keys().cloned().chain(cells).collect();
    let mut trials = vec![Trial::test("golden::no_folder_is_an_orphan", move || orphans(&claimed))];
    for (path, make) in makers {
        let name = format!("golden::{}", path.display().to_string().replace('/', "::"));
        trials.push(Trial::test(name, move || compare(&path, &make()?)));
    }
    for spec in specs {
        trials.push(Trial::test(format!("golden::{spec}"), move || objects(&spec)));
    }
    trials
}

/// The folder of every cell of a spec below `golden/`.
fn cells(spec: &str) -> Vec<PathBuf> {
    let made = folder(&format!("golden-{spec}"));
    let run = specc(&["golden", &format!("specs/{spec}"), "-o", &made.display().to_string()]);
    assert_eq!(
        run.code,
        Some(0),
        "specs/{spec} must be clean, what is broken belongs into specs/broken:\n{}",
        run.stderr
    );
    folders(&made.join(spec)).into_iter().map(|cell| Path::new(spec).join(cell)).collect()
}

/// The objects and plans of every cell are what `specc golden` makes and compares itself.
fn objects(spec: &str) -> Result<(), Failed> {
    let place = format!("specs/{spec}");
    let mut arguments = vec!["golden", &place, "-o", "golden", "--plan", "text,json,dot,mermaid"];
    if std::env::var_os("UPDATE_GOLDEN").is_none() {
        arguments.push("--check");
    } else {
        arguments.push("--recreate");
    }
    let run = specc(&arguments);
    let clean = run.code == Some(0) && !run.stderr.contains("left alone");
    if clean { Ok(()) } else { Err(format!("{}{}{ACCEPT}", run.stdout, run.stderr).into()) }
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

/// What `specc explain` knows, in one file each for rules, kinds, the language, runtimes and mechanisms.
fn reference() -> Files {
    let mut files = Files::new();
    for line in specc(&["explain"]).stdout.lines() {
        let mut words = line.split_whitespace();
        let (group, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let file = match group {
            "kind" => "kinds.md",
            "node" => "language.md",
            "runtime" => "runtimes.md",
            "mechanism" => "mechanisms.md",
            "file" => "trace.md",
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
    if differences.is_empty() { Ok(()) } else { Err(format!("{differences}{ACCEPT}").into()) }
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
