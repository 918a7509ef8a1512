//! How somebody begins: `specc schema` for the editor.

use libtest_mimic::Trial;
use serde_json::Value;

use crate::process::{specc, trial};

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![trial("starter::schema_is_one_for_editors", schema_is_one_for_editors)]
}

fn schema_is_one_for_editors() {
    let run = specc(&["schema"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let schema: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["properties"].as_object().map(serde_json::Map::len), Some(3));
}
