//! What was released before: the record of each rollout, chained by digests, and the plan to release it again.

use std::collections::BTreeMap;

use compiler::object::ObjectKey;
use compiler::plan::file::PlanFile;
use compiler::plan::{Plan, Release, TimeNs};
use kube::api::DynamicObject;
use serde::Serialize;

use crate::cluster::Cluster;
use crate::command::{check, stage};
use crate::error::{Cause, Error};
use crate::store::{self, HISTORY, PLAN, Stored};

/// How many rollouts of a component are kept beside the latest one.
const KEPT: u64 = 10;
/// A plan of more bytes does not fit into a ConfigMap, and is not kept.
const PLAN_BYTES_MAX: usize = 1_000_000;

/// One rollout of a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Past {
    /// The component.
    pub component: String,
    /// Which of its rollouts, from 1.
    pub number: u64,
    /// The revision that it led to.
    pub revision: String,
    /// How it ended, or where it stands.
    pub stage: String,
    /// When it began, in nanoseconds since 1970.
    pub began_ns: TimeNs,
    /// When it entered its last stage, in nanoseconds since 1970.
    pub entered_ns: TimeNs,
    /// Why it was begun in a freeze.
    pub override_freeze: Option<String>,
    /// Whether its plan is kept, so that it can be released again.
    pub kept: bool,
}

/// The rollouts of one component, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// The component.
    pub component: String,
    /// Its rollouts.
    pub rollouts: Vec<Past>,
    /// What is wrong with the chain, if somebody has changed or removed a link.
    pub broken: Option<String>,
}

/// The rollouts of every component, or of one; only reads.
pub async fn history(cluster: &Cluster, plan: &Plan, component: Option<&str>) -> Result<Vec<History>, Error> {
    check(cluster, plan).await?;
    let mut all = Vec::new();
    for release in &plan.releases {
        if component.is_none_or(|name| name == release.component) {
            all.push(of_component(cluster, plan, &release.component).await?.0);
        }
    }
    Ok(all)
}

/// The plan that releases an earlier rollout again, to be prepared and applied as any other: the rollout of that number,
/// or the last one that was released and led to something else. It has no freezes, since the way back is always open.
pub async fn rollback(
    cluster: &Cluster,
    plan: &Plan,
    component: &str,
    to: Option<u64>,
) -> Result<(Past, Plan), Error> {
    check(cluster, plan).await?;
    let (history, releases) = of_component(cluster, plan, component).await?;
    let nothing = |why: String| Error::Nothing { command: "roll back", why };
    let Some(latest) = releases.first() else {
        return Err(nothing(format!("component `{component}` was never released")));
    };
    let wanted = |(past, release): &(&Past, &Release)| match to {
        Some(number) => past.number == number,
        None => release.stage == compiler::plan::Stage::Done && release.plan.digest != latest.plan.digest,
    };
    let found = history.rollouts.iter().zip(&releases).find(wanted);
    let Some((past, release)) = found else {
        return Err(nothing(match to {
            Some(number) => format!("rollout {number} of component `{component}` is not in its history"),
            None => format!("component `{component}` was released in one version only"),
        }));
    };
    let Some(kept) = kept_plan(cluster, plan, component, &release.plan.digest).await? else {
        return Err(nothing(format!("the plan of rollout {} is not kept", past.number)));
    };
    let releases = kept.releases.iter().map(compiler::plan::ReleasePlan::at_once).collect();
    Ok((past.clone(), Plan { releases, ..kept }))
}

/// The plan of a component that a digest is of, if it is kept.
pub(crate) async fn kept_plan(
    cluster: &Cluster,
    plan: &Plan,
    component: &str,
    digest: &str,
) -> Result<Option<Plan>, Error> {
    let key = store::plan_key(&plan.namespace, component, digest);
    let Some(object) = cluster.get(&key).await? else { return Ok(None) };
    let record = |source: String| Error::Record { component: component.to_owned(), source: Cause(source) };
    let text = object.data["data"][store::PLAN_FILE].as_str().unwrap_or_default();
    let kept = PlanFile::read(text).map_err(|error| record(error.to_string()))?.plan;
    // A plan that somebody put there must not lead elsewhere.
    if kept.namespace != plan.namespace || kept.releases.iter().any(|known| known.component != component) {
        return Err(record(format!("{key} is the plan of something else")));
    }
    Ok(Some(kept))
}

/// Keeps the plan of a component, so that what begins can be released again later.
pub(crate) async fn keep_plan(cluster: &Cluster, plan: &Plan, release: &Release) -> Result<(), Error> {
    let component = &release.plan.component;
    let key = store::plan_key(&plan.namespace, component, &release.plan.digest);
    let text =
        PlanFile { plan: plan.only(component), identity: Some(cluster.identity.clone()), base: None }.text();
    if text.len() > PLAN_BYTES_MAX || cluster.get(&key).await?.is_some() {
        return Ok(());
    }
    store::keep(cluster, plan, component, PLAN, (&key, store::PLAN_FILE, &text)).await
}

/// Keeps the record of a rollout that is over before the next one takes its place, and gives back its digest.
pub(crate) async fn keep_record(cluster: &Cluster, plan: &Plan, stored: &Stored) -> Result<String, Error> {
    let component = &stored.release.plan.component;
    let digest = store::digest(&stored.text);
    let key = store::history_key(&plan.namespace, component, stored.release.number, &digest);
    store::keep(cluster, plan, component, HISTORY, (&key, store::RECORD, &stored.text)).await?;
    Ok(digest)
}

/// Removes what is older than the history reaches back.
pub(crate) async fn forget(cluster: &Cluster, plan: &Plan, component: &str) -> Result<(), Error> {
    let Some(live) = store::read(cluster, plan, component).await?.map(|stored| stored.release) else {
        return Ok(());
    };
    let records = kept(cluster, plan, component, HISTORY).await?;
    // By their numbers: where a rollout was begun more than once, more than one record was kept of the one before it.
    let (old, records): (Vec<_>, Vec<_>) =
        records.into_iter().partition(|(_, object)| number(object) + KEPT < live.number);
    let parsed = records.iter().filter_map(|(_, object)| store::parsed(object).ok());
    let needed: Vec<ObjectKey> = parsed
        .chain([live])
        .map(|release| store::plan_key(&plan.namespace, component, &release.plan.digest))
        .collect();
    let plans = kept(cluster, plan, component, PLAN).await?;
    let unneeded = plans.into_iter().filter(|(key, _)| !needed.contains(key));
    for (key, object) in old.into_iter().chain(unneeded) {
        cluster.delete(&key, &object, true).await?;
    }
    Ok(())
}

async fn kept(
    cluster: &Cluster,
    plan: &Plan,
    component: &str,
    what: &str,
) -> Result<Vec<(ObjectKey, DynamicObject)>, Error> {
    let selector = format!("{},{}={what}", store::selector(plan, Some(component)), store::RECORD_LABEL);
    let like = store::release_key(&plan.namespace, component);
    let objects = cluster.list(&like, &selector).await?;
    Ok(objects.into_iter().map(|object| (crate::cluster::key_of(&like, &object), object)).collect())
}

fn number(object: &DynamicObject) -> u64 {
    store::parsed(object).map_or(0, |release| release.number)
}

async fn of_component(
    cluster: &Cluster,
    plan: &Plan,
    component: &str,
) -> Result<(History, Vec<Release>), Error> {
    let mut history = History { component: component.to_owned(), rollouts: Vec::new(), broken: None };
    let mut releases = Vec::new();
    let plans: Vec<ObjectKey> =
        kept(cluster, plan, component, PLAN).await?.into_iter().map(|(key, _)| key).collect();
    let mut records = BTreeMap::new();
    for (_, object) in kept(cluster, plan, component, HISTORY).await? {
        let text = object.data["data"][store::RECORD].as_str().unwrap_or_default();
        records.insert(store::digest(text), store::parsed(&object));
    }
    let mut next = store::read(cluster, plan, component).await?.map(|stored| stored.release);
    while let Some(release) = next.take() {
        let key = store::plan_key(&plan.namespace, component, &release.plan.digest);
        history.rollouts.push(past(&release, plans.contains(&key)));
        let before = release.before.clone();
        let oldest = release.number;
        releases.push(release);
        if let Some(digest) = before {
            match records.remove(&digest) {
                Some(Ok(release)) => next = Some(release),
                Some(Err(source)) => history.broken = Some(source.to_string()),
                // Older ones are forgotten by and by.
                None if releases.len() as u64 > KEPT => {}
                None => {
                    let why = format!("the record before rollout {oldest} was changed or removed");
                    history.broken = Some(why);
                }
            }
        }
    }
    Ok((history, releases))
}

fn past(release: &Release, kept: bool) -> Past {
    Past {
        component: release.plan.component.clone(),
        number: release.number,
        revision: release.plan.revision.clone(),
        stage: stage(release),
        began_ns: release.began_ns,
        entered_ns: release.entered_ns,
        override_freeze: release.override_freeze.clone(),
        kept,
    }
}
