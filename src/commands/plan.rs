//! `specc plan`: what a rollout would do, in order.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use compiler::plan::file::PlanFile;
use compiler::plan::{Plan, print};

use crate::cli::CellArguments;
use crate::cluster::{self, AccessArguments, Pins, Target};
use crate::error::{Error, Exit};
use crate::files;
use crate::output::Output;
use crate::{paths, spec};

/// Which cell, and in which form.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc plan specs/mini-program --environment prod
  specc plan specs/mini-program --environment prod --format dot | dot -Tsvg > plan.svg
  specc plan specs/mini-program --environment prod -o plan.json --against-cluster
  specc apply plan.json

A plan file holds the plan with its objects, the identity of the cluster as far as it is known, the
version of specc and a digest over all of it. It is no signature: whoever may change the file can
give it a digest that fits. It holds no value of a Secret, since specs only refer to them.")]
pub struct Arguments {
    #[command(flatten)]
    cell: CellArguments,
    /// Write a plan file that `specc apply` takes, instead of printing the plan
    #[arg(short, long, value_name = "FILE.json", value_parser = plan_file, conflicts_with = "format")]
    output: Option<PathBuf>,
    /// Look at what the cluster holds, so that the apply is refused if that has moved meanwhile
    #[arg(long, requires = "output")]
    against_cluster: bool,
    #[command(flatten)]
    access: AccessArguments,
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

/// Plans the cell, and prints the plan or writes its file.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let Some(plan) = cluster::planned(&arguments.cell, output)? else { return Ok(Exit::Failed) };
    if let Some(path) = &arguments.output {
        let file = file(plan, arguments, output)?;
        let failed = |source| Error::File { doing: "cannot write", path: path.clone(), source };
        files::replace(path, &file.text()).map_err(failed)?;
        let (known, held) = (file.identity.is_some(), file.base.is_some());
        output.say(match (known, held) {
            (_, true) => "it is applied only while the cluster holds what it holds at this moment\n",
            (true, false) => "it is applied only to the cluster that the spec was applied to\n",
            (false, false) => "it is applied to whatever cluster its context leads to\n",
        });
        return Ok(Exit::Fine);
    }
    let text = match arguments.format {
        Form::Text => print::text(&plan),
        Form::Json => format!("{:#}\n", print::json(&plan)),
        Form::Dot => print::dot(&plan),
        Form::Mermaid => print::mermaid(&plan),
    };
    output.data(&text)?;
    Ok(Exit::Fine)
}

/// The plan with the identity of its cluster and, if that is asked for, with what the cluster holds.
fn file(plan: Plan, arguments: &Arguments, output: &mut Output) -> Result<PlanFile, Error> {
    let folder = spec::folder(&arguments.cell.spec)?;
    if !arguments.against_cluster {
        let identity = Pins::read(&folder)?.of(&plan.cluster).cloned();
        return Ok(PlanFile { plan, identity, base: None });
    }
    cluster::block_on(async {
        let (cluster, _) =
            cluster::connect(&Target::of_spec(plan.clone(), folder), &arguments.access, output).await?;
        let base = runtime::base(&cluster, &plan).await?;
        Ok(PlanFile { identity: Some(cluster.identity), plan, base: Some(base) })
    })
}

/// Commands tell a plan file from a spec by its ending.
fn plan_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if paths::is_plan(&path) { Ok(path) } else { Err("the name of a plan file ends in .json".to_owned()) }
}
