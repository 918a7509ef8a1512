//! `specc delete`: remove what specc made for a cell.

use std::io::{self, IsTerminal};

use clap::Args;
use runtime::{Interrupt, Removal};

use crate::cli::TargetArguments;
use crate::cluster::{self, AccessArguments};
use crate::error::{Error, Exit};
use crate::output::Output;

/// Which cell, on which cluster.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc delete specs/mini-program --environment test --dry-run
  specc delete specs/mini-program --environment test --yes

Objects that were taken over with --adopt go too. The namespace goes if specc made it and nothing of
anybody else is in it.")]
pub struct Arguments {
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    access: AccessArguments,
    /// Only print what would be removed
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Removes the cell.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let Some(target) = cluster::target(&arguments.target, output)? else { return Ok(Exit::Failed) };
    let plan = &target.plan;
    cluster::block_on(async {
        let interrupt = Interrupt::on_signals();
        let (cluster, _) = cluster::connect(&target, &arguments.access, output).await?;
        let removal = runtime::removal(&cluster, plan).await?;
        if !removal.unseen.is_empty() {
            let kinds = removal.unseen.join(", ");
            output.say(&format!("not looked for, since your user may not list them: {kinds}\n"));
        }
        if arguments.dry_run {
            output.data(&text(&removal))?;
            return Ok(Exit::Fine);
        }
        if removal.objects.is_empty() {
            output.say("nothing to remove\n");
            return Ok(Exit::Fine);
        }
        if !arguments.yes && !confirmed(&removal, output)? {
            return Ok(Exit::Failed);
        }
        let mut tell = |event| output.say(&cluster::line(&event).unwrap_or_default());
        let finished = runtime::delete(&cluster, &removal, &interrupt, &mut tell).await?;
        Ok(if finished { Exit::Fine } else { Exit::Interrupted })
    })
}

fn confirmed(removal: &Removal, output: &mut Output) -> Result<bool, Error> {
    output.say(&text(removal));
    if !io::stdin().is_terminal() {
        return Err(Error::Usage {
            message: "nobody is there to confirm the removal".to_owned(),
            hint: "add --yes to remove these objects".to_owned(),
        });
    }
    output.say(&format!("remove these {} objects? [y/N] ", removal.objects.len()));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Error::Output)?;
    Ok(matches!(answer.trim(), "y" | "yes"))
}

fn text(removal: &Removal) -> String {
    let mut text = String::new();
    for object in &removal.objects {
        text.push_str(&format!("remove {object}\n"));
    }
    for (object, why) in &removal.kept {
        text.push_str(&format!("keep {object}: {why}\n"));
    }
    if text.is_empty() { "nothing to remove\n".to_owned() } else { text }
}
