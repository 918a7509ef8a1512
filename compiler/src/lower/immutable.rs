//! Fields that no API server lets change while the object exists.

use serde_json::Value;

/// What of a kind cannot change.
enum Fixed {
    /// These fields of the object, by their keys.
    Only(&'static [&'static [&'static str]]),
    /// All of its `spec` but these.
    SpecBut(&'static [&'static str]),
}

/// By kind. Source: the validation of updates in Kubernetes 1.36 (`pkg/apis/*/validation`).
const FIXED: &[(&str, Fixed)] = &[
    ("ClusterRoleBinding", Fixed::Only(&[&["roleRef"]])),
    ("DaemonSet", Fixed::Only(&[&["spec", "selector"]])),
    ("Deployment", Fixed::Only(&[&["spec", "selector"]])),
    ("PersistentVolumeClaim", Fixed::SpecBut(&["resources", "volumeAttributesClassName"])),
    ("RoleBinding", Fixed::Only(&[&["roleRef"]])),
    ("Service", Fixed::Only(&[&["spec", "clusterIP"]])),
    (
        "StatefulSet",
        Fixed::SpecBut(&[
            "minReadySeconds",
            "ordinals",
            "persistentVolumeClaimRetentionPolicy",
            "replicas",
            "revisionHistoryLimit",
            "template",
            "updateStrategy",
        ]),
    ),
];

/// The fields that differ between two states of one object and cannot: `spec.volumeClaimTemplates`. None where the
/// two are no states of one object, as with content-named configuration.
pub fn changed(old: &Value, new: &Value) -> Vec<String> {
    let identity = |object: &Value| {
        let metadata = &object["metadata"];
        [&object["kind"], &metadata["name"], &metadata["namespace"]].map(Value::clone)
    };
    let kind = new["kind"].as_str().unwrap_or_default();
    let Some((_, fixed)) = FIXED.iter().find(|(known, _)| *known == kind) else { return Vec::new() };
    if identity(old) != identity(new) {
        return Vec::new();
    }
    let differs = |path: &&[&str]| {
        let at = |object| path.iter().try_fold(object, |value: &Value, key| value.get(key)).cloned();
        at(old) != at(new)
    };
    match fixed {
        Fixed::Only(paths) => paths.iter().copied().filter(differs).map(|path| path.join(".")).collect(),
        Fixed::SpecBut(free) => {
            let keys = |object: &Value| -> Vec<String> {
                object["spec"].as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
            };
            let mut all = [keys(old), keys(new)].concat();
            all.sort();
            all.dedup();
            all.retain(|key| !free.contains(&key.as_str()) && differs(&&["spec", key][..]));
            all.into_iter().map(|key| format!("spec.{key}")).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(size: &str, replicas: u32) -> Value {
        json!({
            "kind": "StatefulSet",
            "metadata": { "name": "db", "namespace": "shop" },
            "spec": { "replicas": replicas, "serviceName": "db", "volumeClaimTemplates": [{ "size": size }] },
        })
    }

    #[test]
    fn a_stateful_set_keeps_its_claims_and_not_its_replicas() {
        assert_eq!(changed(&set("1Gi", 3), &set("2Gi", 3)), ["spec.volumeClaimTemplates"]);
        assert!(changed(&set("1Gi", 3), &set("1Gi", 5)).is_empty());
        let mut unnamed = set("1Gi", 3);
        unnamed["spec"].as_object_mut().expect("a mapping").remove("serviceName");
        assert_eq!(changed(&set("1Gi", 3), &unnamed), ["spec.serviceName"]);
    }

    #[test]
    fn another_name_is_another_object() {
        let mut other = set("2Gi", 3);
        other["metadata"]["name"] = "db-2".into();
        assert!(changed(&set("1Gi", 3), &other).is_empty());
    }

    #[test]
    fn kinds_are_sorted_and_ones_that_are_made() {
        assert!(FIXED.is_sorted_by_key(|(kind, _)| *kind));
        // A cluster's own kinds are in no list of what applications become.
        let made = |kind: &str| crate::lower::KINDS.iter().any(|known| known.name == kind);
        assert!(FIXED.iter().all(|(kind, _)| made(kind) || *kind == "ClusterRoleBinding"));
    }
}
