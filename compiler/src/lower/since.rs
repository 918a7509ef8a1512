//! Which version of Kubernetes brought which field.
//!
//! `fields.txt` lists every type that the kinds of specc reach, one a line: its fields, each with its type if that
//! has fields of its own, and after `@` the first minor version of Kubernetes 1 that takes the field without a
//! feature gate if that is later than 1.28; nothing after `@` means none does. It was made from the OpenAPI
//! definitions of 1.28 to 1.36, and the feature gates from upstream's list of them.

mod look;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use look::Look;
use serde::Serialize;

/// The oldest minor version whose fields are listed without a version.
pub const MINOR_OLDEST: u32 = 28;

/// The newest minor version of all fields that specc writes; a test looks at every object of every spec.
pub const MINOR_NEWEST: u32 = 35;

/// What is known of one field.
#[derive(Clone, Copy, Debug)]
struct Field {
    /// The type of its value, or of the items of its list.
    inner: Option<&'static str>,
    /// The first minor version that takes it; `None` for none.
    since: Option<u32>,
}

/// The fields of a type, by name.
type Fields = BTreeMap<&'static str, Field>;

type Types = BTreeMap<&'static str, Fields>;

fn types() -> &'static Types {
    static TYPES: OnceLock<Types> = OnceLock::new();
    TYPES.get_or_init(|| {
        let line = |line: &'static str| {
            let mut words = line.split(' ');
            Some((words.next()?, words.filter_map(field).collect()))
        };
        include_str!("fields.txt").lines().filter_map(line).collect()
    })
}

fn field(word: &'static str) -> Option<(&'static str, Field)> {
    let (rest, since) = match word.split_once('@') {
        Some((rest, version)) => (rest, version.parse().ok()),
        None => (word, Some(MINOR_OLDEST)),
    };
    let (name, inner) = rest.split_once(':').map_or((rest, None), |(name, inner)| (name, Some(inner)));
    (!name.is_empty()).then_some((name, Field { inner, since }))
}

/// What an older API server would drop, or refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The field, such as `spec.template.spec.hostUsers`.
    pub path: String,
    /// What is wrong with it.
    pub why: Why,
}

/// Why a field does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It came with a later minor version.
    Since(u32),
    /// No version takes it without a feature gate.
    Gated,
    /// `fields.txt` does not know it.
    Unknown,
}

/// Whether the fields of a kind are listed: those of Kubernetes itself are, those of add-ons are not.
pub fn is_listed(kind: &str) -> bool {
    types().contains_key(kind)
}

/// The fields of an object that an API server of 1.`minor` does not take. Of a kind that is not listed nothing is
/// known, and nothing is found.
pub fn unfit(object: &impl Serialize, kind: &str, minor: u32) -> Vec<Unfit> {
    let (mut path, mut found) = (Vec::new(), Vec::new());
    if let Some(fields) = types().get(kind) {
        let look = Look { fields: Some(fields), minor, path: &mut path, found: &mut found };
        object.serialize(look).expect("a look at an object cannot fail");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn deployment(container: &Value) -> Value {
        json!({ "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "labels": { "any/key": "value" } },
            "spec": { "template": { "spec": { "containers": [container] } } } })
    }

    #[test]
    fn a_field_is_unfit_for_servers_from_before_it_came() {
        let object = deployment(&json!({ "lifecycle": { "preStop": { "sleep": { "seconds": 5 } } } }));
        let path = "spec.template.spec.containers.lifecycle.preStop.sleep".to_owned();
        assert_eq!(unfit(&object, "Deployment", 29), [Unfit { path, why: Why::Since(30) }]);
        assert_eq!(unfit(&object, "Deployment", 30), []);
    }

    #[test]
    fn a_field_behind_a_gate_fits_no_server() {
        let object = deployment(&json!({ "lifecycle": { "stopSignal": "SIGQUIT" } }));
        assert_eq!(unfit(&object, "Deployment", 99).first().map(|unfit| unfit.why), Some(Why::Gated));
    }

    #[test]
    fn a_field_that_nobody_knows_is_found() {
        let object = deployment(&json!({ "imagePullPolicies": "Always" }));
        assert_eq!(unfit(&object, "Deployment", 99).first().map(|unfit| unfit.why), Some(Why::Unknown));
    }

    #[test]
    fn custom_resources_are_not_listed() {
        let object = json!({ "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "spec": {} });
        assert_eq!(unfit(&object, "HTTPRoute", 1), []);
    }

    #[test]
    fn every_type_that_a_field_names_is_listed() {
        for (kind, fields) in types() {
            for (name, field) in fields {
                assert!(field.inner.is_none_or(|inner| types().contains_key(inner)), "{kind}.{name}");
            }
        }
        assert!(types().len() > 150 && types()["Container"].contains_key("image"));
    }
}
