//! `specc apply`: roll a cell out on its cluster, up to the end or the first pause.

use clap::Args;
use runtime::{Change, Interrupt, Options, Preview};

use crate::cli::TargetArguments;
use crate::cluster::{self, AccessArguments};
use crate::error::{Error, Exit};
use crate::output::Output;

/// Which cell, on which cluster, and what is allowed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc apply specs/mini-program --environment prod --dry-run
  specc apply specs/mini-program --environment prod
  specc rollout resume specs/mini-program --environment prod
  specc apply plan.json

An apply may be stopped at any time, and goes on where it stood when it is given again.

A plan file is applied as it is, without its spec. It is refused if it was changed, if it is of
another cluster, and, where it was made with --against-cluster, if an object or a component has
moved since by anything but this plan.")]
pub struct Arguments {
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    access: AccessArguments,
    /// Take over objects that specc did not make, and fields that others own
    #[arg(long)]
    adopt: bool,
    /// Release in a time in which the platform lets nothing be released; the reason is kept in the record
    #[arg(long, value_name = "REASON", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    override_freeze: Option<String>,
    /// Only print what would be done
    #[arg(long)]
    dry_run: bool,
}

/// Applies the cell.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let Some(target) = cluster::target(&arguments.target, output)? else { return Ok(Exit::Failed) };
    let plan = &target.plan;
    cluster::block_on(async {
        let interrupt = Interrupt::on_signals();
        let (cluster, pins) = cluster::connect(&target, &arguments.access, output).await?;
        let options = Options {
            adopt: arguments.adopt,
            override_freeze: arguments.override_freeze.clone(),
            base: target.base.clone(),
        };
        let ready = runtime::prepare(&cluster, plan, options).await?;
        for (component, freeze) in &ready.frozen {
            let (name, until) = (&freeze.name, &freeze.to);
            output.say(&format!(
                "warning: component `{component}` is released in the freeze `{name}`, which ends at {until}\n"
            ));
        }
        if arguments.dry_run {
            output.data(&text(&runtime::preview(&ready).await?))?;
            return Ok(Exit::Fine);
        }
        if let Some(pins) = pins {
            pins.pin(plan, &cluster)?;
        }
        let mut tell = |event| output.say(&cluster::line(&event).unwrap_or_default());
        let ends = runtime::apply(&ready, &interrupt, &mut tell).await?;
        Ok(cluster::conclude(&ends, &arguments.target, &arguments.access, output))
    })
}

fn text(preview: &Preview) -> String {
    if preview.is_empty() {
        return "nothing to change\n".to_owned();
    }
    let mut text = String::new();
    for (object, change, fields) in preview.objects.iter().filter(|(_, change, _)| *change != Change::Same) {
        text.push_str(&format!("{} {object}\n", cluster::verb(*change)));
        for field in fields {
            text.push_str(&format!("  {field}\n"));
        }
    }
    for (component, next) in &preview.rollouts {
        text.push_str(&format!("{component}: {next}\n"));
    }
    text
}
