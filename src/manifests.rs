//! A tree of generated files: compared with what a folder holds, and written so that no file is ever half there and
//! nothing that a person put there is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use compiler::lower::immutable;
use compiler::lower::platform::FRAGMENT;
use compiler::lower::{ENVIRONMENT, MANAGED_BY, MANAGER};
use similar::TextDiff;

use crate::error::Error;
use crate::files;
use crate::parallel;

/// Bytes of a file that may have been generated; what is larger was not.
const GENERATED_BYTES_MAX: u64 = 16 << 20;

/// How the folder of a cluster's own objects begins; its name follows.
pub const PLATFORM: &str = "platform-";

/// The generated texts: by their folder below the root, and by their name in it.
pub type Files = BTreeMap<PathBuf, BTreeMap<String, String>>;

/// How a folder differs from what is generated.
#[derive(Debug, Default)]
pub struct Comparison {
    /// What would have to be done, by path below the folder.
    pub changes: BTreeMap<PathBuf, Change>,
    /// How many files are as generated.
    pub same: usize,
    /// What others put beside generated files; it is never touched.
    pub strangers: Vec<PathBuf>,
}

/// One file that is not as generated.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    /// It is not there.
    Create(String),
    /// It says something else: the text there, and the one generated.
    Update(String, String),
    /// It was generated once, and is not any more.
    Remove(String),
}

/// Compares a folder with what is generated. Files that nothing generates are looked for in `scopes`, folders below it.
pub fn compare(root: &Path, scopes: &[PathBuf], made: &Files) -> Result<Comparison, Error> {
    let mut comparison = Comparison::default();
    let folders: Vec<_> = made.iter().collect();
    for found in parallel::map(&folders, || (), |(folder, files)| changed(root, folder, files)) {
        let (changes, same) = found?;
        comparison.changes.extend(changes);
        comparison.same += same;
    }
    let mut others = BTreeSet::new();
    for scope in scopes {
        others.extend(below(root, scope)?.into_iter().filter(|name| !is_made(made, name)));
    }
    let mut folders: BTreeSet<&Path> = made.keys().map(PathBuf::as_path).collect();
    let (mut removed, mut kept) = (Vec::new(), Vec::new());
    for name in &others {
        match present(&root.join(name))? {
            Present::Text(text) if is_generated(name, &text) => removed.push((name, text)),
            Present::Text(_) | Present::Other => kept.push(name),
            Present::Nothing => {}
        }
    }
    folders.extend(removed.iter().filter_map(|(name, _)| name.parent()));
    let beside = |name: &&&PathBuf| name.parent().is_some_and(|folder| folders.contains(folder));
    comparison.strangers = kept.iter().filter(beside).map(|name| (*name).clone()).collect();
    comparison.changes.extend(removed.into_iter().map(|(name, text)| (name.clone(), Change::Remove(text))));
    Ok(comparison)
}

/// What would have to be done in a folder, and how many of its files are as generated.
fn changed(
    root: &Path,
    folder: &Path,
    files: &BTreeMap<String, String>,
) -> Result<(Vec<(PathBuf, Change)>, usize), Error> {
    let (mut changes, mut same) = (Vec::new(), 0);
    for (file, text) in files {
        let name = folder.join(file);
        let path = root.join(&name);
        match present(&path)? {
            Present::Nothing => changes.push((name, Change::Create(text.clone()))),
            Present::Text(old) if old == *text => same += 1,
            Present::Text(old) if is_generated(&name, &old) => {
                changes.push((name, Change::Update(old, text.clone())));
            }
            Present::Text(_) | Present::Other => return Err(Error::Stranger { path }),
        }
    }
    Ok((changes, same))
}

fn is_made(made: &Files, name: &Path) -> bool {
    let folder = name.parent().and_then(|folder| made.get(folder));
    let file = name.file_name().and_then(|file| file.to_str());
    folder.zip(file).is_some_and(|(folder, file)| folder.contains_key(file))
}

/// What no server would do: fields that cannot change while an object exists, by the object's file below the folder.
pub fn impossible(comparison: &Comparison) -> BTreeMap<PathBuf, Vec<String>> {
    let mut all = BTreeMap::new();
    for (name, change) in &comparison.changes {
        let Change::Update(old, new) = change else { continue };
        let read = |text: &str| serde_saphyr::from_str::<serde_json::Value>(text).ok();
        let fields = read(old).zip(read(new)).map(|(old, new)| immutable::changed(&old, &new));
        if let Some(fields) = fields.filter(|fields| !fields.is_empty()) {
            all.insert(name.clone(), fields);
        }
    }
    all
}

/// Makes the folder as it should be: first every new text beside its place, then all into place, then what is left
/// over goes.
pub fn write(root: &Path, comparison: &Comparison) -> Result<(), Error> {
    let mut staged = Vec::new();
    let result = stage(root, comparison, &mut staged).and_then(|()| {
        for (from, to) in &staged {
            fs::rename(from, to).map_err(failed(to))?;
        }
        Ok(())
    });
    if result.is_err() {
        // What is in its place already cannot be removed by its other name.
        for (from, _) in &staged {
            let _ = fs::remove_file(from);
        }
    }
    result?;
    for (name, _) in comparison.changes.iter().filter(|(_, change)| matches!(change, Change::Remove(_))) {
        let path = root.join(name);
        fs::remove_file(&path).map_err(failed(&path))?;
        // Ends at the first folder that still holds something.
        let folders = name.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        let _ = folders.map(|folder| fs::remove_dir(root.join(folder))).take_while(Result::is_ok).count();
    }
    Ok(())
}

/// The differences as a patch that `git apply` takes.
pub fn patch(root: &Path, comparison: &Comparison) -> String {
    let one = |(name, change): (&PathBuf, &Change)| {
        let path = files::shown(&root.join(name)).display().to_string();
        let (here, there) = (format!("a/{path}"), format!("b/{path}"));
        let nowhere = "/dev/null".to_owned();
        let (old, new, from, to) = match change {
            Change::Create(new) => ("", new.as_str(), nowhere, there),
            Change::Update(old, new) => (old.as_str(), new.as_str(), here, there),
            Change::Remove(old) => (old.as_str(), "", here, nowhere),
        };
        TextDiff::from_lines(old, new).unified_diff().header(&from, &to).to_string()
    };
    comparison.changes.iter().map(one).collect()
}

fn stage(root: &Path, comparison: &Comparison, staged: &mut Vec<(PathBuf, PathBuf)>) -> Result<(), Error> {
    for (name, change) in &comparison.changes {
        let (Change::Create(text) | Change::Update(_, text)) = change else { continue };
        let path = root.join(name);
        let file = name.file_name().expect("a generated file has a name").to_string_lossy();
        let beside = path.with_file_name(format!(".{file}.{}", std::process::id()));
        let folder = path.parent().unwrap_or(root);
        fs::create_dir_all(folder).map_err(failed(folder))?;
        staged.push((beside.clone(), path));
        fs::write(&beside, text).map_err(failed(&beside))?;
    }
    Ok(())
}

/// What stands at a path.
enum Present {
    Nothing,
    Text(String),
    /// What cannot be a generated text: a link, a folder, bytes.
    Other,
}

fn present(path: &Path) -> Result<Present, Error> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Present::Nothing),
        Err(source) => return Err(Error::File { doing: "cannot read", path: path.to_owned(), source }),
        Ok(about) if !about.is_file() || about.len() > GENERATED_BYTES_MAX => return Ok(Present::Other),
        Ok(_) => {}
    }
    let bytes = fs::read(path).map_err(|source| Error::File {
        doing: "cannot read",
        path: path.to_owned(),
        source,
    })?;
    Ok(String::from_utf8(bytes).map_or(Present::Other, Present::Text))
}

/// Whether a text was generated for this place: it is an object of specc's in a file of the object's kind and a
/// folder of the object's environment or of a cluster, a fragment of one that others share, or a plan.
fn is_generated(name: &Path, text: &str) -> bool {
    let folder = name.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let file = name.file_name().unwrap_or_default().to_string_lossy();
    // Anywhere, since a configuration file in a ConfigMap may hold labels of its own.
    let labelled = |key: &str, fits: &dyn Fn(&str) -> bool| {
        let value = |line: &str| line.trim_start().strip_prefix(key)?.strip_prefix(": ").map(str::to_owned);
        text.lines().filter_map(value).any(|value| fits(value.trim_matches(['"', '\''])))
    };
    match file.as_ref() {
        "plan.txt" => text.starts_with("plan for "),
        "plan.json" => text.starts_with("{\n  \"app\": \"") && text.contains("\n  \"groups\": ["),
        "plan.dot" => text.starts_with("digraph plan {\n"),
        "plan.mmd" => text.starts_with("flowchart TD\n"),
        object => {
            let Some((kind, _)) = object.strip_suffix(".yaml").and_then(|name| name.split_once('.')) else {
                return false;
            };
            let at_home = |environment: &str| {
                folder.strip_prefix(environment).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            };
            let of_cluster = folder.starts_with(PLATFORM);
            if of_cluster && kind == "fragment" {
                return text.starts_with(FRAGMENT);
            }
            text.lines().any(|line| line.strip_prefix("kind: ") == Some(kind))
                && (of_cluster || labelled(ENVIRONMENT, &at_home))
                && labelled(MANAGED_BY, &|value| value == MANAGER)
        }
    }
}

/// Every file below a folder, by its path below `root`; hidden ones are nobody's business, and links are not followed.
fn below(root: &Path, scope: &Path) -> Result<Vec<PathBuf>, Error> {
    let (mut folders, mut found) = (vec![scope.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        let failed = |source| Error::File { doing: "cannot read", path: path.clone(), source };
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other.map_err(failed)?,
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            let name = folder.join(entry.file_name());
            match (hidden, kind.is_dir()) {
                (true, _) => {}
                (false, true) => folders.push(name),
                (false, false) => found.push(name),
            }
        }
    }
    Ok(found)
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { doing: "cannot write", path, source }
}
