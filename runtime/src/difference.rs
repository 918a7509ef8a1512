//! What an apply would change, object by object: what is there beside what a dry run of the apply makes of it.

use std::collections::BTreeSet;

use compiler::lower::{COMPONENT, REVISION};
use compiler::object::{Object, ObjectKey};
use compiler::plan::{Begin, ReleasePlan};
use kube::api::DynamicObject;
use serde_json::Value;

use crate::apply::{Ready, begin, serving};
use crate::cluster::Cluster;
use crate::error::Error;
use crate::follow::{ACCOUNTS, SCHEDULERS};
use crate::live::Live;
use crate::observe::{body, manner};
use crate::preview::rollouts;
use crate::quiet::{mask, quiet};
use crate::store;

/// What an apply would change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// The objects, in the order of applying, and then those that are not in the plan.
    pub objects: Vec<ObjectDifference>,
    /// Each component whose rollout would be planned otherwise than the latest one: counts, bounds, batches.
    pub releases: Vec<(String, Value, Value)>,
    /// For each component what its rollout would do next.
    pub rollouts: Vec<(String, String)>,
    /// Kinds of which an earlier spec may have made objects, and that the user may not look for.
    pub unseen: Vec<String>,
}

/// One object before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectDifference {
    /// What is there.
    pub before: Option<(ObjectKey, Value)>,
    /// What there would be.
    pub after: Option<(ObjectKey, Value)>,
    /// What else there is to know about it.
    pub remark: Option<String>,
}

impl Difference {
    /// Whether an apply would change nothing, and nothing is there that the plan does not know.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.releases.is_empty() && self.rollouts.is_empty()
    }
}

/// The revision that serves a component, and the keys of its objects as far as they are recorded.
struct Serving<'a> {
    release: &'a ReleasePlan,
    /// What the rollout that an apply begins or goes on with would go back to.
    previous: Option<String>,
    objects: Vec<ObjectKey>,
}

/// Asks what an apply would change; writes nothing.
pub async fn difference(mut ready: Ready<'_>) -> Result<Difference, Error> {
    let (cluster, plan) = (ready.cluster, ready.plan);
    let mut difference =
        Difference { unseen: ready.live.read_others(cluster, plan).await?, ..Difference::default() };
    let mut all = Vec::new();
    for release in &plan.releases {
        let stored = store::read(cluster, plan, &release.component).await?;
        let record = stored.as_ref().map(|stored| &stored.release);
        let previous = match (begin(record, release, None), record) {
            (Begin::Start(_), None) => serving(cluster, plan, release).await?,
            (Begin::Start(first), Some(_)) => first.previous,
            (_, record) => record.and_then(|record| record.previous.clone()),
        };
        let mut objects = Vec::new();
        if let Some(record) = record {
            let (before, after) = (settings(&record.plan), settings(release));
            if before != after {
                difference.releases.push((release.component.clone(), before, after));
            }
            if previous.as_ref() == Some(&record.plan.revision) {
                objects.clone_from(&record.plan.objects);
            }
        }
        all.push(Serving { release, previous, objects });
    }
    for object in &plan.bundle.objects {
        let force = ready.adopted.contains(&object.key());
        difference.objects.extend(of_object(cluster, &ready.live, object, &all, force).await?);
    }
    let planned: BTreeSet<ObjectKey> = plan.bundle.objects.iter().map(Object::key).collect();
    let left = ready.live.iter().filter(|(key, _)| !planned.contains(key));
    for (key, object) in left.filter(|(key, object)| !store::is_record(key, object)) {
        difference.objects.extend(remark(key, object, &all).map(|remark| removed(key, object, remark)));
    }
    difference.rollouts = rollouts(&ready).await?;
    Ok(difference)
}

/// One object of the plan; `None` if an apply would change nothing about it.
async fn of_object(
    cluster: &Cluster,
    live: &Live,
    object: &Object,
    all: &[Serving<'_>],
    force: bool,
) -> Result<Option<ObjectDifference>, Error> {
    let key = object.key();
    let (planned, before, remark) = if let Some(found) = live.get(&key) {
        (body(object), Some((key.clone(), found)), None)
    } else {
        // A revision is a new object, and what people ask is how it differs from the one that serves.
        let found = replaced(live, object, all).map(|(key, object)| (key.clone(), object));
        let remark = found.as_ref().map(|(before, _)| format!("{key} is made beside {before}"));
        (object.value(), found, remark)
    };
    let Some((before, found)) = before else {
        let mut after = planned;
        mask(None, Some(&mut after));
        return Ok(Some(ObjectDifference { before: None, after: Some((key, after)), remark: None }));
    };
    let applied = cluster.apply(&key, &planned, manner(force, true)).await?;
    let (mut old, mut new) = (quiet(found), quiet(&applied));
    if old == new {
        return Ok(None);
    }
    mask(Some(&mut old), Some(&mut new));
    Ok(Some(ObjectDifference { before: Some((before, old)), after: Some((key, new)), remark }))
}

/// The object of the revision that serves whose place an object takes that is named by its content.
fn replaced<'a>(
    live: &'a Live,
    object: &Object,
    all: &[Serving<'_>],
) -> Option<(&'a ObjectKey, &'a DynamicObject)> {
    let serving = all.iter().find(|serving| Some(&serving.release.component) == object.component.as_ref())?;
    hash(&object.key(), &object.logical_name)?;
    live.iter().find(|(key, found)| {
        let recorded = serving.objects.contains(key);
        let revision = label(found, REVISION);
        key.kind == object.kind()
            && label(found, COMPONENT) == object.component.as_deref()
            && hash(key, &object.logical_name).is_some()
            && (recorded || (revision.is_some() && revision == serving.previous.as_deref()))
    })
}

/// What follows the name that people know an object by, in the name of one that is named by its content.
pub(crate) fn hash<'a>(key: &'a ObjectKey, logical_name: &str) -> Option<&'a str> {
    let rest = key.name.strip_prefix(logical_name)?.strip_prefix('-')?;
    (!rest.contains('-')).then_some(rest)
}

/// What is to be said about an object that specc made and that the plan does not know; `None` if it belongs to a
/// revision that stays as the way back.
fn remark(key: &ObjectKey, object: &DynamicObject, all: &[Serving<'_>]) -> Option<String> {
    let left = format!("{key} is not in the spec, and an apply leaves it");
    let component = label(object, COMPONENT);
    let Some(serving) = all.iter().find(|serving| Some(serving.release.component.as_str()) == component)
    else {
        return Some(left);
    };
    let revision = label(object, REVISION);
    let follows = SCHEDULERS.iter().chain(ACCOUNTS).any(|(_, kind)| *kind == key.kind);
    match key.kind.as_str() {
        "Deployment" | "HorizontalPodAutoscaler" => (revision != serving.previous.as_deref())
            .then(|| format!("{key} is of a revision that nothing goes back to, and an apply removes it")),
        // They go with nobody: earlier revisions still read them, and disks outlive their pods.
        "ConfigMap" | "PersistentVolumeClaim" => None,
        _ if follows => Some(format!("{key} is not in the spec, and an apply removes it")),
        _ => Some(left),
    }
}

fn removed(key: &ObjectKey, object: &DynamicObject, remark: String) -> ObjectDifference {
    let mut before = quiet(object);
    mask(Some(&mut before), None);
    ObjectDifference { before: Some((key.clone(), before)), after: None, remark: Some(remark) }
}

/// What a plan says about a component's rollout, without what names it and its objects.
fn settings(plan: &ReleasePlan) -> Value {
    let mut value = serde_json::to_value(plan).expect("a plan serialises");
    let names = ["component", "namespace", "revision", "digest", "objects", "followUp"];
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|name, _| !names.contains(&name.as_str()));
    }
    value
}

fn label<'a>(object: &'a DynamicObject, name: &str) -> Option<&'a str> {
    object.metadata.labels.as_ref()?.get(name).map(String::as_str)
}
