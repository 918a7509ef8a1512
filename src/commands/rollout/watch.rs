//! `specc rollout watch`: where each component stands, whenever it changes, until nothing moves any more.

use std::time::Duration;

use clap::Args;
use runtime::Interrupt;

use super::component;
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
}

const POLL: Duration = Duration::from_secs(1);

/// Prints what changes. It ends when every rollout is over, failed, or waits for a person.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let Some(target) = cluster::target(&arguments.target, output)? else { return Ok(Exit::Failed) };
    cluster::block_on(async {
        let interrupt = Interrupt::on_signals();
        let (cluster, _) = cluster::connect(&target, &arguments.access, output).await?;
        let mut told: Vec<String> = Vec::new();
        loop {
            let all = runtime::status(&cluster, &target.plan).await?;
            let lines: Vec<String> = all.iter().map(component).collect();
            for line in lines
                .iter()
                .enumerate()
                .filter(|(index, line)| told.get(*index) != Some(*line))
                .map(|(_, line)| line)
            {
                output.data(line)?;
            }
            told = lines;
            if all.iter().all(|status| status.rests) {
                let failed = all.iter().any(|status| status.failed);
                return Ok(if failed { Exit::Failed } else { Exit::Fine });
            }
            interrupt.sleep(POLL).await;
            if interrupt.is_set() {
                return Ok(Exit::Interrupted);
            }
        }
    })
}
