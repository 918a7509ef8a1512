//! `specc plan`: what a rollout would do, in order.

use clap::{Args, ValueEnum};
use compiler::plan::print;

use crate::cli::CellArguments;
use crate::error::{Error, Exit};
use crate::output::Output;
use crate::spec;

/// Which cell, and in which form.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc plan specs/mini-program --environment prod
  specc plan specs/mini-program --environment prod --format dot | dot -Tsvg > plan.svg")]
pub struct Arguments {
    #[command(flatten)]
    cell: CellArguments,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Text,
    Json,
    Dot,
    Mermaid,
}

/// Plans the cell, and prints the plan.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let spec = spec::load(&arguments.cell.spec)?;
    let Some(checked) = spec.passed(output) else { return Ok(Exit::Failed) };
    let cell = spec::cell(checked, &arguments.cell)?;
    let plan = compiler::plan::plan(checked, cell, &compiler::lower::lower(checked, cell));
    let text = match arguments.format {
        Form::Text => print::text(&plan),
        Form::Json => format!("{:#}\n", print::json(&plan)),
        Form::Dot => print::dot(&plan),
        Form::Mermaid => print::mermaid(&plan),
    };
    output.data(&text)?;
    Ok(Exit::Fine)
}
