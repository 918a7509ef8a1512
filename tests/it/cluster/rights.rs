//! The rights that `specc rbac` prints suffice for everything, and not one of them can be left out.

use std::fs;

use serde_json::{Value, json};

use super::app::{App, component};
use super::place::Place;
use super::sets::{agent, store};
use crate::process::Run;

/// Verbs that are left out where not all are: each takes seconds.
const SAMPLES: usize = 6;

/// A version of an application with everything that a cluster of no provider can have.
fn versioned(version: u32) -> String {
    let cron = "cron \"busy\" from=\"0 0 8 * * *\" until=\"0 0 20 * * *\" time-zone=\"UTC\" replicas=3";
    let scale = format!("scale min=2 max=4 {{ cpu \"60%\"; {cron}; }}");
    let config = "config \"app.ini\" mount=\"/etc/app\" from=\"app.ini\"";
    component("web", version, &format!("{scale}; {config}"), "10m")
}

/// A version of an application with members and with a pod on each node.
fn sets(version: u32) -> String {
    store(version, "10m") + &agent(version, "10m")
}

/// What an application has in a version.
type Versions = fn(u32) -> String;

fn prepared(place: &'static Place, name: &str, versions: Versions) -> App {
    let app = App::new(place, name, "");
    fs::write(app.folder.join("app.ini"), "mode = a\n").expect("writable");
    app.write(&versions(1));
    app
}

/// The rights of the application's user, each verb and each name in a rule of its own.
fn rights(app: &App) -> Vec<Value> {
    let run = app.run_offline("rbac", &["--as", &app.namespace]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let mut documents: Vec<Value> =
        run.stdout.split("---\n").map(|text| serde_saphyr::from_str(text).expect("YAML")).collect();
    for document in &mut documents {
        let Some(rules) = document["rules"].as_array() else { continue };
        let alone = |rule: &Value| -> Vec<Value> {
            let all = |field: &str| rule[field].as_array().cloned().unwrap_or_default();
            let mut names: Vec<Option<Value>> = all("resourceNames").into_iter().map(Some).collect();
            if names.is_empty() {
                names.push(None);
            }
            let one = |verb: &Value, name: &Option<Value>| {
                let mut one = rule.clone();
                one["verbs"] = json!([verb]);
                if let Some(name) = name {
                    one["resourceNames"] = json!([name]);
                }
                one
            };
            all("verbs").iter().flat_map(|verb| names.iter().map(move |name| one(verb, name))).collect()
        };
        let alone: Vec<Value> = rules.iter().flat_map(alone).collect();
        document["rules"] = alone.into();
    }
    documents
}

/// Grants the rights, and gives back a kubeconfig of who has them and no others.
fn grant(app: &App, rights: &[Value]) -> String {
    for document in rights {
        app.put(document);
    }
    let kubeconfig = app.folder.join("kubeconfig");
    let text = fs::read_to_string(&app.place.kubeconfig).expect("readable");
    let text = text.replace("\n  user:\n", &format!("\n  user:\n    as: {}\n", app.namespace));
    fs::write(&kubeconfig, text).expect("writable");
    // The API server hears of roles a moment later.
    std::thread::sleep(std::time::Duration::from_millis(500));
    kubeconfig.display().to_string()
}

/// Everything that there is to do with a spec, up to the first command that fails.
fn everything(app: &App, kubeconfig: &str, versions: Versions) -> Result<(), (String, Run)> {
    let run = |words: &str, more: &[&str]| {
        let run = app.run(words, &[&["--kubeconfig", kubeconfig], more].concat());
        if run.code == Some(0) { Ok(run) } else { Err((words.to_owned(), run)) }
    };
    run("apply", &[])?;
    app.write(&versions(2));
    for words in ["apply", "rollout pause", "rollout resume", "rollout status", "rollout abort", "apply"] {
        run(words, &[])?;
    }
    run("rollout resume", &[])?;
    // A third revision, so that the first is removed.
    app.write(&versions(3));
    for words in ["apply", "rollout resume", "diff"] {
        run(words, &[])?;
    }
    run("delete", &["--yes"])?;
    Ok(())
}

pub fn suffice(place: &'static Place) {
    enough(place, "rights", versioned);
}

pub fn suffice_for_sets(place: &'static Place) {
    enough(place, "rights-sets", sets);
}

fn enough(place: &'static Place, name: &str, versions: Versions) {
    let app = prepared(place, name, versions);
    let rights = rights(&app);
    let text = json!(rights).to_string();
    assert!(!text.contains('*') && !text.contains("secrets"), "{text}");
    let kubeconfig = grant(&app, &rights);
    let done = everything(&app, &kubeconfig, versions);
    assert!(done.is_ok(), "{done:?}");
    let kinds = [
        ("apps/v1", "Deployment"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "DaemonSet"),
        ("v1", "Service"),
        ("autoscaling/v2", "HorizontalPodAutoscaler"),
        ("policy/v1", "PodDisruptionBudget"),
        ("batch/v1", "CronJob"),
    ];
    for (api_version, kind) in kinds {
        assert_eq!(app.list(api_version, kind), Vec::<Value>::new());
    }
    let names: Vec<Value> =
        app.list("v1", "ConfigMap").iter().map(|object| object["metadata"]["name"].clone()).collect();
    assert_eq!(names, ["kube-root-ca.crt"], "records and configurations are gone");
    assert!(app.exists(), "the namespace is for whoever grants rights in it to remove");
    let roles = app.list("rbac.authorization.k8s.io/v1", "Role");
    assert_eq!(roles.len(), 1, "only the user's own rights are left");
}

pub fn needed(place: &'static Place) {
    let full = std::env::var_os("SPECC_TEST_FULL").is_some();
    let applications: &[Versions] = if full { &[versioned, sets] } else { &[versioned] };
    let wrong: Vec<String> =
        applications.iter().flat_map(|versions| unneeded(place, *versions, full)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rights without which everything works, or fails in another way.
fn unneeded(place: &'static Place, versions: Versions, full: bool) -> Vec<String> {
    let all = rights(&prepared(place, "rights-all", versions));
    let places: Vec<(usize, usize)> = (0..all.len())
        .flat_map(|document| {
            let rules = all[document]["rules"].as_array().map_or(0, Vec::len);
            (0..rules).map(move |rule| (document, rule))
        })
        .collect();
    assert!(places.len() > 30, "the rules were found");
    let mut wrong = Vec::new();
    let stride = if full { 1 } else { places.len() / SAMPLES };
    for (index, (document, rule)) in places.into_iter().enumerate().skip(stride - 1).step_by(stride) {
        let app = prepared(place, &format!("rights-{index}"), versions);
        let mut rights = rights(&app);
        let rules = rights[document]["rules"].as_array_mut().expect("rules");
        let removed = rules.remove(rule);
        let kubeconfig = grant(&app, &rights);
        let (verb, resource) = (&removed["verbs"][0], &removed["resources"][0]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let refusal = format!("cannot {} resource \"{}\"", text(verb), text(resource));
        match everything(&app, &kubeconfig, versions) {
            Err((_, run)) if run.stderr.contains(&refusal) => {}
            Err((words, run)) => wrong.push(format!("without {removed}, `{words}` says {}", run.stderr)),
            Ok(()) => wrong.push(format!("nothing needs {removed}")),
        }
    }
    wrong
}
