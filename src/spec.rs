//! Reads a spec's files, hands them to the compiler, and finds the cell that the command line names.

use std::fs;
use std::path::{Path, PathBuf};

use compiler::app::Cell;
use compiler::check::Checked;
use compiler::diag::{Diagnostics, Format, render};
use compiler::document::Document;
use compiler::resolve::Files;
use compiler::source::Sources;
use compiler::{parse, resolve};

use crate::cli::CellArguments;
use crate::error::Error;
use crate::output::Output;

/// A spec as far as it could be read.
pub struct Spec {
    /// Every text.
    pub sources: Sources,
    /// Every node of every file, also of scenarios.
    pub document: Document,
    /// What is wrong with it.
    pub diagnostics: Diagnostics,
    /// The application, if nothing is.
    pub checked: Option<Checked>,
}

/// Reads and checks the documents of a folder; a file stands for the folder that it is in.
pub fn load(path: &Path) -> Result<Spec, Error> {
    let folder = folder(path)?;
    let (mut sources, mut diagnostics, mut document) =
        (Sources::default(), Diagnostics::default(), Document::default());
    for file in documents(&folder)? {
        let bytes = fs::read(&file).map_err(|source| Error::File {
            doing: "cannot read",
            path: file.clone(),
            source,
        })?;
        let name = file.to_string_lossy();
        let source = parse::read(&mut sources, &name, &bytes, &mut diagnostics);
        document.append(parse::parse(&source, &mut diagnostics));
    }
    let files = referenced(&folder, &document);
    let checked = compiler::compile(&document, &files, &mut diagnostics);
    Ok(Spec { sources, document, diagnostics, checked })
}

impl Spec {
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
    let count = |wanted| diagnostics.sorted().iter().filter(|found| found.rule.severity == wanted).count();
    let plural = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let (errors, warnings) =
        (count(compiler::diag::Severity::Error), count(compiler::diag::Severity::Warning));
    match (errors, warnings) {
        (0, 0) => "no mistakes".to_owned(),
        (_, 0) => plural(errors, "error"),
        (0, _) => plural(warnings, "warning"),
        _ => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
    }
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

fn asked(wanted: &CellArguments) -> String {
    let tenant = wanted.tenant.as_ref().map(|tenant| format!(", tenant `{tenant}`")).unwrap_or_default();
    let cluster = wanted.cluster.as_ref().map(|cluster| format!(", cluster `{cluster}`")).unwrap_or_default();
    format!("environment `{}`{tenant}{cluster}", wanted.environment)
}

/// The folder of a spec: itself, or the one that the file is in.
pub fn folder(path: &Path) -> Result<PathBuf, Error> {
    let failed = |source| Error::File { doing: "cannot read", path: path.to_owned(), source };
    if fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(path.to_owned());
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
        let ending = path.extension().and_then(|ending| ending.to_str());
        if matches!(ending, Some("kdl" | "yaml" | "yml")) && path.is_file() {
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
    let Ok(root) = folder.canonicalize() else { return Files::new() };
    let read = |path: String| {
        let file = root.join(&path).canonicalize().ok().filter(|file| file.starts_with(&root))?;
        Some((path, fs::read_to_string(file).ok()?))
    };
    resolve::files_needed(document).into_iter().filter_map(read).collect()
}
