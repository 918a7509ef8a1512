//! `specc explain`: what a diagnostic code or a kind of object means.

use clap::Args;
use compiler::app::{RUNTIMES, Runtime, RuntimeDefaults};
use compiler::diag::{Rule, Severity};
use compiler::lower::{KINDS, Kind};
use compiler::resolve::form::nearest;
use compiler::resolve::schema::{ArgumentCount, NodeType, ROOT};
use compiler::rules;
use simulator::mechanism::{Mechanism, Number};
use simulator::model::MECHANISMS;
use simulator::world::{ACK_DOCS, ARTICLE_2020};

use crate::error::{Error, Exit};
use crate::output::Output;

/// What to explain.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc explain S0302
  specc explain eci-not-allowed
  specc explain Deployment
  specc explain app.component.scale
  specc explain java
  specc explain autoscaler
  specc explain trace
  specc explain                     lists everything that can be explained")]
pub struct Arguments {
    /// A code, a rule's name, a kind of object, a node's path, a runtime, a mechanism or `trace`; everything there is without one
    code: Option<String>,
}

/// What `simulate` writes of a run.
const TRACE: &str = "trace";

/// Prints what is known of it.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let text = match &arguments.code {
        None => everything(),
        Some(wanted) => one(wanted)?,
    };
    output.data(&text)?;
    let spellings = arguments.code.as_deref().map(spellings).unwrap_or_default();
    if let [one, other] = spellings.as_slice() {
        output.say(&format!("hint: `specc explain {one}` and `specc explain {other}` differ\n"));
    }
    Ok(Exit::Fine)
}

fn one(wanted: &str) -> Result<String, Error> {
    // Where letters of another size mean something else, those that were written count.
    let is_name = spellings(wanted).contains(&wanted);
    let fits = |name: &str| name == wanted || !is_name && name.eq_ignore_ascii_case(wanted);
    let rule = rules().find(|rule| fits(rule.code) || fits(rule.name)).map(explained);
    let kind = KINDS.iter().find(|kind| fits(kind.name));
    let nodes = nodes();
    let node = nodes.iter().find(|(path, _)| path == wanted);
    let runtime = Runtime::named(wanted).map(|runtime| language(runtime.defaults()));
    let runtimes = (wanted == "app.component.runtime").then(languages);
    let mechanism = MECHANISMS.iter().find(|mechanism| fits(mechanism.name));
    let mechanism = mechanism.map(|mechanism| simulated(mechanism));
    let kind = kind.map(|kind| described(kind));
    let node = node.map(|(path, node)| written(path, node));
    let trace = (wanted == TRACE).then(simulator::report::docs);
    let found = rule.or(kind).or(node).or(runtime).or(runtimes).or(mechanism).or(trace);
    found.ok_or_else(|| {
        let mut known: Vec<&str> = names().collect();
        known.extend(nodes.iter().map(|(path, _)| path.as_str()));
        Error::Usage {
            message: format!(
                "`{wanted}` is neither a code, nor a kind, nor a node of the language, nor a runtime, nor a mechanism"
            ),
            hint: match nearest(wanted, known.into_iter()) {
                Some(near) => format!("did you mean `{near}`? `specc explain` lists all"),
                None => "`specc explain` lists all".to_owned(),
            },
        }
    })
}

/// Every node of the language by its path, such as `app.component.scale`.
fn nodes() -> Vec<(String, &'static NodeType)> {
    fn visit(parent: &str, node: &'static NodeType, nodes: &mut Vec<(String, &'static NodeType)>) {
        for child in node.children {
            let path =
                if parent.is_empty() { child.name.to_owned() } else { format!("{parent}.{}", child.name) };
            // What may stand in an override is what may stand in the component itself.
            if path.starts_with("app.environment") && child.name == "component" {
                continue;
            }
            if !child.is_field() {
                nodes.push((path.clone(), child));
                visit(&path, child, nodes);
            }
        }
    }
    let mut nodes = Vec::new();
    visit("", &ROOT, &mut nodes);
    nodes
}

fn written(path: &str, node: &NodeType) -> String {
    let mut text = format!("# {path}\n\n{}\n", node.docs);
    for argument in node.arguments {
        let count = match argument.count {
            ArgumentCount::One => "",
            ArgumentCount::Optional => ", if any",
            ArgumentCount::Several => ", one or more",
        };
        text.push_str(&format!("\n- its {}{count}: {}", argument.name, argument.form.describe()));
    }
    for child in node.children {
        let form = match child.arguments {
            [argument] if child.is_field() => format!(" ({})", argument.form.describe()),
            _ => String::new(),
        };
        text.push_str(&format!("\n- `{}`{form}: {}", child.name, child.docs));
    }
    text.push('\n');
    text
}

/// Every rule of every stage.
fn rules() -> impl Iterator<Item = &'static Rule> {
    rules::ALL.iter().chain(simulator::rules::ALL).copied()
}

fn names() -> impl Iterator<Item = &'static str> {
    let runtimes = RUNTIMES.iter().map(|defaults| defaults.runtime.name());
    let mechanisms = MECHANISMS.iter().map(|mechanism| mechanism.name);
    let kinds = KINDS.iter().map(|kind| kind.name);
    let others = runtimes.chain(mechanisms).chain([TRACE]);
    rules().flat_map(|rule| [rule.code, rule.name]).chain(kinds).chain(others)
}

/// The names that are a word in letters of any size: `Service` is a kind, and `service` a mechanism.
fn spellings(word: &str) -> Vec<&'static str> {
    names().filter(|name| name.eq_ignore_ascii_case(word)).collect()
}

fn everything() -> String {
    let rules = rules().map(|rule| format!("{}  {}\n", rule.code, rule.name));
    let kinds = KINDS.iter().map(|kind| format!("kind   {}\n", kind.name));
    let nodes = nodes();
    let nodes = nodes.iter().map(|(path, _)| format!("node   {path}\n"));
    let runtimes = RUNTIMES.iter().map(|defaults| format!("runtime  {}\n", defaults.runtime.name()));
    let mechanisms = MECHANISMS.iter().map(|mechanism| format!("mechanism  {}\n", mechanism.name));
    let trace = [format!("file   {TRACE}\n")];
    rules.chain(kinds).chain(nodes).chain(runtimes).chain(mechanisms).chain(trace).collect()
}

fn explained(rule: &Rule) -> String {
    let severity = match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    format!("# {} {} ({severity})\n\n{}", rule.code, rule.name, rule.docs)
}

/// What specc takes for granted of every language.
fn languages() -> String {
    let all: Vec<String> = RUNTIMES.iter().map(language).collect();
    format!(
        "The language that a component is written in: how long it may take to start and to stop, unless told, and what \
         its connections and names do.\n\n{}",
        all.join("\n")
    )
}

fn language(defaults: &RuntimeDefaults) -> String {
    let seconds = |ns: u64| ns / 1_000_000_000;
    format!(
        "# runtime {}\n\n- names: {}\n- connections: {}\n- start: a startup probe waits for {} s\n- stop: {} s; {}\n- \
         source: {}\n",
        defaults.runtime.name(),
        defaults.name_cache,
        defaults.pooling,
        seconds(defaults.start_ns),
        seconds(defaults.stop_ns),
        defaults.stop,
        defaults.source
    )
}

fn described(kind: &Kind) -> String {
    format!("# {}\n\n{}\n\nReady when {}.\n", kind.name, kind.docs, kind.ready)
}

fn simulated(mechanism: &Mechanism) -> String {
    let number = |number: &Number| {
        let (usual, of_2020) = ((number.value)(&ACK_DOCS), (number.value)(&ARTICLE_2020));
        let other =
            if usual == of_2020 { String::new() } else { format!("; in `article-2020` {of_2020}, assumed") };
        format!("\n- {}: {usual} ({}){other}", number.name, number.source)
    };
    let numbers: String = mechanism.defaults.iter().map(number).collect();
    let table =
        if numbers.is_empty() { String::new() } else { format!("\nIn profile `ack-docs`:\n{numbers}\n") };
    format!("# mechanism {}\n\n{}\n{table}", mechanism.name, mechanism.docs)
}
