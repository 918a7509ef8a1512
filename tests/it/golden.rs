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
        for cell in cells(&name) {
            let (spec, wanted) = (name.clone(), cell.clone());
            makers.insert(Path::new(&name).join(&cell.folder), Box::new(move || objects(&spec, &wanted)));
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

/// One cell: what a command line needs to name it, and the folder that holds what is made of it.
#[derive(Clone)]
struct Cell {
    arguments: Vec<String>,
    folder: String,
}

/// Every cell of a spec. The cluster is named only where there is more than one.
fn cells(spec: &str) -> Vec<Cell> {
    let run = specc(&["check", &format!("specs/{spec}")]);
    assert_eq!(
        run.code,
        Some(0),
        "specs/{spec} must be clean, what is broken belongs into specs/broken:\n{}",
        run.stderr
    );
    let line = run.stderr.lines().last().unwrap_or_default();
    let titles = line.rsplit(" in ").next().unwrap_or_default();
    let titles: Vec<(&str, &str)> = titles.split(", ").filter_map(|title| title.split_once('@')).collect();
    let cell = |(place, cluster): &(&str, &str)| {
        let several = titles.iter().filter(|(other, _)| other == place).count() > 1;
        let mut parts = place.split('/');
        let named = ["--environment", "--tenant"].into_iter().zip(parts.by_ref());
        let mut arguments: Vec<String> =
            named.flat_map(|(flag, name)| [flag, name]).map(str::to_owned).collect();
        let mut folder = place.replace('/', "-");
        if several {
            arguments.extend(["--cluster".to_owned(), (*cluster).to_owned()]);
            folder = format!("{folder}-{cluster}");
        }
        Cell { arguments, folder }
    };
    titles.iter().map(cell).collect()
}

fn objects(spec: &str, cell: &Cell) -> Result<Files, Failed> {
    let place = format!("specs/{spec}");
    let mut arguments = vec![place.as_str()];
    arguments.extend(cell.arguments.iter().map(String::as_str));
    let made = folder(&format!("golden-{spec}-{}", cell.folder));
    let mut files = Files::new();
    let target = made.display().to_string();
    ran(&[&["build", "-o", &target], arguments.as_slice()].concat())?;
    for entry in fs::read_dir(&made)? {
        let entry = entry?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path())?);
    }
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
