//! `specc diff`: what an apply would change, as a patch of YAML.

use clap::Args;
use compiler::object::ObjectKey;
use runtime::{Difference, ObjectDifference, Options};
use serde_json::Value;
use similar::TextDiff;

use crate::cli::TargetArguments;
use crate::cluster::{self, AccessArguments};
use crate::error::{Error, Exit};
use crate::output::Output;
use crate::spec::plural;

/// Which cell, on which cluster, and what an apply would be allowed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc diff specs/mini-program --environment prod
  specc diff specs/mini-program --environment prod > change.patch || test $? -eq 1

The cluster is asked by dry runs of the apply, and nothing is written. A new revision is compared
with the one that serves, other new objects are shown whole, and so is what specc made in the cell
and the spec does not have. Counts and bounds are shown as the component's release, since
autoscalers and rollouts own them in objects. Values of environment variables and of Secrets are
never shown: where they are not the same, there is (differs). A rollout that is not over is a
difference too.

Exit codes: 0 no difference, 1 a difference, or a mistake in the spec; 3 the cluster cannot be
asked, or would refuse the apply.")]
pub struct Arguments {
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    access: AccessArguments,
    /// Compare as if objects that specc did not make, and fields that others own, were taken over
    #[arg(long)]
    adopt: bool,
}

/// Compares the cell with its cluster.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let Some(target) = cluster::target(&arguments.target, output)? else { return Ok(Exit::Failed) };
    let plan = &target.plan;
    cluster::block_on(async {
        let (cluster, _) = cluster::connect(&target, &arguments.access, output).await?;
        // A freeze stands against an apply, and not against a look.
        let options = Options { adopt: arguments.adopt, override_freeze: Some(String::new()), base: None };
        let ready = runtime::prepare(&cluster, plan, options).await?;
        for (component, freeze) in &ready.frozen {
            let (name, until) = (&freeze.name, &freeze.to);
            output.say(&format!(
                "component `{component}` would be released in the freeze `{name}`, which ends at {until}\n"
            ));
        }
        let difference = runtime::difference(ready).await?;
        if !difference.unseen.is_empty() {
            let kinds = difference.unseen.join(", ");
            output.say(&format!("not looked for, since your user may not list them: {kinds}\n"));
        }
        if difference.is_empty() {
            output.say("no difference\n");
            return Ok(Exit::Fine);
        }
        output.data(&text(&difference))?;
        let objects = plural(difference.objects.len(), "object");
        output.say(&format!("{objects} would change or is left over\n"));
        Ok(Exit::Failed)
    })
}

/// A patch, in which a line that begins with `#` says what no line of an object does.
fn text(difference: &Difference) -> String {
    let mut text = String::new();
    for (component, next) in &difference.rollouts {
        text.push_str(&format!("# {component}: {next}\n"));
    }
    for (component, before, after) in &difference.releases {
        let name = format!("release of {component}");
        text.push_str(&patch((&name, &yaml(before)), (&name, &yaml(after))));
    }
    text.extend(difference.objects.iter().map(object));
    text
}

fn object(difference: &ObjectDifference) -> String {
    let side = |side: &Option<(ObjectKey, Value)>| match side {
        Some((key, value)) => (key.to_string(), yaml(value)),
        None => ("/dev/null".to_owned(), String::new()),
    };
    let ((from, old), (to, new)) = (side(&difference.before), side(&difference.after));
    let remark = difference.remark.iter().map(|remark| format!("# {remark}\n"));
    remark.chain([patch((&from, &old), (&to, &new))]).collect()
}

fn patch((from, old): (&str, &str), (to, new): (&str, &str)) -> String {
    TextDiff::from_lines(old, new).unified_diff().header(from, to).to_string()
}

fn yaml(value: &Value) -> String {
    serde_saphyr::to_string(value).expect("JSON serialises as YAML")
}
