//! How each [`compiler::plan::rollout::Write`] is made, with its epoch and its old value as conditions.

use compiler::lower::REVISION;
use compiler::object::ObjectKey;
use compiler::plan::rollout::Write;
use compiler::plan::{Bounds, Plan, Release};
use kube::api::DynamicObject;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Manner, SCALE_MANAGER};
use crate::error::Error;
use crate::observe::{EPOCH, ROLLING, body, bounds, epoch, manner, object};

/// Where the epoch stands in an object, as a JSON pointer.
const EPOCH_POINTER: &str = "/metadata/annotations/specc.io~1epoch";

/// Makes a write to a child. `Ok(false)` says that the cluster has moved on: look again.
pub(crate) async fn perform(
    cluster: &Cluster,
    plan: &Plan,
    release: &Release,
    adopted: &[ObjectKey],
    write: &Write,
) -> Result<bool, Error> {
    match write {
        Write::Apply { object: index } => {
            let key = &release.plan.objects[*index];
            let Some(object) = object(plan, key) else { return Ok(false) };
            let force = adopted.contains(key);
            cluster.apply(key, &body(object), manner(force, false)).await.map(|_| true)
        }
        Write::Birth { object: index, epoch } => {
            birth(cluster, plan, &release.plan.objects[*index], *epoch).await
        }
        Write::Own { object, epoch } => own(cluster, object, *epoch).await,
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

/// Two writes, each harmless to repeat: the manifest's manager creates, the scale manager takes the count.
/// Both fail where somebody else already set another count.
async fn birth(cluster: &Cluster, plan: &Plan, key: &ObjectKey, epoch: u64) -> Result<bool, Error> {
    let Some(object) = object(plan, key) else { return Ok(false) };
    let mut whole = object.value();
    whole["metadata"]["annotations"][EPOCH] = json!(epoch.to_string());
    if matches!(key.kind.as_str(), "Deployment" | "StatefulSet") {
        whole["spec"]["replicas"] = json!(0);
    }
    // Members are made of the one template that there is.
    if let Some(partition) = whole.pointer_mut(&format!("{ROLLING}/partition")) {
        *partition = json!(0);
    }
    let created = match cluster.apply(key, &whole, manner(false, false)).await {
        Ok(created) => created,
        // Somebody made it meanwhile and set its count: the next look shows what it is.
        Err(Error::Owned { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    take(cluster, key, &created).await
}

/// The second half of a birth.
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
    cluster.apply(key, &whole, manner(adopted.contains(key), false)).await.map(|_| true)
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
