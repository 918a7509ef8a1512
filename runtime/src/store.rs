//! The records in the cluster: one of the cell, one of each component's rollout, changed by compare-and-swap.

use std::collections::BTreeMap;

use compiler::lower::{APP, COMPONENT, ENVIRONMENT, MANAGED_BY, MANAGER, TENANT};
use compiler::object::ObjectKey;
use compiler::plan::{Plan, Release};
use kube::api::DynamicObject;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cluster::{Cluster, resource};
use crate::error::{Cause, Error};

/// A record as read, with the version that a change must find unchanged.
#[derive(Clone)]
pub(crate) struct Stored {
    pub release: Release,
    /// The record as it is written.
    pub text: String,
    version: Option<String>,
}

#[cfg(test)]
impl Stored {
    /// A record as if it had been read.
    pub(crate) fn unversioned(release: Release) -> Self {
        let text = serde_json::to_string(&release).expect("records serialise");
        Self { release, text, version: None }
    }
}

/// Which cell a namespace belongs to, and in which cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CellRecord {
    app: String,
    environment: String,
    tenant: Option<String>,
    cluster: String,
    identity: String,
    /// Whether the namespace is specc's own, and goes with the cell.
    pub made_namespace: bool,
}

const CELL: &str = "specc-cell";
/// Where a record stands in its ConfigMap.
pub(crate) const RECORD: &str = "record.json";
/// Where a plan does.
pub(crate) const PLAN_FILE: &str = "plan.json";
/// The label that tells what is kept of earlier rollouts.
pub(crate) const RECORD_LABEL: &str = "specc.io/record";
/// The value of [`RECORD_LABEL`] on the record of an earlier rollout.
pub(crate) const HISTORY: &str = "history";
/// The value of [`RECORD_LABEL`] on the plan of a rollout.
pub(crate) const PLAN: &str = "plan";

/// The labels of everything in the cell.
pub(crate) fn labels(plan: &Plan) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::from([
        (MANAGED_BY.to_owned(), MANAGER.to_owned()),
        (APP.to_owned(), plan.app.clone()),
        (ENVIRONMENT.to_owned(), plan.environment.clone()),
    ]);
    labels.extend(plan.tenant.iter().map(|tenant| (TENANT.to_owned(), tenant.clone())));
    labels
}

/// [`labels`], or those of one component, as a label selector.
pub(crate) fn selector(plan: &Plan, component: Option<&str>) -> String {
    let mut labels = labels(plan);
    labels.extend(component.map(|component| (COMPONENT.to_owned(), component.to_owned())));
    let pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(",")
}

/// The key of a component's record.
pub(crate) fn release_key(namespace: &str, component: &str) -> ObjectKey {
    config_map(namespace, &format!("specc-release-{component}"))
}

/// The key of the cell's record.
pub(crate) fn cell_key(namespace: &str) -> ObjectKey {
    config_map(namespace, CELL)
}

/// Whether an object of the cell's namespace is its record, or the record of a component.
pub(crate) fn is_record(key: &ObjectKey, object: &DynamicObject) -> bool {
    let component = object.metadata.labels.as_ref().and_then(|labels| labels.get(COMPONENT));
    let namespace = key.namespace.as_deref().unwrap_or_default();
    *key == component.map_or_else(|| cell_key(namespace), |component| release_key(namespace, component))
}

/// A component's record.
pub(crate) async fn read(cluster: &Cluster, plan: &Plan, component: &str) -> Result<Option<Stored>, Error> {
    let key = release_key(&plan.namespace, component);
    let Some(object) = cluster.get(&key).await? else { return Ok(None) };
    let release =
        content(&object).map_err(|source| Error::Record { component: component.to_owned(), source })?;
    let text = object.data["data"][RECORD].as_str().unwrap_or_default().to_owned();
    Ok(Some(Stored { release, text, version: object.metadata.resource_version }))
}

/// Writes a component's record if nobody has changed it since `stored` was read, or made it if it was absent.
pub(crate) async fn write(
    cluster: &Cluster,
    plan: &Plan,
    stored: Option<&Stored>,
    release: Release,
) -> Result<Stored, Error> {
    let component = release.plan.component.clone();
    let key = release_key(&plan.namespace, &component);
    let mut labels = labels(plan);
    labels.insert(COMPONENT.to_owned(), component);
    let version = stored.and_then(|stored| stored.version.clone());
    let text = serde_json::to_string(&release).expect("records serialise");
    let written = cluster.put(&key, &holding(&key, labels, version, &[(RECORD, &text)])).await?;
    Ok(Stored { release, text, version: written.metadata.resource_version })
}

/// The key of what is kept of an earlier rollout.
pub(crate) fn history_key(namespace: &str, component: &str, number: u64, digest: &str) -> ObjectKey {
    config_map(namespace, &format!("specc-history-{component}-{number}-{}", short(digest)))
}

/// The key of the plan that a digest is of.
pub(crate) fn plan_key(namespace: &str, component: &str, digest: &str) -> ObjectKey {
    config_map(namespace, &format!("specc-plan-{component}-{}", short(digest)))
}

fn short(digest: &str) -> &str {
    digest.get(..10).unwrap_or(digest)
}

/// Keeps a text under a name that is made of its content, for ever unchanged; that it is there already is fine.
pub(crate) async fn keep(
    cluster: &Cluster,
    plan: &Plan,
    component: &str,
    what: &str,
    (key, file, text): (&ObjectKey, &str, &str),
) -> Result<(), Error> {
    let mut labels = labels(plan);
    labels.insert(COMPONENT.to_owned(), component.to_owned());
    labels.insert(RECORD_LABEL.to_owned(), what.to_owned());
    let mut object = holding(key, labels, None, &[(file, text)]);
    object.data["immutable"] = json!(true);
    match cluster.put(key, &object).await {
        Err(Error::Refused { code: 409, .. }) => Ok(()),
        kept => kept.map(drop),
    }
}

/// SHA-256 of a record as it is written, in hexadecimal.
pub(crate) fn digest(text: &str) -> String {
    compiler::plan::file::digest_of(text.as_bytes())
}

/// A record that was kept.
pub(crate) fn parsed(object: &DynamicObject) -> Result<Release, Cause> {
    content(object)
}

/// The cell that a namespace is recorded for.
pub(crate) async fn read_cell(cluster: &Cluster, plan: &Plan) -> Result<Option<CellRecord>, Error> {
    let Some(object) = cluster.get(&cell_key(&plan.namespace)).await? else { return Ok(None) };
    let record = content(&object).map_err(|source| Error::Record { component: CELL.to_owned(), source })?;
    Ok(Some(record))
}

/// Records the cell; it never changes afterwards.
pub(crate) async fn write_cell(cluster: &Cluster, plan: &Plan, made_namespace: bool) -> Result<(), Error> {
    let key = cell_key(&plan.namespace);
    let record = cell(cluster, plan, made_namespace);
    let text = serde_json::to_string(&record).expect("records serialise");
    match cluster.put(&key, &holding(&key, labels(plan), None, &[(RECORD, &text)])).await {
        Ok(_) => Ok(()),
        // Another apply was faster; it must be of the same cell.
        Err(error) if error.is_stale() => match read_cell(cluster, plan).await? {
            Some(theirs) => check_cell(cluster, plan, &theirs),
            None => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// Refuses a namespace of another cell, and a copy of a namespace in another cluster.
pub(crate) fn check_cell(cluster: &Cluster, plan: &Plan, record: &CellRecord) -> Result<(), Error> {
    if record.identity != cluster.identity {
        return Err(Error::Identity {
            cluster: plan.cluster.clone(),
            pinned: record.identity.clone(),
            found: cluster.identity.clone(),
        });
    }
    if *record == cell(cluster, plan, record.made_namespace) {
        return Ok(());
    }
    let tenant = record.tenant.as_ref().map(|tenant| format!("/{tenant}")).unwrap_or_default();
    let owner = format!("`{}` {}{tenant}@{}", record.app, record.environment, record.cluster);
    Err(Error::ForeignCell { namespace: plan.namespace.clone(), owner })
}

fn cell(cluster: &Cluster, plan: &Plan, made_namespace: bool) -> CellRecord {
    CellRecord {
        app: plan.app.clone(),
        environment: plan.environment.clone(),
        tenant: plan.tenant.clone(),
        cluster: plan.cluster.clone(),
        identity: cluster.identity.clone(),
        made_namespace,
    }
}

fn holding(
    key: &ObjectKey,
    labels: BTreeMap<String, String>,
    version: Option<String>,
    files: &[(&str, &str)],
) -> DynamicObject {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let mut object = DynamicObject::new(&key.name, &resource(key)).data(json!({ "data": files }));
    object.metadata.namespace.clone_from(&key.namespace);
    object.metadata.labels = Some(labels);
    object.metadata.resource_version = version;
    object
}

fn content<T: for<'de> Deserialize<'de>>(object: &DynamicObject) -> Result<T, Cause> {
    let text = object.data["data"][RECORD].as_str().unwrap_or_default();
    serde_json::from_str(text).map_err(|error| Cause(format!("{RECORD}: {error}")))
}

fn config_map(namespace: &str, name: &str) -> ObjectKey {
    ObjectKey {
        api_version: "v1".into(),
        kind: "ConfigMap".into(),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    }
}
