//! `specc rbac`: the least rights that an apply, its rollout and a delete of one plan need.

use std::collections::BTreeMap;

use clap::Args;
use compiler::object::Object;
use compiler::plan::Plan;
use runtime::Right;
use serde_json::{Value, json};

use crate::cli::TargetArguments;
use crate::cluster;
use crate::error::{Error, Exit};
use crate::output::Output;

/// Which cell, and who is given the rights.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc rbac specs/mini-program --environment prod --as deployer | kubectl apply -f -
  specc rbac plan.json --service-account ci/specc

The namespace comes first, since its rights need a place; specc takes it for its own. Objects that
have a new name with each revision or content are allowed by their kind, all others by name. What an
earlier spec made under other names, or of kinds that this plan does not have, is outside of these
rights. A delete with them empties the namespace and lets it stay, since it may hold what they do
not let one see.")]
#[command(group = clap::ArgGroup::new("subject").required(true))]
pub struct Arguments {
    #[command(flatten)]
    target: TargetArguments,
    /// The user who is given them, as the cluster calls them
    #[arg(long = "as", value_name = "USER", group = "subject")]
    user: Option<String>,
    /// The service account that is given them
    #[arg(long, value_name = "NAMESPACE/NAME", value_parser = account, group = "subject")]
    service_account: Option<(String, String)>,
}

const GROUP: &str = "rbac.authorization.k8s.io";

/// Prints the roles and who has them.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let Some(target) = cluster::target(&arguments.target, output)? else { return Ok(Exit::Failed) };
    let plan = &target.plan;
    let subject = match (&arguments.service_account, &arguments.user) {
        (Some((namespace, name)), _) => {
            json!({ "kind": "ServiceAccount", "namespace": namespace, "name": name })
        }
        (None, user) => json!({ "apiGroup": GROUP, "kind": "User", "name": user }),
    };
    let namespace = plan.bundle.objects.iter().filter(|object| object.kind() == "Namespace");
    let mut documents: Vec<String> = namespace.map(Object::yaml).collect();
    documents.extend(roles(plan, &subject).iter().map(yaml));
    output.data(&documents.join("---\n"))?;
    Ok(Exit::Fine)
}

/// A role and its binding in each namespace, those of the cell's own first and those of the whole cluster last.
fn roles(plan: &Plan, subject: &Value) -> Vec<Value> {
    let mut places: BTreeMap<(bool, bool, Option<String>), Vec<Value>> = BTreeMap::new();
    for right in runtime::rights(plan) {
        let elsewhere = right.namespace.as_ref() != Some(&plan.namespace);
        let place = (right.namespace.is_none(), elsewhere, right.namespace.clone());
        places.entry(place).or_default().push(rule(&right));
    }
    let mut documents = Vec::new();
    for ((_, _, namespace), rules) in places {
        let kind = if namespace.is_some() { "Role" } else { "ClusterRole" };
        // One name for all of a cell's, which no other cell has.
        let name = format!("specc-{}", plan.namespace);
        let mut metadata = json!({ "name": name });
        if let Some(namespace) = &namespace {
            metadata["namespace"] = namespace.as_str().into();
        }
        let version = format!("{GROUP}/v1");
        documents.push(json!({ "apiVersion": version, "kind": kind, "metadata": metadata, "rules": rules }));
        documents.push(json!({
            "apiVersion": version,
            "kind": format!("{kind}Binding"),
            "metadata": metadata,
            "roleRef": { "apiGroup": GROUP, "kind": kind, "name": name },
            "subjects": [subject],
        }));
    }
    documents
}

fn rule(right: &Right) -> Value {
    let mut rule = json!({ "apiGroups": [right.group], "resources": [right.resource], "verbs": right.verbs });
    if !right.names.is_empty() {
        rule["resourceNames"] = json!(right.names);
    }
    rule
}

fn yaml(document: &Value) -> String {
    serde_saphyr::to_string(document).expect("JSON serialises as YAML")
}

fn account(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains('/') => {
            Ok((namespace.to_owned(), name.to_owned()))
        }
        Some(_) | None => Err("write it as NAMESPACE/NAME".to_owned()),
    }
}
