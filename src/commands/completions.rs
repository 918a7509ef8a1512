//! `specc completions`: what a shell needs to complete specc's arguments.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::error::{Error, Exit};
use crate::output::Output;

/// For which shell.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc completions bash > ~/.local/share/bash-completion/completions/specc
  specc completions zsh > ~/.zfunc/_specc
  specc completions fish > ~/.config/fish/completions/specc.fish")]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

/// Prints the completions.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "specc", &mut script);
    output.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine)
}
