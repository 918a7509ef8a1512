//! Plan files without a cluster: what they hold, that they are read back whole, and what is refused.

use std::fs;

use compiler::object::Object;
use compiler::plan::file::PlanFile;
use compiler::plan::print;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::process::{Run, folder, root, specc, trial};

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("plan_file::every_plan_is_read_back_as_it_was", every_plan_is_read_back_as_it_was),
        trial("plan_file::a_file_that_was_changed_is_refused", a_file_that_was_changed_is_refused),
        trial("plan_file::what_does_not_fit_together_is_refused", what_does_not_fit_together_is_refused),
        trial("plan_file::a_plan_knows_the_cluster_that_was_applied_to", a_plan_knows_the_cluster),
        trial("plan_file::a_command_wants_a_spec_or_a_plan", a_command_wants_a_spec_or_a_plan),
    ]
}

/// The plan of a cell in a file, and the file's text.
fn written(name: &str, cell: &[&str]) -> (String, String) {
    let path = folder(&format!("plan-{name}")).join("plan.json").display().to_string();
    let run = specc(&[&["plan"], cell, &["-o", &path]].concat());
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{cell:?}: {}", run.stderr);
    let text = fs::read_to_string(&path).expect("it was written");
    (path, text)
}

fn every_plan_is_read_back_as_it_was() {
    let mut count = 0;
    for spec in fs::read_dir(root().join("specs")).expect("there are specs") {
        let name = spec.expect("readable").file_name().to_string_lossy().into_owned();
        if name == "broken" {
            continue;
        }
        let spec = format!("specs/{name}");
        let listed = specc(&["list", &spec, "--format", "json"]).stdout;
        let cells: Value = serde_json::from_str(&listed).expect("JSON");
        for cell in cells.as_array().expect("cells") {
            let mut arguments = vec![spec.as_str()];
            for field in ["environment", "tenant", "cluster"] {
                if let Some(value) = cell[field].as_str() {
                    arguments.extend([
                        if field == "environment" {
                            "-e"
                        } else if field == "tenant" {
                            "-t"
                        } else {
                            "-c"
                        },
                        value,
                    ]);
                }
            }
            let (_, text) = written("all", &arguments);
            let file = PlanFile::read(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
            assert_eq!(file.text(), text, "{arguments:?}");
            let printed = specc(&[&["plan"], arguments.as_slice(), &["--format", "json"]].concat()).stdout;
            assert_eq!(format!("{:#}\n", print::json(&file.plan)), printed, "{arguments:?}");
            let objects: Vec<String> = file.plan.bundle.objects.iter().map(Object::yaml).collect();
            let built = specc(&[&["build"], arguments.as_slice()].concat()).stdout;
            assert_eq!(objects.join("---\n"), built, "{arguments:?}");
            count += 1;
        }
    }
    assert!(count > 20, "the cells were found");
}

/// What an apply of a file says without a cluster to go to.
fn applied(path: &str) -> Run {
    specc(&["apply", path, "--kubeconfig", "/nowhere"])
}

fn a_file_that_was_changed_is_refused() {
    let (path, text) = written("changed", &["specs/mini-program", "-e", "prod"]);
    let reaches = applied(&path);
    assert!(reaches.stderr.contains("cannot use the kubeconfig"), "it is a plan: {}", reaches.stderr);
    let value: Value = serde_json::from_str(&text).expect("JSON");
    fs::write(&path, value.to_string()).expect("writable");
    assert!(applied(&path).stderr.contains("cannot use the kubeconfig"), "white space says nothing");
    let cases = [
        (
            text.replace("mini-program-api:2.4.1", "mini-program-api:6.6.6"),
            "its content was changed: the digest says",
        ),
        (
            text.replace("specc.io/plan/v1", "specc.io/plan/v0"),
            "it is in the format specc.io/plan/v0 of specc",
        ),
        (text[..text.len() / 2].to_owned(), "it is not a plan file: EOF"),
        (
            specc(&["plan", "specs/mini-program", "-e", "prod", "--format", "json"]).stdout,
            "`specc plan -o` writes one",
        ),
        ("[]".to_owned(), "`specc plan -o` writes one"),
    ];
    for (changed, why) in cases {
        assert_ne!(changed, text);
        fs::write(&path, changed).expect("writable");
        let refused = applied(&path);
        assert_eq!(refused.code, Some(3), "{}", refused.stderr);
        assert!(refused.stderr.contains(why) && refused.stderr.contains("hint: "), "{}", refused.stderr);
    }
}

/// With a digest that fits, as anybody can make one.
fn what_does_not_fit_together_is_refused() {
    let (_, text) = written("fit", &["specs/mini-program", "-e", "prod"]);
    let why = |change: &dyn Fn(&mut Value)| {
        let mut value: Value = serde_json::from_str(&text).expect("JSON");
        change(&mut value);
        value.as_object_mut().expect("an object").remove("sha256");
        value["sha256"] = compiler::plan::file::digest(&value).into();
        PlanFile::read(&value.to_string()).expect_err("it is refused").to_string()
    };
    let secret = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "s" }, "data": {} });
    let cases = [
        (why(&|plan| plan["objects"][0]["manifest"] = secret.clone()), "no objects of kind `Secret`"),
        (why(&|plan| plan["objects"][0]["manifest"]["metadata"] = json!({})), "has no name"),
        (
            why(&|plan| plan["objects"][1]["manifest"]["metadata"]["namespace"] = "kube-system".into()),
            "in the namespace",
        ),
        (
            why(&|plan| plan["objects"][1]["manifest"]["spec"]["surprise"] = 1.into()),
            "fields that are not known",
        ),
        (why(&|plan| plan["objects"] = json!([])), "has no "),
        (why(&|plan| plan["releases"][0]["batches"] = json!([])), "has no rollout"),
        (why(&|plan| plan["surprise"] = 1.into()), "unknown field `surprise`"),
    ];
    for (why, expected) in cases {
        assert!(why.contains(expected), "{why} says {expected}");
    }
}

fn a_plan_knows_the_cluster() {
    let place = folder("plan-spec");
    for name in ["app.kdl", "platform.kdl"] {
        fs::copy(root().join("specs/hpa-fast").join(name), place.join(name)).expect("copied");
    }
    let cell = [&place.display().to_string(), "-e", "bench"];
    let file = |name: &str| PlanFile::read(&written(name, &cell).1).expect("a plan");
    let unpinned = file("unpinned");
    assert_eq!(unpinned.identity, None);
    fs::create_dir(place.join(".specc")).expect("writable");
    let pins = json!({ unpinned.plan.cluster: "an-identity" }).to_string();
    fs::write(place.join(".specc/clusters.json"), pins).expect("writable");
    assert_eq!(file("pinned").identity, Some("an-identity".to_owned()));
}

fn a_command_wants_a_spec_or_a_plan() {
    let (path, _) = written("usage", &["specs/mini-program", "-e", "prod"]);
    let cases: [(&[&str], &str); 4] = [
        (&["apply", "specs/mini-program"], "add --environment"),
        (&["apply", &path, "-e", "prod"], "is of one cell already"),
        (&["plan", "specs/mini-program", "-e", "prod", "-o", "plan.txt"], "ends in .json"),
        (&["plan", "specs/mini-program", "-e", "prod", "--against-cluster"], "--output"),
    ];
    for (arguments, why) in cases {
        let run = specc(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(why), "{arguments:?}: {}", run.stderr);
    }
    let missing = applied("no/such/plan.json");
    assert_eq!(missing.code, Some(3), "{}", missing.stderr);
}
