//! The pod that a controller would make of a workload, which the API server judges long after the apply.

use serde_json::{Value, json};

/// The first pod of a workload; `None` for what makes no pods.
pub fn pod_of(object: &Value) -> Option<Value> {
    let spec = &object["spec"];
    let name = object["metadata"]["name"].as_str()?;
    // A hash of ten characters is the longest.
    let (template, name, labels) = match object["kind"].as_str()? {
        "Deployment" => {
            let set = format!("{name}-6c5f8d7b9c");
            (&spec["template"], generated(&set), json!({ "pod-template-hash": "6c5f8d7b9c" }))
        }
        "StatefulSet" => {
            let pod = format!("{name}-{}", spec["replicas"].as_u64().unwrap_or(1).saturating_sub(1));
            let labels = json!({
                "statefulset.kubernetes.io/pod-name": pod,
                "controller-revision-hash": format!("{name}-6c5f8d7b9c"),
            });
            (&spec["template"], pod.clone(), labels)
        }
        "DaemonSet" => {
            let labels = json!({ "controller-revision-hash": "6c5f8d7b9c", "pod-template-generation": "1" });
            (&spec["template"], generated(name), labels)
        }
        "CronJob" => {
            let job = format!("{name}-29400000");
            (&spec["jobTemplate"]["spec"]["template"], generated(&job), json!({ "job-name": job }))
        }
        _ => return None,
    };
    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": template["metadata"],
        "spec": template["spec"],
    });
    pod["metadata"]["name"] = name.into();
    pod["metadata"]["namespace"] = object["metadata"]["namespace"].clone();
    for (key, value) in labels.as_object()? {
        pod["metadata"]["labels"][key] = value.clone();
    }
    // The account is made beside the workload, which a dry run does not see.
    pod["spec"].as_object_mut()?.remove("serviceAccountName");
    for claim in spec["volumeClaimTemplates"].as_array().into_iter().flatten() {
        let volume = &claim["metadata"]["name"];
        let source = json!({ "name": volume, "persistentVolumeClaim": { "claimName": volume } });
        match pod["spec"]["volumes"].as_array_mut() {
            Some(volumes) => volumes.push(source),
            None => pod["spec"]["volumes"] = json!([source]),
        }
    }
    Some(pod)
}

/// As the API server makes a name: it cuts what it is given so that five characters find room.
fn generated(name: &str) -> String {
    format!("{}x5k2p", format!("{name}-").chars().take(58).collect::<String>())
}
