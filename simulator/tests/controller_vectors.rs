//! Controllers against recorded runs of upstream's own, unmodified ones: every row of every file.
//!
//! `SPECC_CONTROLLER_VECTORS=DIR` names another folder with these subfolders.

mod controller_world;
mod cronhpa_world;
mod scheduler_world;
mod vectors;

use serde_json::Value;

/// What differs in a file of a subfolder first, if anything does.
type Difference = fn(&Value) -> Option<String>;

/// Every subfolder.
const SUBFOLDERS: [(&str, Difference); 4] = [
    ("rollout", controller_world::difference),
    ("stateful-daemon", controller_world::difference),
    ("scheduler", scheduler_world::difference),
    ("cronhpa", cronhpa_world::difference),
];

#[test]
fn controller_vectors() {
    let folder = vectors::folder("SPECC_CONTROLLER_VECTORS", "controller_vectors");
    let mut all = (0, 0);
    for (name, difference) in SUBFOLDERS {
        let (passed, failed) = vectors::compare(&folder.join(name), difference);
        vectors::tell_of(name, passed, failed);
        all = (all.0 + passed, all.1 + failed);
    }
    vectors::tell(all.0, all.1);
    assert_eq!(all.1, 0, "runs of the controllers differ from upstream's");
}
