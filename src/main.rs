//! The command line: text in, exit code out.

mod cli;
mod cluster;
mod commands;
mod error;
mod files;
mod manifests;
mod output;
mod parallel;
mod paths;
mod spec;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use error::Exit;
use output::Output;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut output = Output::new();
    let exit = commands::run(cli, &mut output).unwrap_or_else(|error| {
        output.error(&error);
        error.exit()
    });
    exit.code()
}

impl Exit {
    fn code(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}
