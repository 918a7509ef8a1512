//! Which specs the paths of a command line mean: a spec's folder, a file in it, a tree of specs, a pattern, stdin.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use glob::{MatchOptions, Pattern};

use crate::error::Error;
use crate::files::{self, Content};

/// The path that stands for stdin.
pub const STDIN: &str = "-";

/// Bytes of a YAML file that are looked at to tell whether it is a document of ours.
const GLANCE_BYTES: usize = 1 << 20;

/// What one path means.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// The path, or what a pattern found.
    pub path: PathBuf,
    /// The folders of the specs, sorted; [`STDIN`] for stdin.
    pub specs: Vec<PathBuf>,
    /// Whether the path is a folder that is no spec itself and holds specs somewhere below.
    pub tree: bool,
    /// Whether nothing in it looks like a document of ours, although the names would allow it.
    foreign: bool,
}

impl Named {
    fn spec(path: &Path, folder: &Path) -> Self {
        Self { path: path.to_owned(), specs: vec![folder.to_owned()], tree: false, foreign: false }
    }
}

/// The folder of every spec that the paths mean, in their order, each once.
pub fn specs(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut known = BTreeSet::new();
    let mut specs = Vec::new();
    for spec in find(paths)?.into_iter().flat_map(|named| named.specs) {
        let place = spec.canonicalize().unwrap_or_else(|_| spec.clone());
        if known.insert(place) {
            specs.push(spec);
        }
    }
    Ok(specs)
}

/// What each path means; a path that means nothing is an error.
pub fn find(paths: &[PathBuf]) -> Result<Vec<Named>, Error> {
    let mut all = Vec::new();
    for path in paths {
        let text = path.to_string_lossy();
        if text == STDIN {
            all.push(Named::spec(path, path));
        } else if fs::symlink_metadata(path).is_err() && text.contains(['*', '?', '[']) {
            all.extend(matches(&text)?);
        } else {
            all.push(named(path)?);
        }
    }
    Ok(all)
}

/// Whether a file's name says that it is a document. Editors and file systems leave hidden files beside those
/// that they copy.
pub fn is_document(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    matches!(ending, Some("kdl" | "yaml" | "yml")) && !hidden
}

/// Whether a file's name says that it is a plan file: no document ends so.
pub fn is_plan(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "json")
}

/// What a pattern finds: specs, trees of specs and documents; other files are passed over.
fn matches(pattern: &str) -> Result<Vec<Named>, Error> {
    let mut all = Vec::new();
    for path in matching(pattern)? {
        // A pattern also finds what nobody meant: the YAML of other tools.
        if !path.is_dir() && !is_ours(&path) {
            continue;
        }
        match named(&path) {
            Ok(named) if named.foreign => {}
            Ok(named) => all.push(named),
            Err(Error::NoDocuments { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    if all.is_empty() { Err(Error::NoMatch { pattern: pattern.to_owned() }) } else { Ok(all) }
}

/// The folders and documents whose paths a pattern describes, sorted. `**` does not follow links, which could lead
/// in circles; without it the pattern itself says how deep to look.
fn matching(pattern: &str) -> Result<Vec<PathBuf>, Error> {
    let compiled = Pattern::new(pattern.trim_end_matches('/')).map_err(|error| Error::Usage {
        message: format!("`{pattern}` is not a pattern: {}", error.msg.to_lowercase()),
        hint: "`*` and `?` stand for characters of a name, `**` for folders, `[a-z]` for one character"
            .to_owned(),
    })?;
    let parts: Vec<&str> = compiled.as_str().split('/').collect();
    let literal = parts.iter().take_while(|part| !part.contains(['*', '?', '['])).count();
    let endless = parts.contains(&"**");
    let depth = if endless { usize::MAX } else { parts.len() - literal };
    let base = parts[..literal].join("/");
    let mut folders = vec![(PathBuf::from(if literal > 0 && base.is_empty() { "/" } else { &base }), depth)];
    let mut found = Vec::new();
    while let Some((folder, depth)) = folders.pop() {
        for path in children(&folder)? {
            let is_folder = path.is_dir();
            if (is_folder || is_document(&path)) && compiled.matches_path_with(&path, MATCHING) {
                found.push(path.clone());
            }
            if is_folder && depth > 1 && !(endless && path.is_symlink()) {
                folders.push((path, depth.saturating_sub(1)));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// As shells do it.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// What a folder holds; a folder that is not there holds nothing.
fn children(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let place = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let failed = |source| Error::File { doing: "cannot read", path: place.to_owned(), source };
    let entries = match fs::read_dir(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed)?,
    };
    entries.map(|entry| Ok(folder.join(entry.map_err(failed)?.file_name()))).collect()
}

fn named(path: &Path) -> Result<Named, Error> {
    let failed = |source| Error::File { doing: "cannot read", path: path.to_owned(), source };
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        if !is_document(path) {
            return Err(Error::NotADocument { path: path.to_owned() });
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new("."));
        return Ok(Named::spec(path, folder));
    }
    let entries = entries(path)?;
    if entries.documents.iter().any(|file| is_ours(file)) {
        return Ok(Named::spec(path, path));
    }
    let specs = below(entries.folders)?;
    match (specs.is_empty(), entries.documents.is_empty()) {
        (false, _) => Ok(Named { specs, tree: true, ..Named::spec(path, path) }),
        // Whatever these files are, they are what was asked for.
        (true, false) => Ok(Named { foreign: true, ..Named::spec(path, path) }),
        (true, true) => Err(Error::NoDocuments { path: path.to_owned() }),
    }
}

/// The specs below some folders, sorted. A spec's own folders belong to it and are not looked into.
fn below(mut folders: Vec<PathBuf>) -> Result<Vec<PathBuf>, Error> {
    let mut specs = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = entries(&folder)?;
        if entries.documents.iter().any(|file| is_ours(file)) {
            specs.push(folder);
        } else {
            folders.extend(entries.folders);
        }
    }
    specs.sort();
    Ok(specs)
}

struct Entries {
    documents: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

/// Hidden folders hold what tools keep for themselves, and links could lead in circles: neither is entered.
fn entries(folder: &Path) -> Result<Entries, Error> {
    let failed = |source| Error::File { doing: "cannot read", path: folder.to_owned(), source };
    let mut entries = Entries { documents: Vec::new(), folders: Vec::new() };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if is_document(&entry.path()) {
            entries.documents.push(entry.path());
        } else if !hidden && entry.file_type().map_err(failed)?.is_dir() {
            entries.folders.push(entry.path());
        }
    }
    Ok(entries)
}

/// Whether a file is a document of ours: trees hold the YAML of other tools too, such as generated manifests. What
/// cannot be looked at counts, so that somebody hears of it.
fn is_ours(file: &Path) -> bool {
    let stem = file.file_stem().and_then(|stem| stem.to_str());
    let named = matches!(stem, Some("app" | "platform" | "scenario"));
    if named || file.extension().is_some_and(|ending| ending == "kdl") {
        return true;
    }
    let Ok(Content::Whole(bytes)) = files::read(file, GLANCE_BYTES) else { return true };
    let begins =
        |line: &[u8]| [&b"app:"[..], b"platform:", b"scenario:"].iter().any(|key| line.starts_with(key));
    // A zero means UTF-16, which is a mistake of its own.
    bytes.contains(&0) || bytes.split(|&byte| byte == b'\n' || byte == b'\r').any(begins)
}
