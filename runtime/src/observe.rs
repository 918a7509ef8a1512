//! What is in the cluster, in the words of [`compiler::plan::rollout::Observation`].

use compiler::lower::{MANAGED_BY, MANAGER, REVISION};
use compiler::object::{Object, ObjectKey};
use compiler::plan::rollout::{Autoscaler, Budget, ObjectState, Observation, Shared, Workload};
use compiler::plan::{Bounds, Mechanism, Need, Plan, Release, ReleasePlan, Stage};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use kube::api::DynamicObject;
use serde_json::Value;

use crate::cluster::{self, Cluster, Manner, key_of};
use crate::error::Error;
use crate::{members, store};

/// The annotation that fences writes to Deployments and autoscalers.
pub(crate) const EPOCH: &str = "specc.io/epoch";

/// Where a StatefulSet has its partition, as a JSON pointer.
pub(crate) const ROLLING: &str = "/spec/updateStrategy/rollingUpdate";

/// How often a container may have crashed before it counts as one that cannot start.
const CRASHES_MAX: i32 = 3;

/// An observation, and what pods say that is no failure but worth telling.
pub(crate) struct Sight {
    pub seen: Observation,
    pub detail: Option<String>,
    /// One for each of the plan's objects.
    pub compared: Vec<Compared>,
}

/// An object beside what applying it would make of it.
pub(crate) struct Compared {
    pub state: ObjectState,
    /// The version that an apply must find unchanged.
    pub version: Option<String>,
    pub epoch: Option<u64>,
    /// Whether its manifest has not been applied since its birth.
    pub newborn: bool,
}

impl Compared {
    fn unseen(state: ObjectState) -> Self {
        Self { state, version: None, epoch: None, newborn: false }
    }
}

/// Looks at one component. `adopted` are the objects whose fields specc may take from others.
pub(crate) async fn observe(
    cluster: &Cluster,
    plan: &Plan,
    release: &Release,
    adopted: &[ObjectKey],
) -> Result<Sight, Error> {
    let mut all = Vec::new();
    // While pods move, no decision looks at the objects, and a comparison costs the server a dry run each.
    let compared = matches!(release.stage, Stage::Prepare | Stage::Finish | Stage::Done | Stage::Cancel);
    for key in &release.plan.objects {
        let object = compared.then(|| object(plan, key)).flatten();
        all.push(match object {
            Some(object) => compare(cluster, object, adopted.contains(key)).await?,
            None => Compared::unseen(ObjectState::Same { waiting: None }),
        });
    }
    let mut unready = Vec::new();
    // Only a beginning waits for others.
    let needed = release.plan.depends_on.iter().filter(|_| release.stage == Stage::Prepare);
    for name in needed {
        let record = store::read(cluster, plan, name).await?;
        if record.is_none_or(|record| record.release.stage != Stage::Done) {
            unready.push(name.clone());
        }
    }
    let need = unready_need(cluster, release).await?;
    let (workloads, detail) = workloads(cluster, plan, &release.plan).await?;
    let seen = Observation {
        objects: all.iter().map(|compared| compared.state.clone()).collect(),
        stamps: all.iter().map(|compared| compared.epoch).collect(),
        workloads,
        unready_dependencies: unready,
        unready_need: need,
        budget: budget(cluster, release).await?,
        answers: Vec::new(),
    };
    Ok(Sight { seen, detail, compared: all })
}

/// The first thing of the cluster that a beginning still waits for.
async fn unready_need(cluster: &Cluster, release: &Release) -> Result<Option<Need>, Error> {
    for need in release.plan.needs.iter().filter(|_| release.stage == Stage::Prepare) {
        let met = match need {
            Need::Everywhere(key) => cluster.get(key).await?.is_some_and(|found| is_everywhere(&found)),
            Need::Node { .. } => cluster.list(&node(), &need.labels()).await?.iter().any(takes_pods),
        };
        if !met {
            return Ok(Some(need.clone()));
        }
    }
    Ok(None)
}

/// What the component's budget says, while pods move.
async fn budget(cluster: &Cluster, release: &Release) -> Result<Option<Budget>, Error> {
    let moves = matches!(release.stage, Stage::Shift { .. } | Stage::Back { .. });
    let key = release.plan.objects.iter().find(|key| key.kind == "PodDisruptionBudget");
    let Some(key) = key.filter(|_| moves) else { return Ok(None) };
    let Some(object) = cluster.get(key).await? else { return Ok(None) };
    let status = &object.data["status"];
    let observed = status["observedGeneration"].as_i64() >= object.metadata.generation;
    let (healthy, desired) = (count(&status["currentHealthy"]), count(&status["desiredHealthy"]));
    Ok(observed.then(|| Budget { object: key.clone(), healthy, desired }))
}

/// The key of some node, without its name.
pub(crate) fn node() -> ObjectKey {
    ObjectKey { api_version: "v1".into(), kind: "Node".into(), namespace: None, name: String::new() }
}

/// Whether a node is ready, and nobody has closed it to new pods.
fn takes_pods(node: &DynamicObject) -> bool {
    is_ready(node) && node.data["spec"]["unschedulable"] != true
}

/// Whether a node says that it is ready.
pub(crate) fn is_ready(node: &DynamicObject) -> bool {
    let conditions = node.data["status"]["conditions"].as_array();
    let ready = |condition: &Value| condition["type"] == "Ready" && condition["status"] == "True";
    conditions.is_some_and(|all| all.iter().any(ready))
}

/// Whether a DaemonSet is available on every node that it belongs to, in the version that it has.
fn is_everywhere(daemon_set: &DynamicObject) -> bool {
    let status = &daemon_set.data["status"];
    let wanted = count(&status["desiredNumberScheduled"]);
    status["observedGeneration"].as_i64() >= daemon_set.metadata.generation
        && wanted > 0
        && count(&status["numberAvailable"]) >= wanted
}

/// The Deployments of a component, sorted by name, or its StatefulSet or DaemonSet; and what keeps its pods waiting.
pub(crate) async fn workloads(
    cluster: &Cluster,
    plan: &Plan,
    release: &ReleasePlan,
) -> Result<(Vec<Workload>, Option<String>), Error> {
    let selector = store::selector(plan, Some(&release.component));
    let key = kind(plan, "apps/v1", workload_kind(release.mechanism));
    let scaler_key = kind(plan, "autoscaling/v2", "HorizontalPodAutoscaler");
    let objects = cluster.list(&key, &selector).await?;
    let scalers = cluster.list(&scaler_key, &selector).await?;
    let mut workloads: Vec<Workload> = objects.iter().map(|object| workload(&key, object)).collect();
    for scaler in &scalers {
        let target = scaler.data["spec"]["scaleTargetRef"]["name"].as_str();
        if let Some(workload) = workloads.iter_mut().find(|workload| target == Some(&workload.object.name)) {
            workload.autoscaler = Some(autoscaler(&scaler_key, scaler));
        }
    }
    let mut detail = None;
    let asked = |workload: &Workload| workload.shared.is_some() || workload.available < workload.replicas;
    if workloads.iter().any(asked) {
        let pod_key = kind(plan, "v1", "Pod");
        let pods = cluster.list(&pod_key, &selector).await?;
        let unready = members::unready_nodes(cluster, release.mechanism).await?;
        for (workload, object) in workloads.iter_mut().zip(&objects) {
            if let Some(shared) = &mut workload.shared {
                shared.members = members::members(&pod_key, object, &pods, &unready);
            }
        }
        for workload in &mut workloads {
            let own = pods.iter().filter(|pod| label(pod, REVISION) == workload.revision);
            let own: Vec<Pod> = own.filter_map(|pod| pod.clone().try_parse().ok()).collect();
            workload.failure = own.iter().find_map(failure).or_else(|| workload.failure.take());
            detail = detail.or_else(|| unscheduled(&own)).or_else(|| members::skipped(workload));
        }
    }
    Ok((workloads, detail))
}

/// [`compare`], where only the outcome matters.
pub(crate) async fn state(cluster: &Cluster, object: &Object, adopted: bool) -> Result<ObjectState, Error> {
    Ok(compare(cluster, object, adopted).await?.state)
}

/// Compares an object with what applying it would make of it.
async fn compare(cluster: &Cluster, object: &Object, adopted: bool) -> Result<Compared, Error> {
    let key = object.key();
    let Some(live) = cluster.get(&key).await? else { return Ok(Compared::unseen(ObjectState::Absent)) };
    let newborn = tidied(&live).is_some();
    let applied = cluster.apply(&key, &body(object), manner(adopted || newborn, true)).await?;
    let compared = |state| Compared {
        state,
        version: live.metadata.resource_version.clone(),
        epoch: epoch(&live),
        newborn,
    };
    if newborn || comparable(&live) != comparable(&applied) {
        return Ok(compared(ObjectState::Differs));
    }
    let spec = &live.data["spec"];
    let addresses = &live.data["status"]["loadBalancer"]["ingress"];
    let waits = key.kind == "Service"
        && spec["type"] == "LoadBalancer"
        && addresses.as_array().is_none_or(Vec::is_empty);
    Ok(compared(ObjectState::Same { waiting: waits.then(|| "the load balancer's address".to_owned()) }))
}

/// The managed fields without what only the creation has given to the scale manager, which would keep fields that
/// later manifests leave out; `None` if there is nothing of that.
pub(crate) fn tidied(object: &DynamicObject) -> Option<Value> {
    let entries = object.metadata.managed_fields.as_ref()?;
    let mut tidy = Vec::new();
    let mut changed = false;
    for entry in entries {
        let mut entry = entry.clone();
        let created = entry.manager.as_deref() == Some(cluster::SCALE_MANAGER)
            && entry.operation.as_deref() == Some("Update")
            && entry.subresource.is_none();
        if let Some(fields) = entry.fields_v1.as_mut().filter(|_| created) {
            changed |= keep_counts(&mut fields.0);
        }
        tidy.push(serde_json::to_value(entry).expect("managed fields serialise"));
    }
    changed.then_some(Value::Array(tidy))
}

/// Keeps only the stamp, the count, the partition and the bounds; whether there was more.
fn keep_counts(fields: &mut Value) -> bool {
    let kept = |path: &[&str]| match path {
        ["f:metadata" | "f:spec"]
        | ["f:metadata", "f:annotations"]
        | ["f:metadata", "f:annotations", "."] => true,
        ["f:metadata", "f:annotations", stamp] => *stamp == format!("f:{EPOCH}"),
        ["f:spec", count] => {
            matches!(*count, "f:replicas" | "f:minReplicas" | "f:maxReplicas" | "f:updateStrategy")
        }
        ["f:spec", "f:updateStrategy", rolling] => *rolling == "f:rollingUpdate",
        ["f:spec", "f:updateStrategy", "f:rollingUpdate", partition] => *partition == "f:partition",
        _ => false,
    };
    let mut changed = false;
    for (pointer, path) in [
        ("", &[][..]),
        ("/f:metadata", &["f:metadata"]),
        ("/f:metadata/f:annotations", &["f:metadata", "f:annotations"]),
        ("/f:spec", &["f:spec"]),
        ("/f:spec/f:updateStrategy", &["f:spec", "f:updateStrategy"]),
        ("/f:spec/f:updateStrategy/f:rollingUpdate", &["f:spec", "f:updateStrategy", "f:rollingUpdate"]),
    ] {
        let Some(map) = fields.pointer_mut(pointer).and_then(Value::as_object_mut) else { continue };
        let before = map.len();
        map.retain(|field, _| kept(&[path, &[field.as_str()]].concat()));
        changed |= map.len() < before;
    }
    // A parent that is left without fields would be owned itself.
    for (parent, field) in [
        ("/f:metadata", "f:annotations"),
        ("/f:spec/f:updateStrategy", "f:rollingUpdate"),
        ("/f:spec", "f:updateStrategy"),
        ("", "f:metadata"),
        ("", "f:spec"),
    ] {
        let empty = |value: &Value| value.as_object().is_some_and(serde_json::Map::is_empty);
        if let Some(map) = fields.pointer_mut(parent).and_then(Value::as_object_mut)
            && map.get(field).is_some_and(empty)
        {
            map.remove(field);
        }
    }
    changed
}

/// How a manifest is applied.
pub(crate) fn manner(force: bool, dry_run: bool) -> Manner {
    Manner { manager: cluster::MANAGER, force, dry_run }
}

/// The manifest without count, bounds and partition, which belong to the scale manager.
pub(crate) fn body(object: &Object) -> Value {
    let mut body = object.value();
    let counts: &[&str] = match object.kind() {
        "Deployment" | "StatefulSet" => &["replicas"],
        "HorizontalPodAutoscaler" => &["minReplicas", "maxReplicas"],
        _ => &[],
    };
    if let Some(spec) = body.get_mut("spec").and_then(Value::as_object_mut) {
        spec.retain(|field, _| !counts.contains(&field.as_str()));
    }
    if let Some(rolling) = body.pointer_mut(ROLLING).and_then(Value::as_object_mut) {
        rolling.remove("partition");
    }
    body
}

/// The plan's object of that key.
pub(crate) fn object<'a>(plan: &'a Plan, key: &ObjectKey) -> Option<&'a Object> {
    plan.bundle.objects.iter().find(|object| object.key() == *key)
}

/// Whether specc made the object, or adopted it.
pub(crate) fn is_ours(object: &DynamicObject) -> bool {
    label(object, MANAGED_BY) == MANAGER
}

/// The epoch stamped on an object.
pub(crate) fn epoch(object: &DynamicObject) -> Option<u64> {
    object.metadata.annotations.as_ref()?.get(EPOCH)?.parse().ok()
}

/// The bounds of an autoscaler object.
pub(crate) fn bounds(object: &DynamicObject) -> Bounds {
    let spec = &object.data["spec"];
    // The server's default for an absent lower bound is 1.
    Bounds { min: spec["minReplicas"].as_u64().unwrap_or(1) as u32, max: count(&spec["maxReplicas"]) }
}

/// The key of some object of a kind in the cell's namespace, without its name.
pub(crate) fn kind(plan: &Plan, api_version: &str, kind: &str) -> ObjectKey {
    ObjectKey {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: Some(plan.namespace.clone()),
        name: String::new(),
    }
}

/// The object without what the server counts and notes.
pub(crate) fn comparable(object: &DynamicObject) -> Value {
    let mut value = serde_json::to_value(object).expect("objects serialise");
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata
            .retain(|field, _| !matches!(field.as_str(), "managedFields" | "resourceVersion" | "generation"));
    }
    if let Some(object) = value.as_object_mut() {
        object.remove("status");
    }
    value
}

/// The kind that a mechanism works on.
pub(crate) fn workload_kind(mechanism: Mechanism) -> &'static str {
    match mechanism {
        Mechanism::Deployments => "Deployment",
        Mechanism::Partition => "StatefulSet",
        Mechanism::Nodes => "DaemonSet",
    }
}

fn workload(like: &ObjectKey, object: &DynamicObject) -> Workload {
    let (spec, status) = (&object.data["spec"], &object.data["status"]);
    let observed = status["observedGeneration"].as_i64() >= object.metadata.generation;
    let (replicas, existing, ready) = if like.kind == "DaemonSet" {
        (&status["desiredNumberScheduled"], &status["currentNumberScheduled"], &status["numberAvailable"])
    } else {
        (&spec["replicas"], &status["replicas"], &status["availableReplicas"])
    };
    // The template's, since an object that revisions share has the label of one of them for a moment longer.
    let revision = &spec["template"]["metadata"]["labels"][REVISION];
    let count_owned = match like.kind.as_str() {
        "StatefulSet" => {
            owned_by_another(object, "/f:spec/f:replicas") && owned_by_another(object, PARTITION_OWNED)
        }
        // A DaemonSet has no count, but a stamp that must stay.
        "DaemonSet" => owned_by_another(object, STAMP_OWNED),
        _ => owned_by_another(object, "/f:spec/f:replicas"),
    };
    let shared = (like.kind != "Deployment").then(|| Shared {
        template: spec["template"].clone(),
        partition: object.data.pointer(ROLLING).map_or(0, |rolling| count(&rolling["partition"])),
        members: Vec::new(),
    });
    Workload {
        revision: revision.as_str().unwrap_or_default().to_owned(),
        object: key_of(like, object),
        epoch: epoch(object),
        replicas: count(replicas),
        live: count(existing),
        available: count(ready),
        observed,
        count_owned,
        autoscaler: None,
        failure: refused_pods(status),
        shared,
    }
}

fn autoscaler(like: &ObjectKey, object: &DynamicObject) -> Autoscaler {
    let bounds_owned = owned_by_another(object, "/f:spec/f:minReplicas")
        && owned_by_another(object, "/f:spec/f:maxReplicas");
    Autoscaler { key: key_of(like, object), epoch: epoch(object), bounds: bounds(object), bounds_owned }
}

/// Where managed fields have the partition of a StatefulSet.
const PARTITION_OWNED: &str = "/f:spec/f:updateStrategy/f:rollingUpdate/f:partition";
/// Where they have the stamp.
const STAMP_OWNED: &str = "/f:metadata/f:annotations/f:specc.io~1epoch";

/// Whether a manager other than the manifest's owns a field; a JSON pointer into its managed fields.
fn owned_by_another(object: &DynamicObject, field: &str) -> bool {
    object.metadata.managed_fields.iter().flatten().any(|entry| {
        let manifest =
            entry.manager.as_deref() == Some(cluster::MANAGER) && entry.operation.as_deref() == Some("Apply");
        !manifest && entry.fields_v1.as_ref().is_some_and(|fields| fields.0.pointer(field).is_some())
    })
}

/// Pods that a quota or a webhook does not let in.
fn refused_pods(status: &Value) -> Option<String> {
    let conditions = status["conditions"].as_array()?;
    let refused = |condition: &&Value| condition["type"] == "ReplicaFailure" && condition["status"] == "True";
    let condition = conditions.iter().find(refused)?;
    Some(format!("pods are refused: {}", condition["message"].as_str().unwrap_or_default()))
}

/// Why a pod cannot become ready however long one waits.
fn failure(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    let started = status.init_container_statuses.iter().chain(&status.container_statuses);
    let reason = started.flatten().find_map(stuck)?;
    Some(format!("pod {}: {reason}", pod.metadata.name.as_deref().unwrap_or_default()))
}

fn stuck(container: &ContainerStatus) -> Option<String> {
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    let reason = waiting.reason.as_deref()?;
    let hopeless = match reason {
        "ImagePullBackOff"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "CreateContainerConfigError"
        | "CreateContainerError" => true,
        "CrashLoopBackOff" => container.restart_count >= CRASHES_MAX,
        _ => false,
    };
    // The message may quote what the container printed; the reason is enough to look there.
    hopeless.then(|| format!("container {}: {reason}", container.name))
}

/// Pods for which there is no room yet: room may come, so it is no failure.
fn unscheduled(pods: &[Pod]) -> Option<String> {
    let message = |pod: &Pod| {
        let conditions = pod.status.as_ref()?.conditions.as_ref()?;
        let condition =
            conditions.iter().find(|condition| condition.reason.as_deref() == Some("Unschedulable"))?;
        Some(condition.message.clone().unwrap_or_default())
    };
    let messages: Vec<String> = pods.iter().filter_map(message).collect();
    let first = messages.first()?;
    Some(format!("{} pods have no node: {first}", messages.len()))
}

pub(crate) fn label<'a>(object: &'a DynamicObject, name: &str) -> &'a str {
    object.metadata.labels.as_ref().and_then(|labels| labels.get(name)).map_or("", String::as_str)
}

fn count(value: &Value) -> u32 {
    value.as_u64().unwrap_or(0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_creation_leaves_only_stamp_and_counts_to_the_scale_manager() {
        let mut created = json!({
            "f:metadata": { "f:annotations": { ".": {}, "f:specc.io/epoch": {}, "f:x": {} }, "f:labels": { "f:y": {} } },
            "f:spec": { "f:replicas": {}, "f:template": { "f:spec": {} } },
        });
        assert!(keep_counts(&mut created));
        let kept = json!({
            "f:metadata": { "f:annotations": { ".": {}, "f:specc.io/epoch": {} } },
            "f:spec": { "f:replicas": {} },
        });
        assert_eq!(created, kept);
        assert!(!keep_counts(&mut created), "once is enough");
        assert_eq!(created, kept);
        let mut of_a_service = json!({ "f:metadata": { "f:labels": {} }, "f:spec": { "f:ports": {} } });
        assert!(keep_counts(&mut of_a_service));
        assert_eq!(of_a_service, json!({}));
    }
}
