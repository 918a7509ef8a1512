//! A plan as text, JSON, DOT and Mermaid.

use k8s_openapi::api::core::v1::Service;
use serde_json::{Value, json};

use super::{Count, Mechanism, Need, Plan, PlannedBatch, PlannedVerification, ReleasePlan};
use crate::app::{BatchSize, FreezeMode, Window};
use crate::object::{Manifest, Object};

/// One step as a person reads it.
struct Step {
    id: String,
    label: String,
    gate: Option<String>,
}

/// The plan as an indented list, top to bottom in the order of doing.
pub fn text(plan: &Plan) -> String {
    let mut text = format!(
        "plan for {} in namespace {}\n\
         (where no revision serves yet, a release begins with its last batch)\n",
        title(plan),
        plan.namespace
    );
    for freeze in &plan.freezes {
        let what = match freeze.mode {
            FreezeMode::Block => "no release begins",
            FreezeMode::Warn => "a release is warned about",
        };
        text.push_str(&format!("freeze {}: {what} from {} to {}\n", freeze.name, freeze.from, freeze.to));
    }
    for (name, after, steps) in groups(plan) {
        text.push_str(&format!("\n{name}"));
        if !after.is_empty() {
            text.push_str(&format!(" after {}", after.join(", ")));
        }
        text.push('\n');
        for step in steps {
            let gate = step.gate.map(|gate| format!("  until {gate}")).unwrap_or_default();
            text.push_str(&format!("  {}{gate}\n", step.label));
        }
    }
    text
}

/// The plan as JSON: the same groups and steps, and the release plans that the drivers follow.
pub fn json(plan: &Plan) -> Value {
    let steps = |steps: Vec<Step>| -> Vec<Value> {
        steps
            .into_iter()
            .map(|step| json!({ "id": step.id, "step": step.label, "until": step.gate }))
            .collect()
    };
    let group = |(name, after, all): (String, Vec<String>, Vec<Step>)| json!({ "name": name, "after": after, "steps": steps(all) });
    json!({
        "app": plan.app,
        "environment": plan.environment,
        "tenant": plan.tenant,
        "cluster": plan.cluster,
        "namespace": plan.namespace,
        "freezes": plan.freezes,
        "groups": groups(plan).into_iter().map(group).collect::<Vec<_>>(),
        "releases": plan.releases,
    })
}

/// The plan as a Graphviz digraph.
pub fn dot(plan: &Plan) -> String {
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut text =
        String::from("digraph plan {\n  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    for (index, (name, _, steps)) in groups(plan).into_iter().enumerate() {
        text.push_str(&format!("  subgraph cluster_{index} {{\n    label={};\n", quote(&name)));
        for step in steps {
            text.push_str(&format!("    {} [label={}];\n", quote(&step.id), quote(&step.label)));
        }
        text.push_str("  }\n");
    }
    for (from, to, gate) in edges(plan) {
        let gate = gate.map(|gate| format!(" [label={}]", quote(&gate))).unwrap_or_default();
        text.push_str(&format!("  {} -> {}{gate};\n", quote(&from), quote(&to)));
    }
    text.push_str("}\n");
    text
}

/// The plan as a Mermaid flowchart.
pub fn mermaid(plan: &Plan) -> String {
    let quote = |text: &str| format!("\"{}\"", text.replace('"', "#quot;"));
    let all = groups(plan);
    let ids: Vec<String> =
        all.iter().flat_map(|(_, _, steps)| steps.iter().map(|step| step.id.clone())).collect();
    let number = |id: &str| ids.iter().position(|known| known == id).unwrap_or_default();
    let mut text = String::from("flowchart TD\n");
    for (index, (name, _, steps)) in all.iter().enumerate() {
        text.push_str(&format!("  subgraph g{index}[{}]\n", quote(name)));
        for step in steps {
            text.push_str(&format!("    s{}[{}]\n", number(&step.id), quote(&step.label)));
        }
        text.push_str("  end\n");
    }
    for (from, to, gate) in edges(plan) {
        let gate = gate.map(|gate| format!("|{}|", quote(&gate))).unwrap_or_default();
        text.push_str(&format!("  s{} -->{gate} s{}\n", number(&from), number(&to)));
    }
    text
}

fn title(plan: &Plan) -> String {
    let tenant = plan.tenant.as_ref().map(|tenant| format!("/{tenant}")).unwrap_or_default();
    format!("{} {}{tenant} on cluster {}", plan.app, plan.environment, plan.cluster)
}

/// The foundation and the components in order, each with what it comes after and its steps.
fn groups(plan: &Plan) -> Vec<(String, Vec<String>, Vec<Step>)> {
    let foundation = plan.foundation.iter().map(|index| apply(&plan.bundle.objects[*index]));
    let mut groups = vec![("foundation".to_owned(), Vec::new(), foundation.collect())];
    for release in &plan.releases {
        let after = release.depends_on.iter().map(|name| format!("component {name}")).collect();
        groups.push((format!("component {}", release.component), after, steps(plan, release)));
    }
    groups
}

/// What of the cluster must be there before anything of the component is made.
fn need(release: &ReleasePlan, need: &Need) -> Step {
    let (name, label, gate) = match need {
        Need::Everywhere(key) => {
            let label = format!("look for {key} in {}", key.namespace.as_deref().unwrap_or_default());
            (key.to_string(), label, "it is available on every node")
        }
        Need::Node { .. } => {
            let labels = need.labels();
            let label = format!("look for a node with {labels}");
            (format!("Node/{labels}"), label, "one is ready and takes pods")
        }
    };
    Step { id: format!("{}/{name}", release.component), label, gate: Some(gate.to_owned()) }
}

/// Whether pods come up only after a cache of names in them does.
fn has_dns_sidecar(object: &Object) -> bool {
    let nameservers = object.pod_spec().and_then(|spec| spec.dns_config?.nameservers);
    nameservers.is_some_and(|servers| servers.first().is_some_and(|first| first == "127.0.0.1"))
}

fn apply(object: &Object) -> Step {
    let key = object.key();
    // What a batch waits for stands at the batch; a load balancer needs pods behind it before it has an address,
    // so that gate stands at the end.
    let revision = matches!(
        object.manifest,
        Manifest::Deployment(_)
            | Manifest::StatefulSet(_)
            | Manifest::DaemonSet(_)
            | Manifest::HorizontalPodAutoscaler(_)
    );
    let gate = (!revision).then(|| "it exists".to_owned());
    Step { id: key.to_string(), label: format!("apply {key}"), gate }
}

/// What a release waits for once every pod is of the new revision.
fn finish(release: &ReleasePlan, object: &Object) -> Option<Step> {
    let Manifest::Service(service) = &object.manifest else { return None };
    let id = format!("{}/finish", release.component);
    balanced(service).then(|| Step {
        id,
        label: format!("finish {}", object.key()),
        gate: Some("its load balancer has an address".to_owned()),
    })
}

fn balanced(service: &Service) -> bool {
    service.spec.as_ref().is_some_and(|spec| spec.type_.as_deref() == Some("LoadBalancer"))
}

fn steps(plan: &Plan, release: &ReleasePlan) -> Vec<Step> {
    let own = |object: &&Object| object.component.as_ref() == Some(&release.component);
    let (last, first): (Vec<&Object>, Vec<&Object>) =
        plan.bundle.objects.iter().filter(own).partition(|object| object.after_release);
    let mut steps: Vec<Step> = release.needs.iter().map(|known| need(release, known)).collect();
    let sidecar = first.iter().any(|object| has_dns_sidecar(object));
    steps.extend(first.iter().map(|object| apply(object)));
    for (index, batch) in release.batches.iter().enumerate() {
        let id = format!("{}/batch-{}", release.component, index + 1);
        let label =
            format!("batch {}: {} on revision {}", index + 1, moved(release, index), release.revision);
        steps.push(Step { id, label, gate: Some(gate(release.mechanism, sidecar)) });
        steps.extend(after_batch(release, index, *batch));
    }
    steps.extend(first.iter().filter_map(|object| finish(release, object)));
    steps.extend(last.iter().map(|object| apply(object)));
    steps.extend(release.windows.iter().enumerate().map(|(index, window)| Step {
        id: format!("{}/window-{}", release.component, index + 1),
        label: in_words(window),
        gate: None,
    }));
    steps
}

/// What ends a batch.
fn gate(mechanism: Mechanism, sidecar: bool) -> String {
    let answering = if sidecar { "their DNS sidecars answer and " } else { "" };
    let gate = match mechanism {
        Mechanism::Deployments => "they are available, and the old ones have made room",
        Mechanism::Partition => "they are ready again",
        Mechanism::Nodes => "their pods are available again",
    };
    format!("{answering}{gate}")
}

/// What a batch moves, in the words of its mechanism.
fn moved(release: &ReleasePlan, index: usize) -> String {
    let last = index + 1 >= release.batches.len();
    let count = match (release.mechanism, release.count) {
        (Mechanism::Nodes, Count::Fixed(1)) => "1 node".to_owned(),
        (Mechanism::Nodes, Count::Fixed(count)) => format!("{count} nodes"),
        (_, Count::Fixed(1)) => "1 replica".to_owned(),
        (_, Count::Fixed(count)) => format!("{count} replicas"),
        (_, Count::Auto(bounds)) => {
            format!("{} to {} replicas, as the autoscaler decides", bounds.min, bounds.max)
        }
    };
    let size = release.batches[index].size;
    match (release.mechanism, release.count) {
        (Mechanism::Nodes, _) if last => format!("every node ({count})"),
        (Mechanism::Nodes, _) => size_of(size, "node"),
        (_, _) if last => format!("every replica ({count}){}", ordinals(release, index)),
        (_, _) => format!("{}{}", size_of(size, "replica"), ordinals(release, index)),
    }
}

/// Down to which member a batch reaches, where members are numbered.
fn ordinals(release: &ReleasePlan, index: usize) -> String {
    match (release.mechanism, release.count) {
        (Mechanism::Partition, Count::Fixed(replicas)) => {
            let partition = replicas - release.batch_target(index, replicas);
            let highest = replicas.saturating_sub(1);
            let reach = if partition == highest {
                format!("member {highest}")
            } else {
                format!("members {highest} down to {partition}")
            };
            format!(", {reach} (partition {partition})")
        }
        (Mechanism::Partition | Mechanism::Deployments | Mechanism::Nodes, _) => String::new(),
    }
}

fn in_words(window: &Window) -> String {
    let Window { from, until, time_zone, replicas } = window;
    format!("window: at least {replicas} replicas from `{from}` until `{until}` in {time_zone}")
}

/// What comes between a batch and the next: a look, the verifications, and a person.
fn after_batch(release: &ReleasePlan, index: usize, batch: PlannedBatch) -> Vec<Step> {
    let id = |what: &str| format!("{}/{what}-{}", release.component, index + 1);
    let seconds = batch.wait_ns / 1_000_000_000;
    let verified = verified(release, id("verify-batch"));
    // Where a person and nothing else comes after the batch, the time passes while the person looks.
    let alone = batch.pause && verified.is_none();
    let look = (seconds > 0 && !alone).then(|| Step {
        id: id(if batch.pause { "look-at-batch" } else { "after-batch" }),
        label: format!("look at it for {seconds} s"),
        gate: None,
    });
    let pause = batch.pause.then(|| Step {
        id: id("after-batch"),
        label: "pause".to_owned(),
        gate: Some("somebody resumes".to_owned()),
    });
    [look, verified, pause].into_iter().flatten().collect()
}

/// What must hold after every batch; all of it is asked at the same time.
fn verified(release: &ReleasePlan, id: String) -> Option<Step> {
    let held = |known: &PlannedVerification| match known.for_ns / 1_000_000_000 {
        0 => format!("{} {}", known.name, known.question.in_words()),
        seconds => format!("{} {} for {seconds} s", known.name, known.question.in_words()),
    };
    let names: Vec<&str> = release.verifications.iter().map(|known| known.name.as_str()).collect();
    let gates: Vec<String> = release.verifications.iter().map(held).collect();
    (!names.is_empty()).then(|| Step {
        id,
        label: format!("verify {}", names.join(", ")),
        gate: Some(gates.join(", ")),
    })
}

fn size_of(size: BatchSize, what: &str) -> String {
    match size {
        BatchSize::Count(1) => format!("1 {what} (canary)"),
        BatchSize::Count(count) => format!("{count} {what}s"),
        BatchSize::Percent(percent) => format!("{percent}% of the {what}s"),
    }
}

/// Each step to the next of its group, and the end of a group to the beginning of those that wait for it.
fn edges(plan: &Plan) -> Vec<(String, String, Option<String>)> {
    let all = groups(plan);
    let mut edges = Vec::new();
    for (_, after, steps) in &all {
        let befores: Vec<&String> = if after.is_empty() { vec![&all[0].0] } else { after.iter().collect() };
        for before in befores {
            let end = all.iter().find(|(name, _, _)| name == before).and_then(|(_, _, steps)| steps.last());
            if let (Some(end), Some(first)) = (end, steps.first())
                && end.id != steps[steps.len() - 1].id
            {
                edges.push((end.id.clone(), first.id.clone(), end.gate.clone()));
            }
        }
        let inner =
            steps.windows(2).map(|pair| (pair[0].id.clone(), pair[1].id.clone(), pair[0].gate.clone()));
        edges.extend(inner);
    }
    edges
}
