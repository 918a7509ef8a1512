//! `specc simulate`: rehearse a scenario without a cluster.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueEnum};
use compiler::check::Checked;
use compiler::diag::{Diagnostics, Format, render};
use compiler::document::Node;
use compiler::lower::lower;
use compiler::plan::{Plan, plan};
use signal_hook::consts::{SIGINT, SIGTERM};
use simulator::engine::trace::{Trace, Why};
use simulator::report::{events, json, report, text};
use simulator::scenario::{self, Detail, Scenario};
use simulator::world::World;

use crate::error::{Error, Exit};
use crate::files;
use crate::output::Output;
use crate::spec::{self, Spec};

/// Which scenario, and in which form.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc simulate specs/mini-program/scenario.kdl
  specc simulate specs/mini-program/scenario.kdl --seed 7 --format json
  specc simulate specs/mini-program/scenario.kdl --trace events.tsv

Exit code 1 says that an objective was missed, 4 that the run took as many events as it may. Ctrl-C
ends the run and prints what is known by then, with exit code 130.")]
pub struct Arguments {
    /// The file with the scenario, or the folder that it is in; the other documents are read from the same folder
    scenario: PathBuf,
    /// The scenario's name, where the file has several
    #[arg(long)]
    name: Option<String>,
    /// Another seed than the scenario's
    #[arg(long)]
    seed: Option<u64>,
    /// How much to simulate request by request: what matters of a long run, all of it, or nothing but a window;
    /// `specc explain flow` says how
    #[arg(long, value_parser = ["auto", "requests", "flow"])]
    detail: Option<String>,
    /// Events after which the run ends, so that none lasts for ever
    #[arg(long, value_name = "COUNT", default_value_t = simulator::EVENTS_MAX)]
    events_max: u64,
    /// Write what happened into this file, one event a line; `specc explain trace` says what the columns mean
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Text,
    Json,
}

/// Simulates the scenario, and prints what came of it.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let spec = spec::load(&arguments.scenario)?;
    let Some(checked) = spec.passed(output) else { return Ok(Exit::Failed) };
    let node = find(&spec, arguments)?;
    let folder = spec::folder(&arguments.scenario)?;
    let (mut diagnostics, mut sources) = (Diagnostics::default(), spec.sources.clone());
    let mut open = |path: &str| files::open_below(&folder, path);
    let mut files = scenario::Files { open: &mut open, sources: &mut sources };
    let scenario = scenario::resolve_with(node, checked, &mut files, &mut diagnostics);
    output.say(&render(&diagnostics, &sources, Format::Human { colour: output.colour() }));
    let Some(mut scenario) = scenario else {
        output.say(&format!("{}\n", spec::summary(&diagnostics)));
        return Ok(Exit::Failed);
    };
    scenario.seed = arguments.seed.unwrap_or(scenario.seed);
    let detail = arguments.detail.as_deref().and_then(Detail::from_word);
    scenario.detail = detail.unwrap_or(scenario.detail);
    let trace = simulated(checked, &scenario, arguments.events_max, output)?;
    if let Some(path) = &arguments.trace {
        std::fs::write(path, events(&trace)).map_err(|source| Error::File {
            doing: "cannot write",
            path: path.clone(),
            source,
        })?;
    }
    let report = report(&scenario, &trace);
    let printed = match arguments.format {
        Form::Text => text(&report),
        Form::Json => format!("{:#}\n", json(&report)),
    };
    output.data(&printed)?;
    Ok(match report.cut.map(|cut| cut.why) {
        Some(Why::Stopped) => Exit::Interrupted,
        Some(Why::Events) => {
            output.say(&format!(
                "the run ended after {} events: simulate less traffic or a shorter time, or give more with --events-max\n",
                arguments.events_max
            ));
            Exit::Inconclusive
        }
        None if report.met() => Exit::Fine,
        None => Exit::Failed,
    })
}

fn simulated(
    checked: &Checked,
    scenario: &Scenario,
    events_max: u64,
    output: &Output,
) -> Result<Trace, Error> {
    let stop = interrupted().map_err(|source| Error::Signals { source })?;
    let cell = scenario.cell(checked).expect("a resolved scenario names a cell");
    let objects = lower(checked, cell).objects;
    let world = World::new(checked.cluster(cell));
    let plans: Vec<Plan> =
        scenario.releases.iter().map(|release| released(checked, scenario, release)).collect();
    let bar = output.bar("simulating {wide_bar} {percent:>3}%", 1);
    let trace = simulator::simulate_with(&objects, &world, scenario, &plans, events_max, &mut |progress| {
        bar.set_length(progress.end_ns);
        bar.set_position(progress.now_ns);
        if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bar.finish_and_clear();
    Ok(trace)
}

/// Becomes true when somebody stops the command; a second time ends it at once.
fn interrupted() -> std::io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(
            signal,
            Exit::Interrupted as i32,
            Arc::clone(&stop),
        )?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// The plan of the cell with the release's image.
fn released(checked: &Checked, scenario: &Scenario, release: &scenario::Release) -> Plan {
    let cell = scenario.cell(checked).expect("a resolved scenario names a cell");
    let cell = checked.with_image(cell, &release.component, &release.image);
    let cell = cell.expect("a resolved release names a component");
    plan(checked, &cell, &lower(checked, &cell))
}

/// The one scenario that the arguments name.
fn find<'a>(spec: &'a Spec, arguments: &Arguments) -> Result<&'a Node, Error> {
    let path = &arguments.scenario;
    let mut found: Vec<&Node> = spec.document.named("scenario").collect();
    if path.is_file() {
        found.retain(|node| written_in(spec, node, path));
    }
    let names = |nodes: &[&Node]| -> String {
        let names: Vec<String> =
            nodes.iter().filter_map(|node| node.identity()).map(|n| format!("`{n}`")).collect();
        names.join(", ")
    };
    let all = names(&found);
    if let Some(name) = &arguments.name {
        found.retain(|node| node.identity() == Some(name));
    }
    match (found.as_slice(), all.is_empty()) {
        ([node], _) => Ok(node),
        (_, true) => Err(Error::Usage {
            message: format!("there is no scenario in `{}`", path.display()),
            hint: "name the file that holds one, such as scenario.kdl".to_owned(),
        }),
        ([], false) => Err(Error::Usage {
            message: format!("there is no such scenario in `{}`", path.display()),
            hint: format!("it has {all}"),
        }),
        (_, false) => Err(Error::Usage {
            message: format!("there is more than one scenario in `{}`", path.display()),
            hint: format!("choose with --name: {all}"),
        }),
    }
}

fn written_in(spec: &Spec, node: &Node, path: &Path) -> bool {
    let source = Path::new(&spec.sources.get(node.span.source).path);
    source.file_name() == path.file_name()
}
