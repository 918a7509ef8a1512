//! `specc rollout`: see where a rollout stands and what was before; pause, resume or abort it, or go back.

mod history;
mod rollback;
mod watch;

use clap::{Args, Subcommand, ValueEnum};
use runtime::{Command, ComponentStatus, Interrupt, WorkloadStatus};

use crate::cli::TargetArguments;
use crate::cluster::{self, AccessArguments};
use crate::error::{Error, Exit};
use crate::output::Output;

/// What to do with the rollout.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc rollout status specs/mini-program --environment prod
  specc rollout resume specs/mini-program --environment prod --component api
  specc rollout abort specs/mini-program --environment prod
  specc rollout history specs/mini-program --environment prod
  specc rollout rollback specs/mini-program --environment prod --component api
  specc rollout status plan.json")]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print where each component stands
    Status(StatusArguments),
    /// Print where each component stands whenever it changes, until nothing moves any more
    Watch(watch::Arguments),
    /// Write nothing any more until somebody resumes
    Pause(CommandArguments),
    /// Go on, to the next pause or the end
    Resume(CommandArguments),
    /// Go back to the previous revision
    Abort(CommandArguments),
    /// Release an earlier rollout of a component again, with its configuration, freeze or not
    Rollback(rollback::Arguments),
    /// Print what was released before
    History(history::Arguments),
}

#[derive(Args, Debug)]
struct StatusArguments {
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    access: AccessArguments,
    /// Also look at what is not as it was released; exit code 1 when there is anything
    #[arg(long)]
    drift: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Text,
    Json,
}

#[derive(Args, Debug)]
struct CommandArguments {
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    access: AccessArguments,
    /// Only this component, instead of every one in flight
    #[arg(long)]
    component: Option<String>,
}

/// Does it.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    match &arguments.action {
        Action::Status(arguments) => status(arguments, output),
        Action::Watch(arguments) => watch::run(arguments, output),
        Action::Rollback(arguments) => rollback::run(arguments, output),
        Action::History(arguments) => history::run(arguments, output),
        Action::Pause(arguments) => command(arguments, Command::Pause, output),
        Action::Resume(arguments) => command(arguments, Command::Resume, output),
        Action::Abort(arguments) => command(arguments, Command::Abort, output),
    }
}

fn status(arguments: &StatusArguments, output: &mut Output) -> Result<Exit, Error> {
    let Some(target) = cluster::target(&arguments.target, output)? else { return Ok(Exit::Failed) };
    let plan = &target.plan;
    let status = cluster::block_on(async {
        let (cluster, _) = cluster::connect(&target, &arguments.access, output).await?;
        let mut status = runtime::status(&cluster, plan).await?;
        if arguments.drift {
            runtime::drift(&cluster, plan, &mut status).await?;
        }
        Ok(status)
    })?;
    let text = match arguments.format {
        Form::Text => status.iter().map(component).collect(),
        Form::Json => serde_json::to_string_pretty(&status).expect("a status serialises") + "\n",
    };
    output.data(&text)?;
    let drifts = status.iter().flat_map(|status| &status.drift).any(|drift| !drift.is_empty());
    Ok(if drifts { Exit::Failed } else { Exit::Fine })
}

fn command(arguments: &CommandArguments, command: Command, output: &mut Output) -> Result<Exit, Error> {
    let Some(target) = cluster::target(&arguments.target, output)? else { return Ok(Exit::Failed) };
    let plan = &target.plan;
    known(arguments.component.as_deref(), plan)?;
    cluster::block_on(async {
        let interrupt = Interrupt::on_signals();
        let (cluster, _) = cluster::connect(&target, &arguments.access, output).await?;
        let only = arguments.component.as_deref();
        let mut tell = |event| output.say(&cluster::line(&event).unwrap_or_default());
        let ends = runtime::command(&cluster, plan, only, command, &interrupt, &mut tell).await?;
        Ok(cluster::conclude(&ends, &arguments.target, &arguments.access, output))
    })
}

fn known(component: Option<&str>, plan: &compiler::plan::Plan) -> Result<(), Error> {
    let names: Vec<&str> = plan.releases.iter().map(|release| release.component.as_str()).collect();
    match component {
        Some(name) if !names.contains(&name) => Err(Error::Usage {
            message: format!("there is no component `{name}`"),
            hint: format!("there are {}", names.join(", ")),
        }),
        Some(_) | None => Ok(()),
    }
}

fn component(status: &ComponentStatus) -> String {
    let revision =
        status.revision.as_ref().map(|revision| format!(" revision {revision}")).unwrap_or_default();
    let mut text = format!("{}:{revision} {}", status.component, status.stage);
    if !status.next.is_empty() {
        text.push_str(&format!("; next: {}", status.next));
    }
    text.push('\n');
    text.extend(status.workloads.iter().map(workload));
    for drift in status.drift.iter().flatten() {
        let what = if drift.fields.is_empty() {
            "is gone".to_owned()
        } else {
            format!("differs in {}", drift.fields.join(", "))
        };
        text.push_str(&format!("  {} {what}\n", drift.object));
    }
    text
}

fn workload(workload: &WorkloadStatus) -> String {
    let bounds = workload.bounds.map(|(min, max)| format!(", autoscaled {min} to {max}")).unwrap_or_default();
    let failure = workload.failure.as_ref().map(|failure| format!(", {failure}")).unwrap_or_default();
    let WorkloadStatus { revision, replicas, available, .. } = workload;
    format!("  {revision}: {available} of {replicas} pods available{bounds}{failure}\n")
}
