//! `specc rollout rollback`: release an earlier rollout of one component again, with its configuration.

use clap::Args;
use runtime::{Interrupt, Options};

use super::known;
use crate::cli::TargetArguments;
use crate::cluster::{self, AccessArguments};
use crate::error::{Error, Exit};
use crate::output::Output;

#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    access: AccessArguments,
    /// The component
    #[arg(long)]
    component: String,
    /// Which rollout of its history, instead of the last one that was released and led to something else
    #[arg(long, value_name = "NUMBER")]
    to: Option<u64>,
}

/// Does it in one batch, freeze or not: it is the way back.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let Some(target) = cluster::target(&arguments.target, output)? else { return Ok(Exit::Failed) };
    known(Some(&arguments.component), &target.plan)?;
    cluster::block_on(async {
        let interrupt = Interrupt::on_signals();
        let (cluster, _) = cluster::connect(&target, &arguments.access, output).await?;
        let (past, plan) =
            runtime::rollback(&cluster, &target.plan, &arguments.component, arguments.to).await?;
        output.say(&format!(
            "{}: back to rollout {}, revision {}\n",
            past.component, past.number, past.revision
        ));
        let ready = runtime::prepare(&cluster, &plan, Options::default()).await?;
        let mut tell = |event| output.say(&cluster::line(&event).unwrap_or_default());
        let ends = runtime::apply(&ready, &interrupt, &mut tell).await?;
        Ok(cluster::conclude(&ends, &arguments.target, &arguments.access, output))
    })
}
