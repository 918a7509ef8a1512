//! How each [`compiler::plan::rollout::Write`] is made, with its epoch and its old value as conditions.

use compiler::lower::REVISION;
use compiler::object::ObjectKey;
use compiler::plan::rollout::Write;
use compiler::plan::{Bounds, Plan, Release, newborn};
use kube::api::DynamicObject;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Manner, SCALE_MANAGER};
use crate::error::Error;
use crate::observe::{Compared, EPOCH, ROLLING, body, bounds, epoch, manner, object, tidied};

/// Where the epoch stands in an object, as a JSON pointer.
const EPOCH_POINTER: &str = "/metadata/annotations/specc.io~1epoch";

/// Makes a write to a child. `Ok(false)` says that the cluster has moved on: look again.
pub(crate) async fn perform(
    cluster: &Cluster,
    plan: &Plan,
    release: &Release,
    adopted: &[ObjectKey],
    compared: &[Compared],
    write: &Write,
) -> Result<bool, Error> {
    match write {
        Write::Apply { object: index } => {
            let key = &release.plan.objects[*index];
            apply(cluster, plan, key, adopted.contains(key), &compared[*index]).await
        }
        Write::Birth { object: index, epoch } => {
            birth(cluster, plan, &release.plan.objects[*index], *epoch).await
        }
        Write::Own { object, epoch } => own(cluster, object, *epoch).await,
        Write::Stamp { object, to, .. }
            if !matches!(
                object.kind.as_str(),
                "Deployment" | "StatefulSet" | "DaemonSet" | "HorizontalPodAutoscaler" | "Pod"
            ) =>
        {
            let known = release.plan.objects.iter().zip(compared).find(|(key, _)| *key == object);
            let Some((_, compared)) = known else { return Ok(false) };
            mark(cluster, object, compared, *to).await
        }
        Write::Stamp { object, from: Some(from), to } => {
            let operations = json!([
                { "op": "test", "path": EPOCH_POINTER, "value": from.to_string() },
                { "op": "replace", "path": EPOCH_POINTER, "value": to.to_string() },
            ]);
            cluster.patch(object, operations).await.map(|()| true)
        }
        Write::Stamp { object, from: None, to } => first_stamp(cluster, object, *to).await,
        Write::Scale { object, epoch, from, to } => {
            cluster.patch(object, changing(*epoch, &[("/spec/replicas", *from, *to)])).await.map(|()| true)
        }
        Write::Bound { autoscaler, epoch, from, to } => {
            let fields = [("/spec/minReplicas", from.min, to.min), ("/spec/maxReplicas", from.max, to.max)];
            cluster.patch(autoscaler, changing(*epoch, &fields)).await.map(|()| true)
        }
        Write::Partition { object, epoch, from, to } => {
            let field = format!("{ROLLING}/partition");
            cluster.patch(object, changing(*epoch, &[(&field, *from, *to)])).await.map(|()| true)
        }
        Write::Template { object, epoch, revision } => {
            template(cluster, plan, release, adopted, (object, *epoch, revision)).await
        }
        Write::Replace { pod, uid, epoch } => {
            let live = stamped(cluster, pod, *epoch).await?;
            let Some(live) = live.filter(|live| live.metadata.uid.as_ref() == Some(uid)) else {
                return Ok(false);
            };
            cluster.delete(pod, &live, true).await.map(|()| true)
        }
        Write::Remove { object, epoch } => {
            let Some(live) = stamped(cluster, object, *epoch).await? else { return Ok(false) };
            cluster.delete(object, &live, true).await.map(|()| true)
        }
        Write::Record(_) => unreachable!("the loop writes the record itself, since it holds its version"),
    }
}

/// A write in words, for whoever watches.
pub(crate) fn in_words(release: &Release, write: &Write) -> String {
    let object = |index: &usize| &release.plan.objects[*index];
    let range = |bounds: &Bounds| format!("{}..{}", bounds.min, bounds.max);
    match write {
        Write::Apply { object: index } => format!("apply {}", object(index)),
        Write::Birth { object: index, .. } => format!("create {}", object(index)),
        Write::Own { object, .. } => format!("take over the count of {object}"),
        Write::Stamp { object, to, .. } => format!("stamp {object} with epoch {to}"),
        Write::Scale { object, from, to, .. } => format!("scale {object} from {from} to {to}"),
        Write::Bound { autoscaler, from, to, .. } => {
            format!("bound {autoscaler} from {} to {}", range(from), range(to))
        }
        Write::Partition { object, from, to, .. } => {
            format!("lower {object} from member {from} to member {to}")
        }
        Write::Template { object, revision, .. } => format!("give {object} revision {revision}"),
        Write::Replace { pod, .. } => format!("replace {pod}"),
        Write::Remove { object, .. } => format!("remove {object}"),
        // What the end is, the end itself says.
        Write::Record(next) if next.is_over() => "record the end".to_owned(),
        Write::Record(next) => crate::command::stage(next),
    }
}

/// Applies the manifest if the object still is what the decision was made on.
async fn apply(
    cluster: &Cluster,
    plan: &Plan,
    key: &ObjectKey,
    adopted: bool,
    compared: &Compared,
) -> Result<bool, Error> {
    let Some(object) = object(plan, key) else { return Ok(false) };
    let mut body = body(object);
    body["metadata"]["resourceVersion"] = json!(compared.version);
    over(cluster, key, &body, adopted, compared.newborn).await
}

/// Applies over what is in the version that the body carries. What a creation has just set is nobody else's, and what it
/// has set beside stamp and count is the manifest's from here on.
async fn over(
    cluster: &Cluster,
    key: &ObjectKey,
    body: &Value,
    adopted: bool,
    newborn: bool,
) -> Result<bool, Error> {
    let applied = cluster.apply(key, body, manner(adopted || newborn, false)).await;
    let Some(applied) = unless_changed(applied)? else { return Ok(false) };
    let Some(tidy) = tidied(&applied) else { return Ok(true) };
    let operations = json!([
        { "op": "test", "path": "/metadata/resourceVersion", "value": applied.metadata.resource_version },
        { "op": "replace", "path": "/metadata/managedFields", "value": tidy },
    ]);
    cluster.patch(key, operations).await.map(|()| true)
}

/// Stamps what is applied next if it still is what the decision was made on.
async fn mark(cluster: &Cluster, key: &ObjectKey, compared: &Compared, to: u64) -> Result<bool, Error> {
    let stamp = json!({
        "apiVersion": key.api_version,
        "kind": key.kind,
        "metadata": {
            "name": key.name,
            "namespace": key.namespace,
            "resourceVersion": compared.version,
            "annotations": { EPOCH: to.to_string() },
        },
    });
    // The stamp is the scale manager's, by whatever request it came.
    let how = Manner { manager: SCALE_MANAGER, force: true, dry_run: false };
    unless_changed(cluster.apply(key, &stamp, how).await).map(|marked| marked.is_some())
}

/// `None` where the object is not in the version that the apply was for.
fn unless_changed(applied: Result<DynamicObject, Error>) -> Result<Option<DynamicObject>, Error> {
    match applied {
        Ok(applied) => Ok(Some(applied)),
        Err(Error::Refused { code: 409, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A creation fails where the object is, so that one that is late changes nothing. The count is the scale manager's
/// from the beginning; the manifest is applied next.
async fn birth(cluster: &Cluster, plan: &Plan, key: &ObjectKey, epoch: u64) -> Result<bool, Error> {
    let Some(object) = object(plan, key) else { return Ok(false) };
    let mut whole = newborn(object);
    whole["metadata"]["annotations"][EPOCH] = json!(epoch.to_string());
    cluster.create(key, whole).await
}

/// The count passes from the manifest's manager to the scale manager.
async fn own(cluster: &Cluster, key: &ObjectKey, epoch: u64) -> Result<bool, Error> {
    let Some(live) = stamped(cluster, key, epoch).await? else { return Ok(false) };
    take(cluster, key, &live).await
}

/// The scale manager owns stamp and count as they are.
async fn take(cluster: &Cluster, key: &ObjectKey, live: &DynamicObject) -> Result<bool, Error> {
    let replicas = &live.data["spec"]["replicas"];
    let spec = match key.kind.as_str() {
        "Deployment" => json!({ "replicas": replicas }),
        "StatefulSet" => {
            let rolling = json!({ "partition": live.data.pointer(&format!("{ROLLING}/partition")) });
            json!({ "replicas": replicas, "updateStrategy": { "rollingUpdate": rolling } })
        }
        "DaemonSet" => json!({}),
        _ => {
            let bounds = bounds(live);
            json!({ "minReplicas": bounds.min, "maxReplicas": bounds.max })
        }
    };
    let owned = json!({
        "apiVersion": key.api_version,
        "kind": key.kind,
        "metadata": {
            "name": key.name,
            "namespace": key.namespace,
            "annotations": { EPOCH: epoch(live).map(|epoch| epoch.to_string()) },
        },
        "spec": spec,
    });
    let how = Manner { manager: SCALE_MANAGER, force: false, dry_run: false };
    match cluster.apply(key, &owned, how).await {
        Ok(_) => Ok(true),
        Err(Error::Owned { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Exchanges the pod template if the object is still as it was when it carried the stamp.
async fn template(
    cluster: &Cluster,
    plan: &Plan,
    release: &Release,
    adopted: &[ObjectKey],
    (key, epoch, revision): (&ObjectKey, u64, &str),
) -> Result<bool, Error> {
    let Some(live) = stamped(cluster, key, epoch).await? else { return Ok(false) };
    let Some(object) = object(plan, key) else { return Ok(false) };
    let mut whole = body(object);
    if revision != release.plan.revision {
        whole["spec"]["template"] = json!(release.previous_template);
        whole["metadata"]["labels"][REVISION] = json!(revision);
    }
    whole["metadata"]["resourceVersion"] = json!(live.metadata.resource_version);
    over(cluster, key, &whole, adopted.contains(key), tidied(&live).is_some()).await
}

async fn first_stamp(cluster: &Cluster, key: &ObjectKey, to: u64) -> Result<bool, Error> {
    let Some(live) = cluster.get(key).await? else { return Ok(false) };
    if epoch(&live).is_some() {
        return Ok(false);
    }
    // There is no old stamp to test, so nothing at all may have changed.
    let mut operations = vec![
        json!({ "op": "test", "path": "/metadata/resourceVersion", "value": live.metadata.resource_version }),
    ];
    if live.metadata.annotations.is_none() {
        operations.push(json!({ "op": "add", "path": "/metadata/annotations", "value": {} }));
    }
    operations.push(json!({ "op": "add", "path": EPOCH_POINTER, "value": to.to_string() }));
    cluster.patch(key, Value::Array(operations)).await.map(|()| true)
}

/// Changes fields, by their JSON pointers, if stamp and old values are still there.
fn changing(epoch: u64, fields: &[(&str, u32, u32)]) -> Value {
    let mut operations = vec![json!({ "op": "test", "path": EPOCH_POINTER, "value": epoch.to_string() })];
    for (field, from, _) in fields {
        operations.push(json!({ "op": "test", "path": field, "value": from }));
    }
    for (field, _, to) in fields {
        operations.push(json!({ "op": "replace", "path": field, "value": to }));
    }
    Value::Array(operations)
}

/// The object, if it carries the stamp.
async fn stamped(cluster: &Cluster, key: &ObjectKey, wanted: u64) -> Result<Option<DynamicObject>, Error> {
    let live = cluster.get(key).await?;
    Ok(live.filter(|live| epoch(live) == Some(wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_tests_the_stamp_and_every_old_value_first() {
        let operations = changing(7, &[("/spec/minReplicas", 1, 2), ("/spec/maxReplicas", 4, 8)]);
        let lines: Vec<String> = operations.as_array().into_iter().flatten().map(Value::to_string).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        {"op":"test","path":"/metadata/annotations/specc.io~1epoch","value":"7"}
        {"op":"test","path":"/spec/minReplicas","value":1}
        {"op":"test","path":"/spec/maxReplicas","value":4}
        {"op":"replace","path":"/spec/minReplicas","value":2}
        {"op":"replace","path":"/spec/maxReplicas","value":8}
        "#);
    }
}
