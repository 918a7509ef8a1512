//! `specc check`: every mistake of one spec or of many, in one run.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use compiler::diag::{Diagnostics, Findings, Format, Severity, render_all};
use compiler::source::Sources;
use simulator::scenario::{self, Files};

use crate::error::{Error, Exit};
use crate::output::Output;
use crate::{files, parallel, paths, spec};

/// Cells that are named one by one; more are counted.
const NAMED_CELLS_MAX: usize = 6;

/// Where the specs are, and who reads the result.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc check specs/mini-program
  specc check specs                                  every spec below specs/
  specc check 'specs/*/app.kdl' --deny warnings
  specc check - < app.kdl
  specc check specs --format sarif > specc.sarif

A folder with documents is a spec; one without is searched for specs, but not its hidden folders
and links. Specs are checked on all cores, and reported in the order of their paths.")]
pub struct Arguments {
    /// Folders of specs, files in them, folders that hold specs, or quoted patterns; - for a document on stdin
    #[arg(default_value = ".", value_name = "PATH")]
    specs: Vec<PathBuf>,
    /// Who reads the result: people (on stderr) or a program (on stdout)
    #[arg(long, value_enum, default_value_t = Reader::Human)]
    format: Reader,
    /// What fails besides errors
    #[arg(long, value_enum)]
    deny: Option<Denied>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reader {
    /// Source text with carets
    Human,
    /// One array of findings
    Json,
    /// SARIF 2.1.0 for code scanning; run in the repository's root, so that its paths fit
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
    /// A test report: a suite for each spec, a case for each rule that found something
    Junit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Denied {
    Warnings,
}

/// What was found in one spec; the spec itself is forgotten, so that many fit into memory.
struct Outcome {
    spec: String,
    sources: Sources,
    diagnostics: Diagnostics,
    cells: Vec<String>,
}

/// Checks, and prints what was found.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let specs = paths::specs(&arguments.specs)?;
    let bar = output.bar("checking {wide_bar} {pos}/{len}", specs.len() as u64);
    let results = parallel::map(&specs, || bar.inc(1), |spec| checked(spec));
    bar.finish_and_clear();
    let (mut outcomes, mut unread) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(outcome) => outcomes.push(outcome),
            Err(error) => unread.push(error),
        }
    }
    print(arguments, &outcomes, output)?;
    for error in &unread {
        output.error(error);
    }
    let failed = |outcome: &Outcome| {
        outcome.diagnostics.has_errors() || arguments.deny.is_some() && !outcome.diagnostics.is_empty()
    };
    Ok(if !unread.is_empty() {
        Exit::Outside
    } else if outcomes.iter().any(failed) {
        Exit::Failed
    } else {
        Exit::Fine
    })
}

/// Checks one spec with its scenarios.
fn checked(path: &Path) -> Result<Outcome, Error> {
    let stdin = path == Path::new(paths::STDIN);
    let mut spec = if stdin { spec::load_stdin()? } else { spec::load(path)? };
    let folder = if stdin { PathBuf::from(".") } else { spec::folder(path)? };
    let mut open = |path: &str| files::open_below(&folder, path);
    let mut cells = Vec::new();
    if let Some(checked) = &spec.checked {
        for node in spec.document.named("scenario") {
            let mut files = Files { open: &mut open, sources: &mut spec.sources };
            scenario::resolve_with(node, checked, &mut files, &mut spec.diagnostics);
        }
        cells.extend(checked.cells().iter().map(|cell| cell.title(Some(checked.platform()))));
    }
    let name = if stdin { PathBuf::from("stdin") } else { files::shown(path) };
    let spec::Spec { sources, diagnostics, .. } = spec;
    Ok(Outcome { spec: name.to_string_lossy().into_owned(), sources, diagnostics, cells })
}

fn print(arguments: &Arguments, outcomes: &[Outcome], output: &mut Output) -> Result<(), Error> {
    let format = match arguments.format {
        Reader::Human => Format::Human { colour: output.colour() },
        Reader::Json => Format::Json,
        Reader::Sarif => Format::Sarif,
        Reader::Github => Format::Github,
        Reader::Junit => Format::Junit { warnings_fail: arguments.deny.is_some() },
    };
    let findings = |outcome: &'_ Outcome| -> String {
        let Outcome { spec, sources, diagnostics, .. } = outcome;
        render_all(&[Findings { spec, diagnostics, sources }], format)
    };
    match arguments.format {
        Reader::Human => outcomes.iter().for_each(|outcome| output.say(&findings(outcome))),
        Reader::Json | Reader::Sarif | Reader::Github | Reader::Junit => {
            let all: Vec<Findings> = outcomes
                .iter()
                .map(|Outcome { spec, sources, diagnostics, .. }| Findings { spec, diagnostics, sources })
                .collect();
            output.data(&render_all(&all, format))?;
        }
    }
    output.say(&summary(outcomes, arguments.deny));
    Ok(())
}

/// One line for each spec with mistakes, where there are several specs, and one for all.
fn summary(outcomes: &[Outcome], deny: Option<Denied>) -> String {
    let count = |severity| outcomes.iter().map(|outcome| outcome.diagnostics.count(severity)).sum();
    let (errors, warnings): (usize, usize) = (count(Severity::Error), count(Severity::Warning));
    let denied = if deny.is_some() && warnings > 0 { ", and warnings are denied" } else { "" };
    let found = format!("{}{denied}", spec::counted(errors, warnings));
    match outcomes {
        [] => String::new(),
        [one] if one.cells.is_empty() => format!("{}{denied}\n", spec::summary(&one.diagnostics)),
        [one] if one.cells.len() <= NAMED_CELLS_MAX => format!("{found} in {}\n", one.cells.join(", ")),
        [one] => format!("{found} in {}\n", spec::plural(one.cells.len(), "cell")),
        several => {
            let mut text = String::new();
            for outcome in several.iter().filter(|outcome| !outcome.diagnostics.is_empty()) {
                text.push_str(&format!("{}: {}\n", outcome.spec, spec::summary(&outcome.diagnostics)));
            }
            let cells = several.iter().map(|outcome| outcome.cells.len()).sum();
            let specs = spec::plural(several.len(), "spec");
            text.push_str(&format!("{found} in {specs} with {}\n", spec::plural(cells, "cell")));
            text
        }
    }
}
