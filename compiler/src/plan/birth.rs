//! How an object is created: so that no pod starts before the rollout says so.

use serde_json::{Value, json};

use crate::lower::REVISION;
use crate::object::Object;

/// The revision of a DaemonSet's template that no node takes.
pub(super) const NOTHING: &str = "none";

/// What is created for an object of a plan: a Deployment and a StatefulSet without replicas, and a DaemonSet whose
/// template no node takes, since a creation that is late can only be told from one that is in time by its pods. A
/// StatefulSet has only one template yet, so its members need no partition.
pub fn newborn(object: &Object) -> Value {
    let mut whole = object.value();
    let mut set = |pointer: &str, value: Value| {
        if let Some(field) = whole.pointer_mut(pointer) {
            *field = value;
        }
    };
    match object.kind() {
        "Deployment" => {}
        "StatefulSet" => set("/spec/updateStrategy/rollingUpdate/partition", json!(0)),
        "DaemonSet" => {
            // Every daemon is for one operating system.
            set("/spec/template/spec/nodeSelector/kubernetes.io~1os", json!(NOTHING));
            let label = REVISION.replace('/', "~1");
            set(&format!("/spec/template/metadata/labels/{label}"), json!(NOTHING));
        }
        _ => return whole,
    }
    if object.kind() != "DaemonSet" {
        whole["spec"]["replicas"] = json!(0);
    }
    whole
}
