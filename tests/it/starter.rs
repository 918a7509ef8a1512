//! How somebody begins: `specc init`, and `specc schema` for the editor.

use std::fs;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::process::{folder, specc, trial};

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("starter::what_init_writes_passes_everything", what_init_writes_passes_everything),
        trial("starter::init_overwrites_nothing", init_overwrites_nothing),
        trial("starter::schema_is_one_for_editors", schema_is_one_for_editors),
    ]
}

fn what_init_writes_passes_everything() {
    let place = folder("starter-new").join("below/shop").display().to_string();
    let run = specc(&["init", &place]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    for said in ["wrote ", "app.kdl", "platform.kdl", "scenario.kdl", "specc check ", "specc simulate "] {
        assert!(run.stderr.contains(said), "it says {said}:\n{}", run.stderr);
    }
    let check = specc(&["check", &place]);
    assert_eq!((check.code, check.stderr.as_str()), (Some(0), "no mistakes in test@main, prod@main\n"));
    let canonical = specc(&["fmt", "--check", &place]);
    assert_eq!(canonical.code, Some(0), "{}", canonical.stdout);
    let build = specc(&["build", &place, "--environment", "prod"]);
    assert!(build.code == Some(0) && build.stdout.contains("kind: Deployment"), "{}", build.stderr);
    let simulate = specc(&["simulate", &format!("{place}/scenario.kdl")]);
    assert_eq!(simulate.code, Some(0), "{}{}", simulate.stdout, simulate.stderr);
    assert!(simulate.stdout.contains("released after"), "{}", simulate.stdout);
}

fn init_overwrites_nothing() {
    for name in ["app.kdl", "scenario.kdl", "other.yaml"] {
        let place = folder("starter-taken");
        fs::write(place.join(name), "mine").expect("writable");
        let run = specc(&["init", &place.display().to_string()]);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains(&format!("{name}` is there already")), "{}", run.stderr);
        assert!(run.stderr.contains("hint: "), "{}", run.stderr);
        assert_eq!(fs::read_to_string(place.join(name)).expect("it is there"), "mine");
        assert_eq!(fs::read_dir(&place).expect("readable").count(), 1, "nothing else is written");
    }
}

fn schema_is_one_for_editors() {
    let run = specc(&["schema"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let schema: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["properties"].as_object().map(serde_json::Map::len), Some(3));
}
