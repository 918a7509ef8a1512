//! `specc list`: what runs where, and what differs between environments and tenants.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use compiler::app::Cell;
use compiler::check::Checked;
use compiler::difference::{Difference, differences};
use compiler::lower::lower;
use compiler::object::{Bundle, Object};
use serde_json::{Value, json};

use crate::error::{Error, Exit};
use crate::output::Output;
use crate::spec;

/// Characters of a value in a table; JSON has all of it.
const VALUE_CHARACTERS_MAX: usize = 60;
/// Tenants that are named as exceptions, rather than all the others as the rule.
const EXCEPTIONS_MAX: usize = 3;

/// Which spec, and in which form.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc list specs/mini-program
  specc list specs/mini-program --diff
  specc list specs/mini-program --diff --environment prod
  specc list specs/mini-program --format json | jq -r '.[].namespace'

With --diff, the objects of all cells are compared as they would be applied: each field that is
not the same everywhere, with its values and the cells that have them. Namespaces, revisions and
hashes are left out.")]
pub struct Arguments {
    /// The folder with the spec's documents, or one file in it
    #[arg(default_value = ".", value_name = "PATH")]
    spec: PathBuf,
    /// Only what differs
    #[arg(long)]
    diff: bool,
    /// Only one environment
    #[arg(short, long)]
    environment: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Text,
    Json,
}

/// Lists the cells, or compares them.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let spec = spec::load(&arguments.spec)?;
    let Some(checked) = spec.passed(output) else { return Ok(Exit::Failed) };
    let wanted = |cell: &&Cell| arguments.environment.as_ref().is_none_or(|name| cell.environment == *name);
    let cells: Vec<&Cell> = checked.cells().iter().filter(wanted).collect();
    if let (true, Some(environment)) = (cells.is_empty(), &arguments.environment) {
        let mut known: Vec<&str> = checked.cells().iter().map(|cell| cell.environment.as_str()).collect();
        known.dedup();
        return Err(Error::Usage {
            message: format!("application `{}` has no environment `{environment}`", checked.name()),
            hint: format!("it has {}", known.join(", ")),
        });
    }
    let bundles: Vec<Bundle> = cells.iter().map(|cell| lower(checked, cell)).collect();
    if !arguments.diff {
        output.data(&match arguments.format {
            Form::Text => table(&rows(checked, &cells, &bundles)),
            Form::Json => format!("{:#}\n", matrix(checked, &cells, &bundles)),
        })?;
        return Ok(Exit::Fine);
    }
    let found = differences(&bundles);
    output.data(&match arguments.format {
        Form::Text => compared(&found, checked, &cells),
        Form::Json => format!("{:#}\n", differing(&found, checked, &cells)),
    })?;
    let differ = format!("{} between", spec::plural(found.len(), "difference"));
    output.say(&format!("{differ} {}\n", spec::plural(cells.len(), "cell")));
    Ok(Exit::Fine)
}

/// What a component runs in one cell, as its objects say.
struct Running<'a> {
    component: &'a str,
    kind: &'a str,
    /// The least and the greatest number of pods; `None` for one pod on each node.
    replicas: Option<(u64, u64)>,
    /// Name, image, CPU and memory of each container.
    containers: Vec<[String; 4]>,
}

/// Every component of a cell whose objects hold a pod template, in the order in which they start.
fn running(bundle: &Bundle) -> Vec<Running<'_>> {
    let workload = |object: &Object| -> Option<(Value, Value)> {
        let value = object.value();
        Some((value.pointer("/spec/template/spec/containers")?.clone(), value))
    };
    let mut all = Vec::new();
    for object in &bundle.objects {
        let (Some(component), Some((containers, value))) = (&object.component, workload(object)) else {
            continue;
        };
        let scaled = bundle.objects.iter().filter(|other| other.component.as_ref() == Some(component));
        let bounds = scaled.map(Object::value).find_map(|value| {
            let max = value.pointer("/spec/maxReplicas")?.as_u64()?;
            Some((value.pointer("/spec/minReplicas").and_then(Value::as_u64).unwrap_or(1), max))
        });
        // Kubernetes starts one pod where neither a number nor an autoscaler is written.
        let fixed = value.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1);
        let replicas = (object.kind() != "DaemonSet").then(|| bounds.unwrap_or((fixed, fixed)));
        let text = |value: &Value, pointer: &str| {
            value.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned()
        };
        let container = |value: &Value| {
            ["/name", "/image", "/resources/requests/cpu", "/resources/requests/memory"]
                .map(|pointer| text(value, pointer))
        };
        let containers = containers.as_array().into_iter().flatten().map(container).collect();
        all.push(Running { component, kind: object.kind(), replicas, containers });
    }
    all
}

fn rows(checked: &Checked, cells: &[&Cell], bundles: &[Bundle]) -> Vec<Vec<String>> {
    let head = [
        "ENVIRONMENT",
        "TENANT",
        "CLUSTER",
        "NAMESPACE",
        "COMPONENT",
        "KIND",
        "REPLICAS",
        "CPU",
        "MEMORY",
        "IMAGE",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (cell, bundle) in cells.iter().zip(bundles) {
        for running in running(bundle) {
            let replicas = match running.replicas {
                None => "per-node".to_owned(),
                Some((min, max)) if min == max => min.to_string(),
                Some((min, max)) => format!("{min}..{max}"),
            };
            let each = |at: usize| {
                let texts: Vec<&str> =
                    running.containers.iter().map(|container| container[at].as_str()).collect();
                texts.join("+")
            };
            rows.push(vec![
                cell.environment.clone(),
                cell.tenant.clone().unwrap_or_else(|| "-".to_owned()),
                checked.cluster(cell).name.value.clone(),
                cell.namespace.clone(),
                running.component.to_owned(),
                running.kind.to_owned(),
                replicas,
                each(2),
                each(3),
                each(1),
            ]);
        }
    }
    rows
}

/// Columns of equal width, two spaces apart, nothing after the last.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let padded: Vec<String> =
            row.iter().zip(&widths).map(|(text, &width)| format!("{text:width$}")).collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn matrix(checked: &Checked, cells: &[&Cell], bundles: &[Bundle]) -> Value {
    let container = |[name, image, cpu, memory]: &[String; 4]| json!({ "name": name, "image": image, "cpu": cpu, "memory": memory });
    let component = |running: &Running| {
        json!({
            "name": running.component,
            "kind": running.kind,
            "replicas": running.replicas.map(|(min, max)| json!({ "min": min, "max": max })),
            "containers": running.containers.iter().map(container).collect::<Vec<_>>(),
        })
    };
    let cell = |(cell, bundle): (&&Cell, &Bundle)| {
        json!({
            "cell": cell.title(Some(checked.platform())),
            "environment": cell.environment,
            "tenant": cell.tenant,
            "cluster": checked.cluster(cell).name.value,
            "namespace": cell.namespace,
            "components": running(bundle).iter().map(component).collect::<Vec<_>>(),
        })
    };
    cells.iter().zip(bundles).map(cell).collect()
}

fn differing(differences: &[Difference], checked: &Checked, cells: &[&Cell]) -> Value {
    let one = |(value, indices): &(Option<Value>, Vec<usize>)| {
        let titles = indices.iter().map(|&index| cells[index].title(Some(checked.platform())));
        json!({ "value": value, "cells": titles.collect::<Vec<_>>() })
    };
    let line = |difference: &Difference| {
        json!({
            "component": difference.component,
            "kind": difference.kind,
            "name": difference.name,
            "field": difference.field,
            "values": difference.values.iter().map(one).collect::<Vec<_>>(),
        })
    };
    differences.iter().map(line).collect()
}

/// A block for each component, in it one for each field, in it a line for each value with the cells that have it.
fn compared(differences: &[Difference], checked: &Checked, cells: &[&Cell]) -> String {
    let mut text = String::new();
    let mut before = None;
    for difference in differences {
        if before != Some(&difference.component) {
            text.push_str(if text.is_empty() { "" } else { "\n" });
            text.push_str(&match &difference.component {
                Some(component) => format!("component {component}\n"),
                None => "the cell itself\n".to_owned(),
            });
            before = Some(&difference.component);
        }
        let own = difference.component.as_ref() == Some(&difference.name);
        let name = if own { String::new() } else { format!("/{}", difference.name) };
        text.push_str(format!("  {}{name} {}", difference.kind, difference.field).trim_end());
        text.push('\n');
        let rows: Vec<Vec<String>> = difference
            .values
            .iter()
            .map(|(value, indices)| {
                vec![format!("    {}", shown(difference, value.as_ref())), named(indices, checked, cells)]
            })
            .collect();
        text.push_str(&table(&rows));
    }
    text
}

/// A value in one line: of a text of several lines only those that another cell does not have.
fn shown(difference: &Difference, value: Option<&Value>) -> String {
    let text = match value {
        None if difference.field.is_empty() => "absent".to_owned(),
        Some(_) if difference.field.is_empty() => "present".to_owned(),
        None => "-".to_owned(),
        Some(Value::String(text)) if text.trim_end().contains('\n') => {
            let others = || difference.values.iter().filter_map(|(value, _)| value.as_ref()?.as_str());
            let everywhere = |line: &str| others().all(|other| other.lines().any(|known| known == line));
            let own: Vec<String> = text
                .lines()
                .filter(|line| !everywhere(line))
                .map(|line| line.escape_debug().to_string())
                .collect();
            format!("{} lines: {}", text.lines().count(), own.join(" | "))
        }
        Some(Value::String(text)) if text.is_empty() => "\"\"".to_owned(),
        Some(Value::String(text)) => text.trim_end().escape_debug().to_string(),
        Some(other) => other.to_string(),
    };
    if text.chars().count() <= VALUE_CHARACTERS_MAX {
        return text;
    }
    text.chars().take(VALUE_CHARACTERS_MAX - 1).chain(['…']).collect()
}

/// Cells in as few words as say it: `test, prod/* (but merchant-a)`.
fn named(indices: &[usize], checked: &Checked, cells: &[&Cell]) -> String {
    let place = |cell: &Cell| {
        let elsewhere =
            |other: &&&Cell| other.environment == cell.environment && other.cluster != cell.cluster;
        let several = cells.iter().find(elsewhere).is_some();
        let cluster = if several { format!("@{}", checked.cluster(cell).name.value) } else { String::new() };
        (cell.environment.clone(), cluster)
    };
    let mut places: Vec<(String, String)> = Vec::new();
    for &index in indices {
        if !places.contains(&place(cells[index])) {
            places.push(place(cells[index]));
        }
    }
    let one = |wanted: (String, String)| {
        let (mut inside, mut outside): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for (index, cell) in cells.iter().enumerate().filter(|(_, cell)| place(cell) == wanted) {
            let side = if indices.contains(&index) { &mut inside } else { &mut outside };
            side.extend(cell.tenant.as_deref());
        }
        let (environment, cluster) = wanted;
        match (inside.as_slice(), outside.as_slice()) {
            ([], _) => format!("{environment}{cluster}"),
            ([_, _, ..], []) => format!("{environment}/*{cluster}"),
            (many, few) if few.len() <= EXCEPTIONS_MAX && few.len() < many.len() && !few.is_empty() => {
                format!("{environment}/*{cluster} (but {})", few.join(", "))
            }
            (tenants, _) => {
                let all: Vec<String> =
                    tenants.iter().map(|tenant| format!("{environment}/{tenant}{cluster}")).collect();
                all.join(", ")
            }
        }
    };
    places.into_iter().map(one).collect::<Vec<_>>().join(", ")
}
