//! `specc check`: every mistake of a spec in one run.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use compiler::diag::{Format, render};

use crate::error::{Error, Exit};
use crate::output::Output;
use crate::spec;

/// Where the spec is, and who reads the result.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc check specs/mini-program
  specc check specs/mini-program --format sarif > specc.sarif")]
pub struct Arguments {
    /// The folder with the spec's documents, or one file in it
    #[arg(default_value = ".")]
    spec: PathBuf,
    /// Who reads the result: people (on stderr) or a program (on stdout)
    #[arg(long, value_enum, default_value_t = Reader::Human)]
    format: Reader,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reader {
    Human,
    Json,
    Sarif,
    Github,
}

/// Checks, and prints what was found.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let mut spec = spec::load(&arguments.spec)?;
    if let Some(checked) = &spec.checked {
        for node in spec.document.named("scenario") {
            simulator::scenario::resolve(node, checked, &mut spec.diagnostics);
        }
    }
    let format = match arguments.format {
        Reader::Human => Format::Human { colour: output.colour() },
        Reader::Json => Format::Json,
        Reader::Sarif => Format::Sarif,
        Reader::Github => Format::Github,
    };
    let text = render(&spec.diagnostics, &spec.sources, format);
    match arguments.format {
        Reader::Human => output.say(&text),
        Reader::Json | Reader::Sarif | Reader::Github => output.data(&text)?,
    }
    let cells = spec.checked.as_ref().map(|checked| {
        let titles = checked.cells().iter().map(|cell| cell.title(Some(checked.platform())));
        format!(" in {}", titles.collect::<Vec<_>>().join(", "))
    });
    output.say(&format!("{}{}\n", spec::summary(&spec.diagnostics), cells.unwrap_or_default()));
    Ok(if spec.diagnostics.has_errors() { Exit::Failed } else { Exit::Fine })
}
