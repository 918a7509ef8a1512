//! What a reviewer looks at: the matrix of cells, their differences, and the generated files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;
use serde_json::Value;

use crate::process::{Run, folder, specc, trial};

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("review::ninety_cells_fit_into_a_table", ninety_cells_fit_into_a_table),
        trial("review::differences_say_which_cells_in_few_words", differences_say_which_cells_in_few_words),
        trial("review::an_unknown_environment_is_named", an_unknown_environment_is_named),
        trial("review::golden_follows_the_spec", golden_follows_the_spec),
        trial("review::golden_check_prints_a_patch_that_applies", golden_check_prints_a_patch_that_applies),
        trial(
            "review::golden_refuses_what_no_server_would_change",
            golden_refuses_what_no_server_would_change,
        ),
        trial("review::golden_leaves_alone_what_people_wrote", golden_leaves_alone_what_people_wrote),
        trial(
            "review::golden_writes_nothing_when_a_spec_is_broken",
            golden_writes_nothing_when_a_spec_is_broken,
        ),
        trial(
            "review::golden_of_a_tree_drops_specs_that_are_gone",
            golden_of_a_tree_drops_specs_that_are_gone,
        ),
        trial("review::golden_names_the_cluster_where_there_are_several", golden_names_the_cluster),
    ]
}

const PLATFORM: &str = r#"
platform "p" {
    cluster "one" kubernetes="1.34" { pool "general" cpu=16 memory="64Gi" nodes=10; }
    cluster "two" kubernetes="1.34" { pool "general" cpu=16 memory="64Gi" nodes=10; }
    environment "test" cluster="one"
    environment "stage" cluster="one"
    environment "prod" cluster="one"
}
"#;

const WEB: &str = r#"
    component "web" { image "web:1"; resources cpu="1" memory="1Gi"; scale min=2 max=20; env "LEVEL" "info"; }
    component "db" { image "db:1"; resources cpu="2" memory="4Gi"; }
"#;

fn write(place: &Path, environments: &str) {
    fs::create_dir_all(place).expect("writable");
    fs::write(place.join("platform.kdl"), PLATFORM).expect("writable");
    fs::write(place.join("app.kdl"), format!("app \"shop\" {{{WEB}{environments}}}\n")).expect("writable");
}

/// Three environments with thirty tenants each; a few are special.
fn ninety(name: &str) -> String {
    let place = folder(&format!("review-{name}"));
    let tenant = |environment: &str, index: usize| {
        let own = match (environment, index) {
            ("prod", 7) => "component \"web\" { scale min=40 max=800; }",
            ("prod", 11 | 12) => "component \"web\" { image \"web:2\"; }",
            ("test", _) => "component \"web\" { scale min=1 max=2; env \"LEVEL\" \"debug\"; }",
            _ => "",
        };
        format!("tenant \"m-{index:02}\" {{ {own} }}\n")
    };
    let mut environments = String::new();
    for name in ["test", "stage", "prod"] {
        let tenants: String = (1..=30).map(|index| tenant(name, index)).collect();
        environments.push_str(&format!("environment \"{name}\" {{\n{tenants}}}\n"));
    }
    write(&place, &environments);
    place.display().to_string()
}

fn ninety_cells_fit_into_a_table() {
    let place = ninety("table");
    let run = specc(&["list", &place]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 1 + 90 * 2, "a line for each component of each cell");
    let at = |line: &str, word: &str| line.find(word).unwrap_or_else(|| panic!("{word} in {line}"));
    for (head, word) in [("NAMESPACE", "shop-prod-m-07"), ("REPLICAS", "40..800"), ("IMAGE", "web:1")] {
        let row =
            lines.iter().find(|line| line.contains("prod-m-07") && line.contains(" web ")).expect("a row");
        assert_eq!(at(row, word), at(lines[0], head), "{head} is aligned");
    }
    assert!(lines.iter().all(|line| line.trim_end() == *line), "nothing trails");
    let json: Value =
        serde_json::from_str(&specc(&["list", &place, "--format", "json"]).stdout).expect("JSON");
    let cells = json.as_array().expect("a list");
    let namespaces: BTreeSet<&str> = cells.iter().filter_map(|cell| cell["namespace"].as_str()).collect();
    assert_eq!((cells.len(), namespaces.len()), (90, 90));
    let web = cells[66]["components"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["name"] == "web")
        .expect("web");
    assert_eq!(cells[66]["cell"], "prod/m-07@one");
    assert_eq!((&web["replicas"]["min"], &web["replicas"]["max"]), (&Value::from(40), &Value::from(800)));
    assert_eq!(web["containers"][0]["image"], "web:1");
    let prod = specc(&["list", &place, "-e", "prod"]).stdout;
    assert_eq!(prod.lines().count(), 1 + 30 * 2);
}

fn differences_say_which_cells_in_few_words() {
    let place = ninety("diff");
    let run = specc(&["list", &place, "--diff"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), "4 differences between 90 cells\n"));
    let wanted = "\
component web
  Deployment spec.template.spec.containers[web].env[LEVEL].value
    info   stage/*, prod/*
    debug  test/*
  Deployment spec.template.spec.containers[web].image
    web:1  test/*, stage/*, prod/* (but m-11, m-12)
    web:2  prod/m-11, prod/m-12
  HorizontalPodAutoscaler spec.maxReplicas
    20   stage/*, prod/* (but m-07)
    2    test/*
    800  prod/m-07
  HorizontalPodAutoscaler spec.minReplicas
    2   stage/*, prod/* (but m-07)
    1   test/*
    40  prod/m-07
";
    assert_eq!(run.stdout, wanted);
    let json: Value =
        serde_json::from_str(&specc(&["list", &place, "--diff", "--format", "json"]).stdout).expect("JSON");
    assert_eq!(json[1]["values"][1]["value"], "web:2");
    assert_eq!(json[1]["values"][1]["cells"], serde_json::json!(["prod/m-11@one", "prod/m-12@one"]));
    let stage = specc(&["list", &place, "--diff", "-e", "stage"]);
    assert_eq!((stage.stdout.as_str(), stage.stderr.as_str()), ("", "0 differences between 30 cells\n"));
}

fn an_unknown_environment_is_named() {
    let run = specc(&["list", &ninety("environment"), "-e", "prd"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(
        run.stderr.contains("`prd`") && run.stderr.contains("hint: it has test, stage, prod"),
        "{}",
        run.stderr
    );
}

/// A spec `shop` in a folder of its own, and where its files go.
fn shop(name: &str) -> (PathBuf, String, String) {
    let place = folder(&format!("review-{name}"));
    write(&place.join("specs/shop"), TWO_TENANTS);
    let text = |path: &str| place.join(path).display().to_string();
    (place.clone(), text("specs/shop"), text("out"))
}

const TWO_TENANTS: &str = "environment \"test\"\nenvironment \"prod\" { tenant \"a\"; tenant \"b\"; }\n";

fn golden(spec: &str, out: &str, more: &[&str]) -> Run {
    specc(&[&["golden", spec, "-o", out], more].concat())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn golden_follows_the_spec() {
    let (place, spec, out) = shop("follows");
    let first = golden(&spec, &out, &["--plan", "text"]);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let made = place.join("out/shop");
    assert_eq!(names(&made), ["prod-a", "prod-b", "test"]);
    let before = names(&made.join("test"));
    assert!(before.contains(&"HorizontalPodAutoscaler.web.yaml".to_owned()), "{before:?}");
    assert!(before.contains(&"plan.txt".to_owned()), "{before:?}");
    assert_eq!(golden(&spec, &out, &["--plan", "text", "--check"]).code, Some(0));
    let again = golden(&spec, &out, &["--plan", "text"]);
    assert!(again.stderr.starts_with("0 written, 0 removed, "), "{}", again.stderr);

    // A tenant goes, and an autoscaler in one environment.
    let fixed = "environment \"test\" { component \"web\" { replicas 1; }; }\nenvironment \"prod\" { tenant \"a\"; }\n";
    write(&place.join("specs/shop"), fixed);
    let stale = golden(&spec, &out, &["--plan", "text", "--check"]);
    assert_eq!(stale.code, Some(1), "{}", stale.stderr);
    assert!(
        stale.stdout.contains("--- a/target/tmp/review-follows/out/shop/prod-b/plan.txt\n+++ /dev/null\n")
    );
    assert_eq!(names(&made), ["prod-a", "prod-b", "test"], "--check writes nothing");
    assert_eq!(golden(&spec, &out, &["--plan", "text"]).code, Some(0));
    assert_eq!(names(&made), ["prod-a", "test"], "the tenant's folder is gone");
    let after = names(&made.join("test"));
    assert!(!after.contains(&"HorizontalPodAutoscaler.web.yaml".to_owned()), "{after:?}");
    assert_eq!(golden(&spec, &out, &[]).code, Some(0));
    assert!(
        !names(&made.join("test")).contains(&"plan.txt".to_owned()),
        "plans go when they are not asked for"
    );
}

fn golden_refuses_what_no_server_would_change() {
    let place = folder("review-immutable");
    let (spec, out) = (place.join("shop"), place.join("out"));
    fs::create_dir_all(&spec).expect("writable");
    let write = |size: &str| {
        let text = format!(
            "app \"shop\" {{ component \"db\" kind=\"stateful\" {{ image \"db:1\"; replicas 3; \
             resources cpu=\"1\" memory=\"1Gi\"; volume \"data\" mount=\"/data\" size=\"{size}\"; }} }}\n\
             platform \"p\" {{ cluster \"c\" kubernetes=\"1.34\" {{ pool \"a\" cpu=8 memory=\"32Gi\" nodes=3; }}; \
             environment \"prod\" cluster=\"c\"; }}\n"
        );
        fs::write(spec.join("all.kdl"), text).expect("writable");
    };
    let (spec, out) = (spec.display().to_string(), out.display().to_string());
    let golden = |further: &[&str]| specc(&[&["golden", &spec, "-o", &out], further].concat());
    let set = || fs::read_to_string(place.join("out/shop/prod/StatefulSet.db.yaml")).expect("written");
    write("20Gi");
    assert_eq!(golden(&[]).code, Some(0));
    write("40Gi");
    let said = "StatefulSet.db.yaml: spec.volumeClaimTemplates cannot change while the object exists";
    for further in [&[][..], &["--check"]] {
        let run = golden(further);
        assert!(run.code == Some(1) && run.stderr.contains(said), "{run:?}");
        assert!(set().contains("20Gi"), "nothing is written");
    }
    assert_eq!(golden(&["--recreate"]).code, Some(0));
    assert!(set().contains("40Gi"));
}

fn golden_check_prints_a_patch_that_applies() {
    let (place, spec, out) = shop("patch");
    assert_eq!(golden(&spec, &out, &[]).code, Some(0));
    let file = place.join("out/shop/prod-a/Deployment.web.yaml");
    let right = fs::read_to_string(&file).expect("written");
    fs::write(&file, right.replace("value: info", "value: warn")).expect("writable");
    fs::remove_file(place.join("out/shop/test/Deployment.db.yaml")).expect("written");
    let run = golden(&spec, &out, &["--check"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stdout.contains(
            "value: warn
"
        ) && run.stdout.contains(
            "value: info
"
        ),
        "{}",
        run.stdout
    );
    assert!(run.stderr.contains("1 missing, 1 different, 0 left over in "), "{}", run.stderr);
    let patch = place.join("golden.patch");
    fs::write(&patch, &run.stdout).expect("writable");
    let applied = std::process::Command::new("patch")
        .args(["-p1", "--quiet", "--input"])
        .arg(&patch)
        .current_dir(crate::process::root())
        .status();
    // A machine without `patch` still has everything above.
    if let Ok(status) = applied {
        assert!(status.success(), "{}", run.stdout);
        assert_eq!(golden(&spec, &out, &["--check"]).code, Some(0), "the patch makes it so");
    }
}

fn golden_leaves_alone_what_people_wrote() {
    let (place, spec, out) = shop("people");
    let made = place.join("out/shop/test");
    fs::create_dir_all(&made).expect("writable");
    let mine = [
        ("Deployment.mine.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: mine}\n"),
        ("notes.txt", "mine"),
        ("kustomization.yaml", "resources: []\n"),
        // A copy of another environment's object, for whatever reason.
        (
            "Service.copy.yaml",
            "kind: Service\nmetadata:\n  labels:\n    app.kubernetes.io/managed-by: specc\n    specc.io/environment: prod\n",
        ),
    ];
    for (name, text) in mine {
        fs::write(made.join(name), text).expect("writable");
    }
    let run = golden(&spec, &out, &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for (name, text) in mine {
        assert_eq!(fs::read_to_string(made.join(name)).ok().as_deref(), Some(text), "{name} stays");
        assert!(run.stderr.contains(&format!("test/{name}, which specc did not make")), "{}", run.stderr);
    }
    assert_eq!(golden(&spec, &out, &["--check"]).code, Some(0), "and is no difference");

    let (place, spec, out) = shop("in-the-way");
    let made = place.join("out/shop/test");
    fs::create_dir_all(&made).expect("writable");
    fs::write(made.join("Deployment.web.yaml"), "kind: Deployment # by hand\n").expect("writable");
    let refused = golden(&spec, &out, &[]);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    assert!(refused.stderr.contains("Deployment.web.yaml` is in the way"), "{}", refused.stderr);
    assert_eq!(names(&place.join("out/shop")), ["test"], "nothing is half written");
    assert_eq!(names(&made), ["Deployment.web.yaml"]);
}

fn golden_writes_nothing_when_a_spec_is_broken() {
    let (place, _, out) = shop("broken");
    write(&place.join("specs/broken"), "environment \"tset\"\n");
    let run = golden(&place.join("specs").display().to_string(), &out, &[]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stderr.contains("error[S")
            && run.stderr.ends_with("1 spec with errors, so no files are made of any\n"),
        "{}",
        run.stderr
    );
    assert!(!place.join("out").exists(), "no file of any spec is written");
}

fn golden_of_a_tree_drops_specs_that_are_gone() {
    let (place, _, out) = shop("tree");
    let specs = place.join("specs").display().to_string();
    write(&place.join("specs/more/other"), "environment \"test\"\n");
    assert_eq!(golden(&specs, &out, &[]).code, Some(0));
    assert_eq!(names(&place.join("out")), ["more", "shop"]);
    fs::write(place.join("out/README.md"), "mine").expect("writable");
    fs::remove_dir_all(place.join("specs/shop")).expect("writable");
    let one = golden(&place.join("specs/more/other").display().to_string(), &out, &["--check"]);
    assert!(!one.stdout.contains("/shop/"), "one spec says nothing about another's files: {}", one.stdout);
    assert_eq!(golden(&specs, &out, &["--check"]).code, Some(1));
    assert_eq!(golden(&specs, &out, &[]).code, Some(0));
    assert_eq!(names(&place.join("out")), ["README.md", "more"]);
    let copy = place.join("copy/other");
    write(&copy, "environment \"test\"\n");
    let both = specc(&[
        "golden",
        &place.join("specs/more/other").display().to_string(),
        &copy.display().to_string(),
    ]);
    assert_eq!(both.code, Some(2), "{}", both.stderr);
    assert!(both.stderr.contains("would both be written into `other`"), "{}", both.stderr);
}

fn golden_names_the_cluster() {
    let (place, spec, out) = shop("clusters");
    let platform = PLATFORM
        .replace("environment \"prod\" cluster=\"one\"", "environment \"prod\" { cluster \"one\" \"two\"; }");
    fs::write(place.join("specs/shop/platform.kdl"), platform).expect("writable");
    assert_eq!(golden(&spec, &out, &[]).code, Some(0));
    let cells = ["prod-a-one", "prod-a-two", "prod-b-one", "prod-b-two", "test"];
    assert_eq!(names(&place.join("out/shop")), cells);
}
