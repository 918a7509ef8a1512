//! What of a cluster must be there before the pods of a component can start.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::object::ObjectKey;

/// Something of a cluster that pods of a component cannot start without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Need {
    /// A DaemonSet of the platform, available on every node of its.
    Everywhere(ObjectKey),
    /// A node with these labels that is ready and takes pods.
    Node {
        /// Key and value.
        node_labels: BTreeMap<String, String>,
    },
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Need::Everywhere(object) => write!(f, "{object} to be up on every node"),
            Need::Node { .. } => write!(f, "a ready node with {}", self.labels()),
        }
    }
}

impl Need {
    /// The labels as a selector: `os=windows,build=10.0.26100`; empty for a DaemonSet.
    pub fn labels(&self) -> String {
        match self {
            Need::Everywhere(_) => String::new(),
            Need::Node { node_labels } => {
                let pairs: Vec<String> =
                    node_labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
                pairs.join(",")
            }
        }
    }
}
