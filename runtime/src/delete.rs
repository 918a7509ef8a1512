//! Removes what specc made for one cell, and nothing else.

use std::time::Duration;

use compiler::object::ObjectKey;
use compiler::plan::Plan;
use kube::api::DynamicObject;
use serde_json::json;

use crate::cluster::{Cluster, MANAGER, Manner, key_of};
use crate::command::check;
use crate::error::Error;
use crate::event::{Event, Interrupt};
use crate::follow;
use crate::foreign::foreign;
use crate::observe::{is_ours, kind};
use crate::rights::may_list;
use crate::store;

/// What a delete removes, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Removal {
    /// The objects; the namespace is the last, where it goes too.
    pub objects: Vec<ObjectKey>,
    /// What stays, and why.
    pub kept: Vec<(ObjectKey, String)>,
    /// Kinds that are not the plan's and that the user may not look for: an earlier spec may have made some.
    pub unseen: Vec<String>,
    found: Vec<DynamicObject>,
    /// The namespace, where it was there before: it is given back without specc's labels.
    given_back: Option<ObjectKey>,
}

/// The kinds that carry specc's labels, after those that follow a revision. Autoscalers go before what they scale.
pub(crate) const KINDS: &[(&str, &str)] = &[
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("networking.k8s.io/v1", "Ingress"),
    ("gateway.networking.k8s.io/v1", "HTTPRoute"),
    ("v1", "Service"),
    ("policy/v1", "PodDisruptionBudget"),
    ("scheduling.alibabacloud.com/v1alpha1", "ResourcePolicy"),
    ("v1", "PersistentVolumeClaim"),
    ("monitoring.coreos.com/v1", "PrometheusRule"),
    ("monitoring.coreos.com/v1alpha1", "AlertmanagerConfig"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("v1", "LimitRange"),
    ("v1", "ResourceQuota"),
];

const GONE_WITHIN: Duration = Duration::from_mins(1);

/// Finds what a delete would remove; only reads.
pub async fn removal(cluster: &Cluster, plan: &Plan) -> Result<Removal, Error> {
    check(cluster, plan).await?;
    let mut removal = Removal::default();
    let add = |removal: &mut Removal, objects: Vec<(ObjectKey, DynamicObject)>| {
        let (keys, found): (Vec<_>, Vec<_>) = objects.into_iter().unzip();
        removal.objects.extend(keys);
        removal.found.extend(found);
    };
    let cell = store::cell_key(&plan.namespace);
    let mut configs = labelled(cluster, plan, "v1", "ConfigMap").await?;
    configs.retain(|(key, _)| *key != cell);
    // A loop that still drives a rollout stops when its record is gone, so the records go first.
    let (records, configs): (Vec<_>, Vec<_>) =
        configs.into_iter().partition(|(key, object)| store::is_record(key, object));
    add(&mut removal, records);
    // What scales by the clock goes first of all, or it might wake what is being taken down.
    for (api_version, kind) in follow::SCHEDULERS.iter().chain(follow::ACCOUNTS).chain(KINDS) {
        match labelled(cluster, plan, api_version, kind).await {
            Err(Error::Refused { code: 403, .. }) if !may_list(plan, api_version, kind) => {
                removal.unseen.push((*kind).to_owned());
            }
            found => add(&mut removal, found?),
        }
    }
    add(&mut removal, configs);
    add(&mut removal, outside(cluster, plan).await?);
    last(cluster, plan, &mut removal).await?;
    Ok(removal)
}

/// The namespace if it is specc's and nobody else's objects are in it, else the record that says whose it is.
async fn last(cluster: &Cluster, plan: &Plan, removal: &mut Removal) -> Result<(), Error> {
    let key = ObjectKey { namespace: None, name: plan.namespace.clone(), ..kind(plan, "v1", "Namespace") };
    let Some(namespace) = cluster.get(&key).await? else { return Ok(()) };
    let cell = store::read_cell(cluster, plan).await?;
    let made = cell.as_ref().map_or_else(|| is_ours(&namespace), |cell| cell.made_namespace);
    let why =
        if made { foreign(cluster, plan).await?.reason() } else { Some("it was there before".to_owned()) };
    removal.given_back = Some(key.clone()).filter(|_| !made && is_ours(&namespace));
    let Some(why) = why else {
        removal.objects.push(key);
        removal.found.push(namespace);
        return Ok(());
    };
    removal.kept.push((key, why));
    let cell = store::cell_key(&plan.namespace);
    if let Some(record) = cluster.get(&cell).await? {
        removal.objects.push(cell);
        removal.found.push(record);
    }
    Ok(())
}

/// Removes them, and waits until they are gone. `Ok(false)` says that it was interrupted.
pub async fn delete(
    cluster: &Cluster,
    removal: &Removal,
    interrupt: &Interrupt,
    tell: &mut dyn FnMut(Event),
) -> Result<bool, Error> {
    for (key, object) in removal.objects.iter().zip(&removal.found) {
        if interrupt.is_set() {
            return Ok(false);
        }
        cluster.delete(key, object, false).await?;
        tell(Event::Removed(key.clone()));
    }
    // With the labels, the next apply would take the namespace for specc's own, and the next delete remove it.
    if let Some(key) = &removal.given_back {
        let nothing =
            json!({ "apiVersion": key.api_version, "kind": key.kind, "metadata": { "name": key.name } });
        cluster.apply(key, &nothing, Manner { manager: MANAGER, force: false, dry_run: false }).await?;
    }
    for (key, why) in &removal.kept {
        tell(Event::Kept(key.clone(), why.clone()));
    }
    gone(cluster, removal, interrupt).await
}

async fn gone(cluster: &Cluster, removal: &Removal, interrupt: &Interrupt) -> Result<bool, Error> {
    let start = std::time::Instant::now();
    loop {
        let mut left = Vec::new();
        for (key, object) in removal.objects.iter().zip(&removal.found) {
            // Another object of the same name is somebody's new one.
            let same = |live: &DynamicObject| live.metadata.uid == object.metadata.uid;
            if cluster.get(key).await?.is_some_and(|live| same(&live)) {
                left.push(key.clone());
            }
        }
        if left.is_empty() {
            return Ok(true);
        }
        if interrupt.is_set() {
            return Ok(false);
        }
        if start.elapsed() > GONE_WITHIN {
            return Err(Error::StillThere { seconds: GONE_WITHIN.as_secs(), objects: left });
        }
        interrupt.sleep(Duration::from_millis(500)).await;
    }
}

/// What components have outside of the namespace, such as the collection of their logs. It is looked for by name:
/// who may delete a cell need not be allowed to list the whole cluster.
async fn outside(cluster: &Cluster, plan: &Plan) -> Result<Vec<(ObjectKey, DynamicObject)>, Error> {
    let mut found = Vec::new();
    let of_components = plan.bundle.objects.iter().filter(|object| object.component.is_some());
    for key in of_components.map(compiler::object::Object::key).filter(|key| key.namespace.is_none()) {
        match cluster.get(&key).await {
            Ok(Some(object)) if is_ours(&object) => found.push((key, object)),
            // What the cluster does not know cannot have been made.
            Ok(_) | Err(Error::MissingKind { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

async fn labelled(
    cluster: &Cluster,
    plan: &Plan,
    api_version: &str,
    name: &str,
) -> Result<Vec<(ObjectKey, DynamicObject)>, Error> {
    let like = kind(plan, api_version, name);
    let objects = match cluster.list(&like, &store::selector(plan, None)).await {
        // What the cluster does not know cannot have been made.
        Err(Error::MissingKind { .. }) => Vec::new(),
        listed => listed?,
    };
    Ok(objects.into_iter().map(|object| (key_of(&like, &object), object)).collect())
}
