//! Reads a spec's files, hands them to the compiler, and finds the cell that the command line names.

use std::path::{Path, PathBuf};
use std::{fs, io};

use compiler::app::{Cell, Cluster};
use compiler::check::Checked;
use compiler::diag::{Diagnostics, Format, Severity, render};
use compiler::document::Document;
use compiler::resolve::Files;
use compiler::source::Sources;
use compiler::{parse, resolve};

use crate::cli::CellArguments;
use crate::error::Error;
use crate::files::{self, Content};
use crate::output::Output;
use crate::paths;

/// A spec as far as it could be read.
#[derive(Default)]
pub struct Spec {
    /// Every text.
    pub sources: Sources,
    /// Every node of every file, also of scenarios.
    pub document: Document,
    /// The files that the documents refer to, by the path as written.
    pub files: Files,
    /// What is wrong with it.
    pub diagnostics: Diagnostics,
    /// The application, if nothing is.
    pub checked: Option<Checked>,
}

/// Reads and checks the documents of a folder; a file stands for the folder that it is in.
pub fn load(path: &Path) -> Result<Spec, Error> {
    let folder = folder(path)?;
    let mut spec = Spec::default();
    for file in documents(&folder)? {
        if files::inside(&file, &[&folder, Path::new(".")]).is_none() && file.exists() {
            return Err(Error::LeadsOut { path: file });
        }
        let content = files::read(&file, parse::TEXT_BYTES_MAX)?;
        spec.parse(&files::shown(&file).to_string_lossy(), &content);
    }
    Ok(spec.compiled(&folder))
}

/// Reads and checks a spec that is one document on stdin; files that it refers to are below the folder specc runs in.
pub fn load_stdin() -> Result<Spec, Error> {
    let path = PathBuf::from(paths::STDIN);
    let content = files::bounded(&mut io::stdin().lock(), parse::TEXT_BYTES_MAX)
        .map_err(|source| Error::File { doing: "cannot read", path, source })?;
    let yaml = matches!(&content, Content::Whole(bytes) if is_yaml(&String::from_utf8_lossy(bytes)));
    let mut spec = Spec::default();
    spec.parse(if yaml { "stdin.yaml" } else { "stdin.kdl" }, &content);
    Ok(spec.compiled(Path::new(".")))
}

impl Spec {
    fn parse(&mut self, name: &str, content: &Content) {
        match content {
            Content::Whole(bytes) => {
                let source = parse::read(&mut self.sources, name, bytes, &mut self.diagnostics);
                self.document.append(parse::parse(&source, &mut self.diagnostics));
            }
            Content::TooLarge(bytes) => parse::refuse(&mut self.sources, name, *bytes, &mut self.diagnostics),
        }
    }

    fn compiled(mut self, folder: &Path) -> Self {
        self.files = referenced(folder, &self.document);
        self.checked = compiler::compile(&self.document, &self.files, &mut self.diagnostics);
        self
    }

    /// The checked application; what is wrong goes to stderr, and `None` comes back if that is an error.
    pub fn passed(&self, output: &mut Output) -> Option<&Checked> {
        output.say(&render(&self.diagnostics, &self.sources, Format::Human { colour: output.colour() }));
        if self.checked.is_none() {
            output.say(&format!("{}\n", summary(&self.diagnostics)));
        }
        self.checked.as_ref()
    }
}

/// `2 errors, 1 warning`.
pub fn summary(diagnostics: &Diagnostics) -> String {
    let (errors, warnings) = (diagnostics.count(Severity::Error), diagnostics.count(Severity::Warning));
    let more = match diagnostics.left_out() {
        0 => String::new(),
        count => format!(", of which the last {count} found are not shown"),
    };
    format!("{}{more}", counted(errors, warnings))
}

/// `2 errors, 1 warning`.
pub fn counted(errors: usize, warnings: usize) -> String {
    match (errors, warnings) {
        (0, 0) => "no mistakes".to_owned(),
        (_, 0) => plural(errors, "error"),
        (0, _) => plural(warnings, "warning"),
        _ => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
    }
}

/// `1 error`, `2 errors`.
pub fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The one cell that the arguments name.
pub fn cell<'a>(checked: &'a Checked, wanted: &CellArguments) -> Result<&'a Cell, Error> {
    let platform = checked.platform();
    let matches = |cell: &&Cell| {
        cell.environment == wanted.environment
            && wanted.tenant.as_ref().is_none_or(|tenant| cell.tenant.as_ref() == Some(tenant))
            && wanted.cluster.as_ref().is_none_or(|cluster| checked.cluster(cell).name.value == *cluster)
    };
    let mut found: Vec<&Cell> = checked.cells().iter().filter(matches).collect();
    // Beside tenants, an environment without a word about one is its default tenant.
    if wanted.tenant.is_none() && found.iter().any(|cell| cell.tenant.is_none()) {
        found.retain(|cell| cell.tenant.is_none());
    }
    let titles = |cells: &[&Cell]| -> String {
        let titles: Vec<String> = cells.iter().map(|cell| cell.title(Some(platform))).collect();
        titles.join(", ")
    };
    match found.as_slice() {
        [cell] => Ok(cell),
        [] => Err(Error::Usage {
            message: format!("application `{}` has nothing in {}", checked.name(), asked(wanted)),
            hint: format!("it has {}", titles(&checked.cells().iter().collect::<Vec<_>>())),
        }),
        several => Err(Error::Usage {
            message: format!("{} of application `{}` is more than one cell", asked(wanted), checked.name()),
            hint: format!("add --tenant or --cluster: {}", titles(several)),
        }),
    }
}

/// The cluster of that name.
pub fn cluster<'a>(checked: &'a Checked, wanted: &str) -> Result<&'a Cluster, Error> {
    let platform = checked.platform();
    platform.clusters.iter().find(|cluster| cluster.name.value == wanted).ok_or_else(|| {
        let names: Vec<&str> = platform.clusters.iter().map(|cluster| cluster.name.value.as_str()).collect();
        Error::Usage {
            message: format!("platform `{}` has no cluster `{wanted}`", platform.name.value),
            hint: format!("it has {}", names.join(", ")),
        }
    })
}

fn asked(wanted: &CellArguments) -> String {
    let tenant = wanted.tenant.as_ref().map(|tenant| format!(", tenant `{tenant}`")).unwrap_or_default();
    let cluster = wanted.cluster.as_ref().map(|cluster| format!(", cluster `{cluster}`")).unwrap_or_default();
    format!("environment `{}`{tenant}{cluster}", wanted.environment)
}

/// The folder of a spec: itself, or the one that the document is in.
pub fn folder(path: &Path) -> Result<PathBuf, Error> {
    let failed = |source| Error::File { doing: "cannot read", path: path.to_owned(), source };
    if fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(path.to_owned());
    }
    if !paths::is_document(path) {
        return Err(Error::NoDocuments { path: path.to_owned() });
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok(parent.map_or_else(|| PathBuf::from("."), Path::to_owned))
}

/// The files of a folder that are documents, sorted by name.
fn documents(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::File { doing: "cannot read", path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if paths::is_document(&path) {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(Error::NoDocuments { path: folder.to_owned() });
    }
    files.sort();
    Ok(files)
}

/// The texts that components refer to. What cannot be read is left out here and reported by the compiler, with
/// the place that names it. A link that leads out of the folder is not followed.
fn referenced(folder: &Path, document: &Document) -> Files {
    let read = |path: String| {
        let file = files::inside(&folder.join(&path), &[folder])?;
        let Ok(Content::Whole(bytes)) = files::read(&file, parse::TEXT_BYTES_MAX) else { return None };
        Some((path, String::from_utf8(bytes).ok()?))
    };
    resolve::files_needed(document).into_iter().filter_map(read).collect()
}

/// Whether a text without a file name is YAML: its first line that says something is a key, a mark or a bracket.
fn is_yaml(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim_start);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    let key =
        |line: &str| line.split_once(':').is_some_and(|(key, _)| key.chars().all(char::is_alphanumeric));
    first.is_some_and(|line| line.starts_with("---") || line.starts_with(['{', '%']) || key(line))
}
