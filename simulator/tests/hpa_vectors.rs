//! The autoscaler against trajectories of upstream's own controller: every row, every column.
//!
//! `SPECC_HPA_VECTORS=DIR` names another folder of such files. The files come from the unmodified controller of
//! Kubernetes 1.36.3 in virtual time; the world around it, which each file describes, is in `hpa_world`.

mod hpa_world;
mod vectors;

use hpa_world::World;
use serde_json::Value;

/// The first difference between what a file expects and what the autoscaler does.
fn difference(vector: &Value) -> Option<String> {
    let mut world = match World::read(&vector["scenario"]) {
        Ok(world) => world,
        Err(error) => return Some(format!("its scenario cannot be read: {error}")),
    };
    let columns = vector["expected"]["columns"].as_array()?;
    let Some(expected) = vector["expected"]["rows"].as_array() else {
        return Some("it expects no rows".to_owned());
    };
    let rows = world.run();
    for (index, (row, expected)) in rows.iter().zip(expected).enumerate() {
        for (column, name) in columns.iter().enumerate() {
            let (got, want) = (&row[column], &expected[column]);
            if got != want {
                let (at, name) = (&expected[0], name.as_str().unwrap_or_default());
                return Some(format!("row {index}, at {at} ms: {name} is {got}, upstream has {want}"));
            }
        }
    }
    (rows.len() != expected.len()).then(|| format!("{} rows, upstream has {}", rows.len(), expected.len()))
}

#[test]
fn hpa_vectors() {
    let folder = vectors::folder("SPECC_HPA_VECTORS", "hpa_vectors");
    let (passed, failed) = vectors::compare(&folder, difference);
    vectors::tell(passed, failed);
    assert_eq!(failed, 0, "trajectories of the autoscaler differ from upstream's");
}
