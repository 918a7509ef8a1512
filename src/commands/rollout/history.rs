//! `specc rollout history`: what was released before.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use runtime::{History, Past};

use super::{Form, known};
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
    /// Only this component
    #[arg(long)]
    component: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// Prints it; a chain that somebody has changed is a failure.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let Some(target) = cluster::target(&arguments.target, output)? else { return Ok(Exit::Failed) };
    let only = arguments.component.as_deref();
    known(only, &target.plan)?;
    let all = cluster::block_on(async {
        let (cluster, _) = cluster::connect(&target, &arguments.access, output).await?;
        Ok(runtime::history(&cluster, &target.plan, only).await?)
    })?;
    let text = match arguments.format {
        Form::Text => all.iter().map(component).collect(),
        Form::Json => serde_json::to_string_pretty(&all).expect("a history serialises") + "\n",
    };
    output.data(&text)?;
    let broken = all.iter().filter_map(|history| Some((&history.component, history.broken.as_ref()?)));
    let mut exit = Exit::Fine;
    for (component, why) in broken {
        output.say(&format!("error: the history of component `{component}` is not whole: {why}\n"));
        exit = Exit::Failed;
    }
    Ok(exit)
}

fn component(history: &History) -> String {
    if history.rollouts.is_empty() {
        return format!("{}: never released\n", history.component);
    }
    let lines = history.rollouts.iter().map(line);
    format!("{}:\n{}", history.component, lines.collect::<String>())
}

fn line(past: &Past) -> String {
    let began =
        i64::try_from(past.began_ns / 1_000_000_000).ok().and_then(|at| Timestamp::from_second(at).ok());
    let began = began.map(|began| began.to_string()).unwrap_or_default();
    let seconds = (past.entered_ns.saturating_sub(past.began_ns) / 1_000_000_000).cast_signed();
    let took = SignedDuration::from_secs(seconds);
    let frozen =
        past.override_freeze.as_ref().map(|why| format!(", in a freeze because: {why}")).unwrap_or_default();
    let lost = if past.kept { "" } else { ", its plan is not kept" };
    format!(
        "  {}: revision {}, {} after {took:#}, began {began}{frozen}{lost}\n",
        past.number, past.revision, past.stage
    )
}
