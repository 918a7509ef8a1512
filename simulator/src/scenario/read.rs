//! Reads a scenario from its node, and checks its shape and what it means.

mod calls;
mod distribution;
mod faults;
mod measured;
mod nothing;
mod table;
mod trace;
mod traffic;

use std::collections::BTreeMap;
use std::io::BufRead;

use compiler::app::{Cell, Freeze, FreezeMode};
use compiler::check::Checked;
use compiler::diag::Diagnostics;
use compiler::document::{Node, Value};
use compiler::resolve::form;
use compiler::resolve::quantity::{self, Bound, BoundUnit};
use compiler::source::{Sources, Span};

use super::{Client, Detail, Objective, Release, Scenario, Service, WarmUp, default};
use crate::engine::random::Duration;
use crate::rules;

/// An open file: how people name it, and what it holds.
pub type Opened = (String, Box<dyn BufRead>);

/// The files that scenarios refer to.
pub struct Files<'a> {
    /// Opens the file of a path as it is written; `None` if it cannot be read.
    pub open: &'a mut dyn FnMut(&str) -> Option<Opened>,
    /// Takes the lines that diagnostics point at.
    pub sources: &'a mut Sources,
}

/// [`resolve_with`] without any file.
pub fn resolve(node: &Node, checked: &Checked, diagnostics: &mut Diagnostics) -> Option<Scenario> {
    let (mut open, mut sources) = (|_: &str| None, Sources::default());
    let mut files = Files { open: &mut open, sources: &mut sources };
    resolve_with(node, checked, &mut files, diagnostics)
}

/// The scenario of a `scenario` node; `None` if anything is wrong with it.
pub fn resolve_with(
    node: &Node,
    checked: &Checked,
    files: &mut Files,
    diagnostics: &mut Diagnostics,
) -> Option<Scenario> {
    compiler::resolve::check_scenario(node, diagnostics);
    let mut reader = Reader { node, files, diagnostics, from_ns: 0, duration_ns: 0 };
    let scenario = reader.scenario(checked);
    let clean = !diagnostics.has_errors();
    scenario.filter(|_| clean)
}

struct Reader<'a, 'f> {
    node: &'a Node,
    files: &'a mut Files<'f>,
    diagnostics: &'a mut Diagnostics,
    from_ns: i64,
    duration_ns: u64,
}

impl<'a> Reader<'a, '_> {
    fn scenario(&mut self, checked: &Checked) -> Option<Scenario> {
        let node = self.node;
        let from = self.needed(node, "from", "\"2026-11-10T23:50:00+08:00\"").and_then(Value::as_text);
        let length = self.needed(node, "duration", "\"40m\"");
        let cell = self.cell(checked);
        self.from_ns = from.and_then(quantity::timestamp_ns)?;
        self.duration_ns = length.and_then(form::duration_ns)?;
        if !(1..=default::DURATION_MAX_NS).contains(&self.duration_ns) {
            self.diagnostics.push(rules::run_too_long::found(length?.span));
        }
        let cell = cell?;
        let known: Vec<&str> =
            cell.components.iter().map(|component| component.name.value.as_str()).collect();
        self.only_calls_onward();
        let seed = value(node, "seed").and_then(form::integer).and_then(|seed| u64::try_from(seed).ok());
        let scenario = Scenario {
            name: node.identity().unwrap_or_default().to_owned(),
            app: cell.app.clone(),
            environment: cell.environment.clone(),
            tenant: cell.tenant.clone(),
            cluster: checked.cluster(cell).name.value.clone(),
            from_ns: self.from_ns,
            duration_ns: self.duration_ns,
            seed: seed.unwrap_or(default::SEED),
            detail: value(node, "detail")
                .and_then(Value::as_text)
                .and_then(Detail::from_word)
                .unwrap_or_default(),
            traffic: node.children_named("traffic").filter_map(|child| self.traffic(child, &known)).collect(),
            services: node
                .children_named("service")
                .filter_map(|child| self.service(child, &known))
                .collect(),
            clients: self.clients(&known),
            metrics: self.metrics(&known),
            faults: self.faults(),
            releases: node
                .children_named("release")
                .filter_map(|child| self.release(child, &known))
                .collect(),
            objective: node.child("objective").map(objective).unwrap_or_default(),
        };
        self.only_something(&scenario);
        let environment = checked.platform().environment(&cell.environment);
        for freeze in environment.iter().flat_map(|known| &known.freezes) {
            self.freeze(freeze);
        }
        if node.child("traffic").is_none() {
            self.diagnostics.push(rules::missing_field::found(
                node,
                "traffic",
                "\"web\" { base per-second=100; }",
            ));
        }
        Some(scenario)
    }

    /// The one cell that the scenario names.
    fn cell<'c>(&mut self, checked: &'c Checked) -> Option<&'c Cell> {
        let node = self.node;
        let app = self.needed(node, "app", "\"shop\"").and_then(Value::as_text);
        let environment = self.needed(node, "environment", "\"prod\"");
        let (app, environment) = (app?, environment?);
        let optional = |key| value(node, key).and_then(Value::as_text);
        let (tenant, cluster) = (optional("tenant"), optional("cluster"));
        let fits = |cell: &&Cell| {
            cell.app == app
                && Some(cell.environment.as_str()) == environment.as_text()
                && tenant.is_none_or(|tenant| cell.tenant.as_deref() == Some(tenant))
                && cluster.is_none_or(|cluster| checked.cluster(cell).name.value == cluster)
        };
        let mut found: Vec<&Cell> = checked.cells().iter().filter(fits).collect();
        // Beside tenants, an environment without a word about one is its default tenant.
        if tenant.is_none() && found.iter().any(|cell| cell.tenant.is_none()) {
            found.retain(|cell| cell.tenant.is_none());
        }
        if let [cell] = found.as_slice() {
            return Some(cell);
        }
        let mut asked = format!("environment `{}` of `{app}`", environment.as_text().unwrap_or_default());
        for (what, name) in [("tenant", tenant), ("cluster", cluster)] {
            asked.push_str(&name.map(|name| format!(", {what} `{name}`")).unwrap_or_default());
        }
        let titles = checked.cells().iter().map(|cell| cell.title(Some(checked.platform())));
        let titles: Vec<String> = titles.collect();
        self.diagnostics.push(rules::unknown_cell::found(&asked, environment.span, &titles, found.len()));
        None
    }

    fn service(&mut self, node: &'a Node, known: &[&str]) -> Option<Service> {
        let component = self.component(node.values.first(), known)?;
        self.needed(node, "cpu", "\"5ms\"");
        // All of it is read before anything is given up, so that every mistake is found.
        let cpu = node.child("cpu").and_then(|cpu| self.time_of(cpu));
        let wait = node.child("wait").map_or(Some(Duration::Constant(0)), |wait| self.time_of(wait));
        let warm_up = node.child("warm-up").and_then(|warm_up| self.warm_up(warm_up));
        let calls = self.calls(node, known);
        let count = |key, default| {
            let written = value(node, key).and_then(form::integer);
            written.and_then(|count| u32::try_from(count).ok()).unwrap_or(default)
        };
        Some(Service {
            component,
            cpu: cpu?,
            wait: wait?,
            concurrency: count("concurrency", default::CONCURRENCY),
            queue: count("queue", default::QUEUE),
            start_ns: value(node, "start").and_then(form::duration_ns).unwrap_or(default::START_NS),
            warm_up,
            image_bytes: value(node, "image-size").and_then(form::memory_bytes),
            drops_abandoned: value(node, "drop-abandoned").is_some_and(Value::is_true),
            memory: measured::memory(node),
            calls,
        })
    }

    fn warm_up(&mut self, node: &'a Node) -> Option<WarmUp> {
        let for_ns = self.needed(node, "for", "\"30s\"").and_then(form::duration_ns);
        let times = self.needed(node, "times", "3").and_then(form::number);
        let (for_ns, times) = (for_ns?, times?);
        if times < 1.0 {
            self.diagnostics.push(rules::impossible_time::warm_up(node.span));
        }
        Some(WarmUp { for_ns, times })
    }

    fn clients(&mut self, known: &[&str]) -> Vec<Client> {
        let mut first: BTreeMap<String, Span> = BTreeMap::new();
        let mut clients = Vec::new();
        for node in self.node.children_named("client") {
            let Some(of) = self.needed(node, "of", "\"web\"").and_then(|of| self.component(Some(of), known))
            else {
                continue;
            };
            if let Some(first) = first.get(&of) {
                self.diagnostics.push(rules::second_client::found(&of, node.span, *first));
                continue;
            }
            first.insert(of.clone(), node.span);
            let name = node.identity().unwrap_or_default().to_owned();
            clients.push(Client { name, of, patience: self.patience(node) });
        }
        clients
    }

    fn release(&mut self, node: &'a Node, known: &[&str]) -> Option<Release> {
        let component = self.component(node.values.first(), known);
        let at = self.needed(node, "at", "\"2026-11-11T00:30:00+08:00\"");
        let image = self.needed(node, "image", "\"registry.example.com/web:2\"").and_then(Value::as_text);
        let at_ns = self.time("release", at?)?;
        let approve = value(node, "approve").and_then(form::duration_ns);
        let approve_ns = approve.unwrap_or(default::APPROVE_NS);
        Some(Release { component: component?, at_ns, image: image?.to_owned(), approve_ns })
    }

    /// No release begins while the platform's environment is frozen.
    fn freeze(&mut self, freeze: &Freeze) {
        for at in self.node.children_named("release").filter_map(|release| value(release, "at")) {
            let at_ns = at.as_text().and_then(quantity::timestamp_ns);
            if at_ns.is_some_and(|at_ns| freeze.holds(at_ns)) {
                self.diagnostics.push(match freeze.mode {
                    FreezeMode::Block => rules::release_in_freeze::found(at.span, freeze),
                    FreezeMode::Warn => rules::release_in_soft_freeze::found(at.span, freeze),
                });
            }
        }
    }

    /// A point in time as nanoseconds since the start of the run.
    fn time(&mut self, what: &str, at: &Value) -> Option<u64> {
        let at_ns = at.as_text().and_then(quantity::timestamp_ns)?;
        let since =
            u64::try_from(at_ns.saturating_sub(self.from_ns)).ok().filter(|at| *at < self.duration_ns);
        if since.is_none() {
            let from = value(self.node, "from").map_or(self.node.span, |from| from.span);
            self.diagnostics.push(rules::time_outside_run::found(what, at.span, from));
        }
        since
    }

    fn component(&mut self, name: Option<&Value>, known: &[&str]) -> Option<String> {
        let (name, span) = name.and_then(|value| Some((value.as_text()?, value.span)))?;
        if !known.contains(&name) {
            self.diagnostics.push(rules::unknown_component::found(name, span, known));
            return None;
        }
        Some(name.to_owned())
    }

    fn needed(&mut self, node: &'a Node, key: &str, example: &str) -> Option<&'a Value> {
        let value = value(node, key);
        if value.is_none() {
            self.diagnostics.push(rules::missing_field::found(node, key, example));
        }
        value
    }
}

fn value<'n>(node: &'n Node, key: &str) -> Option<&'n Value> {
    node.child(key)?.values.first()
}

fn objective(node: &Node) -> Objective {
    let bound = |key, unit| -> Option<Bound> { quantity::bound(value(node, key)?.as_text()?, unit) };
    Objective {
        success: bound("success", BoundUnit::Percent),
        p99: bound("p99", BoundUnit::Duration),
        cost: bound("cost", BoundUnit::Money),
    }
}
