//! What is in the cluster, in the words of [`compiler::plan::rollout::Observation`].

use compiler::lower::{MANAGED_BY, MANAGER, REVISION};
use compiler::object::{Object, ObjectKey};
use compiler::plan::rollout::{Autoscaler, ObjectState, Observation, Workload};
use compiler::plan::{Bounds, Need, Plan, Release, ReleasePlan, Stage};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use kube::api::DynamicObject;
use serde_json::Value;

use crate::cluster::{self, Cluster, Manner, key_of};
use crate::error::Error;
use crate::store;

/// The annotation that fences writes to Deployments and autoscalers.
pub(crate) const EPOCH: &str = "specc.io/epoch";

/// How often a container may have crashed before it counts as one that cannot start.
const CRASHES_MAX: i32 = 3;

/// An observation, and what pods say that is no failure but worth telling.
pub(crate) struct Sight {
    pub seen: Observation,
    pub detail: Option<String>,
}

/// Looks at one component. `adopted` are the objects whose fields specc may take from others.
pub(crate) async fn observe(
    cluster: &Cluster,
    plan: &Plan,
    release: &Release,
    adopted: &[ObjectKey],
) -> Result<Sight, Error> {
    let mut objects = Vec::new();
    // While pods move, no decision looks at the objects, and a comparison costs the server a dry run each.
    let compared = matches!(release.stage, Stage::Prepare | Stage::Finish | Stage::Done);
    for key in &release.plan.objects {
        let object = compared.then(|| object(plan, key)).flatten();
        objects.push(match object {
            Some(object) => state(cluster, object, adopted.contains(key)).await?,
            None => ObjectState::Same { waiting: None },
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
        objects,
        workloads,
        unready_dependencies: unready,
        unready_need: need,
        answers: Vec::new(),
    };
    Ok(Sight { seen, detail })
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

/// The key of some node, without its name.
fn node() -> ObjectKey {
    ObjectKey { api_version: "v1".into(), kind: "Node".into(), namespace: None, name: String::new() }
}

/// Whether a node is ready, and nobody has closed it to new pods.
fn takes_pods(node: &DynamicObject) -> bool {
    let conditions = node.data["status"]["conditions"].as_array();
    let ready = |condition: &Value| condition["type"] == "Ready" && condition["status"] == "True";
    conditions.is_some_and(|all| all.iter().any(ready)) && node.data["spec"]["unschedulable"] != true
}

/// Whether a DaemonSet is available on every node that it belongs to, in the version that it has.
fn is_everywhere(daemon_set: &DynamicObject) -> bool {
    let status = &daemon_set.data["status"];
    let wanted = count(&status["desiredNumberScheduled"]);
    status["observedGeneration"].as_i64() >= daemon_set.metadata.generation
        && wanted > 0
        && count(&status["numberAvailable"]) >= wanted
}

/// The Deployments of a component, sorted by name, and what keeps its pods waiting.
pub(crate) async fn workloads(
    cluster: &Cluster,
    plan: &Plan,
    release: &ReleasePlan,
) -> Result<(Vec<Workload>, Option<String>), Error> {
    let selector = store::selector(plan, Some(&release.component));
    let deployment_key = kind(plan, "apps/v1", "Deployment");
    let scaler_key = kind(plan, "autoscaling/v2", "HorizontalPodAutoscaler");
    let deployments = cluster.list(&deployment_key, &selector).await?;
    let scalers = cluster.list(&scaler_key, &selector).await?;
    let mut workloads: Vec<Workload> =
        deployments.iter().map(|deployment| workload(&deployment_key, deployment)).collect();
    for scaler in &scalers {
        let target = scaler.data["spec"]["scaleTargetRef"]["name"].as_str();
        if let Some(workload) =
            workloads.iter_mut().find(|workload| target == Some(&workload.deployment.name))
        {
            workload.autoscaler = Some(autoscaler(&scaler_key, scaler));
        }
    }
    let mut detail = None;
    if workloads.iter().any(|workload| workload.available < workload.replicas) {
        let pods = cluster.list(&kind(plan, "v1", "Pod"), &selector).await?;
        for workload in &mut workloads {
            let own = pods.iter().filter(|pod| label(pod, REVISION) == workload.revision);
            let own: Vec<Pod> = own.filter_map(|pod| pod.clone().try_parse().ok()).collect();
            workload.failure = own.iter().find_map(failure).or_else(|| workload.failure.take());
            detail = detail.or_else(|| unscheduled(&own));
        }
    }
    Ok((workloads, detail))
}

/// Compares an object with what applying it would make of it.
pub(crate) async fn state(cluster: &Cluster, object: &Object, adopted: bool) -> Result<ObjectState, Error> {
    let key = object.key();
    let Some(live) = cluster.get(&key).await? else { return Ok(ObjectState::Absent) };
    let applied = cluster.apply(&key, &body(object), manner(adopted, true)).await?;
    if comparable(&live) != comparable(&applied) {
        return Ok(ObjectState::Differs);
    }
    let spec = &live.data["spec"];
    let addresses = &live.data["status"]["loadBalancer"]["ingress"];
    let waits = key.kind == "Service"
        && spec["type"] == "LoadBalancer"
        && addresses.as_array().is_none_or(Vec::is_empty);
    Ok(ObjectState::Same { waiting: waits.then(|| "the load balancer's address".to_owned()) })
}

/// How a manifest is applied.
pub(crate) fn manner(force: bool, dry_run: bool) -> Manner {
    Manner { manager: cluster::MANAGER, force, dry_run }
}

/// The manifest without count and bounds, which belong to the scale manager.
pub(crate) fn body(object: &Object) -> Value {
    let mut body = object.value();
    let counts: &[&str] = match object.kind() {
        "Deployment" => &["replicas"],
        "HorizontalPodAutoscaler" => &["minReplicas", "maxReplicas"],
        _ => &[],
    };
    if let Some(spec) = body.get_mut("spec").and_then(Value::as_object_mut) {
        spec.retain(|field, _| !counts.contains(&field.as_str()));
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

fn workload(like: &ObjectKey, object: &DynamicObject) -> Workload {
    let (spec, status) = (&object.data["spec"], &object.data["status"]);
    let observed = status["observedGeneration"].as_i64() >= object.metadata.generation;
    Workload {
        revision: label(object, REVISION).to_owned(),
        deployment: key_of(like, object),
        epoch: epoch(object),
        replicas: count(&spec["replicas"]),
        live: count(&status["replicas"]),
        available: count(&status["availableReplicas"]),
        observed,
        count_owned: owned_by_another(object, "f:replicas"),
        autoscaler: None,
        failure: refused_pods(status),
    }
}

fn autoscaler(like: &ObjectKey, object: &DynamicObject) -> Autoscaler {
    let bounds_owned = owned_by_another(object, "f:minReplicas") && owned_by_another(object, "f:maxReplicas");
    Autoscaler { key: key_of(like, object), epoch: epoch(object), bounds: bounds(object), bounds_owned }
}

/// Whether a manager other than the manifest's owns a field of the spec.
fn owned_by_another(object: &DynamicObject, field: &str) -> bool {
    object.metadata.managed_fields.iter().flatten().any(|entry| {
        let manifest =
            entry.manager.as_deref() == Some(cluster::MANAGER) && entry.operation.as_deref() == Some("Apply");
        let fields = entry.fields_v1.as_ref().map(|fields| &fields.0["f:spec"][field]);
        !manifest && fields.is_some_and(|fields| !fields.is_null())
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

fn label<'a>(object: &'a DynamicObject, name: &str) -> &'a str {
    object.metadata.labels.as_ref().and_then(|labels| labels.get(name)).map_or("", String::as_str)
}

fn count(value: &Value) -> u32 {
    value.as_u64().unwrap_or(0) as u32
}
