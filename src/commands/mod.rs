//! One file a command: its arguments, and what it does.

pub mod apply;
pub mod build;
pub mod check;
pub mod completions;
pub mod delete;
pub mod diff;
pub mod explain;
pub mod fmt;
pub mod golden;
pub mod init;
pub mod list;
pub mod plan;
pub mod rbac;
pub mod rollout;
pub mod schema;
pub mod simulate;
pub mod why;

use crate::cli::{Cli, Command};
use crate::error::{Error, Exit};
use crate::output::Output;

/// Runs the command that was asked for.
pub fn run(cli: Cli, output: &mut Output) -> Result<Exit, Error> {
    match cli.command {
        Command::Init(arguments) => init::run(&arguments, output),
        Command::Check(arguments) => check::run(&arguments, output),
        Command::List(arguments) => list::run(&arguments, output),
        Command::Build(arguments) => build::run(&arguments, output),
        Command::Golden(arguments) => golden::run(&arguments, output),
        Command::Plan(arguments) => plan::run(&arguments, output),
        Command::Simulate(arguments) => simulate::run(&arguments, output),
        Command::Diff(arguments) => diff::run(&arguments, output),
        Command::Apply(arguments) => apply::run(&arguments, output),
        Command::Rollout(arguments) => rollout::run(&arguments, output),
        Command::Rbac(arguments) => rbac::run(&arguments, output),
        Command::Delete(arguments) => delete::run(&arguments, output),
        Command::Fmt(arguments) => fmt::run(&arguments, output),
        Command::Schema(arguments) => schema::run(&arguments, output),
        Command::Explain(arguments) => explain::run(&arguments, output),
        Command::Why(arguments) => why::run(&arguments, output),
        Command::Completions(arguments) => completions::run(&arguments, output),
    }
}
