//! `specc fmt`: documents in their canonical form.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use compiler::diag::{Diagnostics, Format, render};
use compiler::parse;
use compiler::source::Sources;
use similar::TextDiff;

use crate::error::{Error, Exit};
use crate::output::Output;
use crate::{files, paths};

/// Which documents.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc fmt specs/mini-program      rewrites what is not canonical
  specc fmt --check specs           for continuous integration: a diff, and exit code 1
  specc fmt - < app.kdl             stdin to stdout, for editors

Four spaces a block, one node a line, arguments before properties, properties in the order of the
schema, texts in quotes, at most one blank line, comments behind consecutive lines in one column.
Every comment stays, and so does what `/-` leaves out.

A scalar such as `cpu` in `resources` is a property: `resources cpu=\"500m\"`. In a component, a
cluster, a scenario and a service, which are read downwards, it is a line: `image \"web:1\"`; but
kind, kubernetes, provider, context, app, environment, tenant and cluster are properties there too.
In a block where a comment belongs to a scalar that would leave it, all stay with their comments.

A file with a mistake is left as it is, with its diagnostics and exit code 1. So is YAML, which has
formatters of its own.")]
pub struct Arguments {
    /// Files, folders with all below them, or - for stdin
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Change nothing; print what would change, and exit with 1 if anything would
    #[arg(long)]
    check: bool,
}

/// What became of one document.
enum Outcome {
    Canonical,
    Changed,
    Mistaken,
}

/// Formats every document, and says what became of it.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let mut files = BTreeSet::new();
    let mut outcomes = Vec::new();
    for path in &arguments.paths {
        if path.as_os_str() == "-" {
            outcomes.push(stdin(arguments.check, output)?);
        } else {
            collect(path, true, &mut files)?;
        }
    }
    if files.is_empty() && outcomes.is_empty() {
        return Err(Error::NoDocuments { path: arguments.paths[0].clone() });
    }
    for path in files {
        if parse::is_yaml(&path.to_string_lossy()) {
            output.say(&format!("left {} alone: it is YAML\n", path.display()));
        } else {
            outcomes.push(file(&path, arguments.check, output)?);
        }
    }
    Ok(conclude(&outcomes, arguments.check, output))
}

fn conclude(outcomes: &[Outcome], check: bool, output: &mut Output) -> Exit {
    let changed = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Changed)).count();
    let mistaken = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Mistaken));
    if check && changed > 0 {
        let plural = if changed == 1 { "document is" } else { "documents are" };
        output.say(&format!("{changed} {plural} not canonical; `specc fmt` rewrites what is not\n"));
    }
    if mistaken || check && changed > 0 { Exit::Failed } else { Exit::Fine }
}

/// The documents below a path. A file is one whatever it is called; in folders, hidden ones and links to folders
/// are left out.
fn collect(path: &Path, named: bool, files: &mut BTreeSet<PathBuf>) -> Result<(), Error> {
    let failed = |source| Error::File { doing: "cannot read", path: path.to_owned(), source };
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        if named || paths::is_document(path) {
            files.insert(path.to_owned());
        }
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (below, file_type) = (entry.path(), entry.file_type().map_err(failed)?);
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && (file_type.is_dir() || paths::is_document(&below)) {
            collect(&below, false, files)?;
        }
    }
    Ok(())
}

fn stdin(check: bool, output: &mut Output) -> Result<Outcome, Error> {
    let (name, mut bytes) = ("<stdin>", Vec::new());
    let read = io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|source| Error::File { doing: "cannot read", path: name.into(), source })?;
    let Some((before, after)) = formatted(name, &bytes, output) else { return Ok(Outcome::Mistaken) };
    let changed = before != after;
    if !check {
        output.data(&after)?;
    } else if changed {
        output.data(&difference(name, &before, &after))?;
    }
    Ok(if changed { Outcome::Changed } else { Outcome::Canonical })
}

fn file(path: &Path, check: bool, output: &mut Output) -> Result<Outcome, Error> {
    let name = path.to_string_lossy();
    let bytes = fs::read(path).map_err(|source| Error::File {
        doing: "cannot read",
        path: path.to_owned(),
        source,
    })?;
    let Some((before, after)) = formatted(&name, &bytes, output) else { return Ok(Outcome::Mistaken) };
    if bytes == after.as_bytes() {
        return Ok(Outcome::Canonical);
    }
    if check {
        output.data(&difference(&name, &before, &after))?;
    } else {
        files::replace(path, &after).map_err(|source| Error::File {
            doing: "cannot write",
            path: path.to_owned(),
            source,
        })?;
        output.say(&format!("formatted {name}\n"));
    }
    Ok(Outcome::Changed)
}

/// A text before and after; what is wrong with it goes to stderr.
fn formatted(name: &str, bytes: &[u8], output: &mut Output) -> Option<(String, String)> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = parse::read(&mut sources, name, bytes, &mut diagnostics);
    let mistaken = diagnostics.has_errors();
    let after = compiler::format::format(&source, &mut diagnostics).filter(|_| !mistaken);
    output.say(&render(&diagnostics, &sources, Format::Human { colour: output.colour() }));
    Some((source.text.to_string(), after?))
}

fn difference(name: &str, before: &str, after: &str) -> String {
    let after_name = format!("{name} (canonical)");
    TextDiff::from_lines(before, after).unified_diff().header(name, &after_name).to_string()
}

#[cfg(test)]
mod tests {
    use clap::Args;
    use compiler::resolve::schema::{ON_THE_FIRST_LINE, READ_DOWNWARDS};

    #[test]
    fn the_help_names_what_the_rule_names() {
        let command = super::Arguments::augment_args(clap::Command::new("fmt"));
        let help = command.get_after_help().expect("it has one").to_string();
        for name in READ_DOWNWARDS.iter().chain(ON_THE_FIRST_LINE) {
            let named = help.split(|c: char| !c.is_alphanumeric()).any(|word| word == *name);
            assert!(named, "the help says nothing of `{name}`");
        }
    }
}
