//! The arguments; the doc comments are the help.

use std::path::PathBuf;

use clap::builder::Styles;
use clap::{Args, Parser, Subcommand};

use crate::commands::{
    apply, build, check, completions, delete, diff, explain, fmt, golden, init, list, plan, rbac, rollout,
    schema, simulate, why,
};

/// Check, rehearse and roll out applications on Kubernetes from one description.
#[derive(Debug, Parser)]
#[command(name = "specc", version, styles = Styles::plain(), after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  specc init shop                                         a commented spec to begin with
  specc check specs/mini-program                          every mistake in one run
  specc list specs/mini-program --diff                    what differs between its cells
  specc build specs/mini-program --environment prod       the Kubernetes objects as YAML
  specc plan specs/mini-program --environment prod        what a rollout would do, in order
  specc simulate specs/mini-program/scenario.kdl          rehearse the sale without a cluster
  specc diff specs/mini-program --environment prod        what an apply would change
  specc apply specs/mini-program --environment prod       roll out, up to the first pause
  specc rollout resume specs/mini-program --environment prod
  specc fmt --check specs                                 whether documents are canonical
  specc explain S0302                                     what a code means
  specc why golden/mini-program/prod/Deployment.api.yaml:29    which line made this field

Exit codes: 0 fine, 1 the spec, a rollout or an objective failed, 2 wrong command line,
3 a file, a cluster or the network failed, 4 no answer within the limits,
130 interrupted.";

/// One command each.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented spec to begin with
    Init(init::Arguments),
    /// Find every mistake in one spec or many
    Check(check::Arguments),
    /// Show what runs where, or what differs between its cells
    List(list::Arguments),
    /// Print the Kubernetes objects of one environment
    Build(build::Arguments),
    /// Write or verify the files of every environment and tenant, for reviews
    Golden(golden::Arguments),
    /// Print what a rollout would do, in order
    Plan(plan::Arguments),
    /// Rehearse a scenario without a cluster
    Simulate(simulate::Arguments),
    /// Print what an apply would change on the cluster
    Diff(diff::Arguments),
    /// Roll out on the cluster, up to the end or the first pause
    Apply(apply::Arguments),
    /// See where a rollout stands; pause, resume or abort it
    Rollout(rollout::Arguments),
    /// Print the least rights that a rollout needs, for whoever grants them
    Rbac(rbac::Arguments),
    /// Remove what specc made
    Delete(delete::Arguments),
    /// Write documents in their canonical form
    Fmt(fmt::Arguments),
    /// Print the YAML form as a JSON Schema, for editors
    Schema(schema::Arguments),
    /// Say what a diagnostic code or a kind of object means
    Explain(explain::Arguments),
    /// Say which lines of the documents made a field of an object
    Why(why::Arguments),
    /// Print completions for a shell
    Completions(completions::Arguments),
}

/// Which cell of which spec, or which plan.
#[derive(Args, Debug)]
pub struct TargetArguments {
    /// The folder with the spec's documents, one file in it, or a plan file of `specc plan -o`
    #[arg(default_value = ".", value_name = "SPEC|PLAN")]
    pub place: PathBuf,
    /// The environment; a plan file is of one
    #[arg(short, long)]
    pub environment: Option<String>,
    /// The tenant, where the environment has tenants
    #[arg(short, long)]
    pub tenant: Option<String>,
    /// The cluster, where the environment has several
    #[arg(short, long)]
    pub cluster: Option<String>,
}

/// Which cell of which spec.
#[derive(Args, Debug)]
pub struct CellArguments {
    /// The folder with the spec's documents, or one file in it
    #[arg(default_value = ".")]
    pub spec: PathBuf,
    /// The environment
    #[arg(short, long)]
    pub environment: String,
    /// The tenant, where the environment has tenants
    #[arg(short, long)]
    pub tenant: Option<String>,
    /// The cluster, where the environment has several
    #[arg(short, long)]
    pub cluster: Option<String>,
}
