//! What a user must be allowed so that a plan can be applied, rolled out and deleted: the calls of this crate and no
//! others.

use std::collections::{BTreeMap, BTreeSet};

use compiler::object::{Object, ObjectKey};
use compiler::plan::{Mechanism, Need, Plan};

use crate::cluster::resource;
use crate::difference::hash;
use crate::follow::SCHEDULERS;
use crate::observe::{kind, workload_kind};
use crate::store;

/// Verbs on one kind of object, in one namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// The namespace; `None` for objects of the whole cluster.
    pub namespace: Option<String>,
    /// The API group; empty for the core.
    pub group: String,
    /// The kind as addresses call it, such as `deployments`.
    pub resource: String,
    /// The only objects that are meant; empty where they are named by their content, or where a verb has no name.
    pub names: Vec<String>,
    /// Such as `get`.
    pub verbs: Vec<&'static str>,
}

/// One verb on one object, or on all of a kind.
type Call = (Option<String>, String, String, &'static str, Option<String>);

/// The rights of who applies a plan, sorted.
pub fn rights(plan: &Plan) -> Vec<Right> {
    let mut calls = Calls::default();
    // The cluster is known by the identity of this namespace.
    calls.add(&namespace("kube-system"), &["get"], Named::Alone);
    for object in &plan.bundle.objects {
        calls.add_object(object);
    }
    calls.add_records(plan);
    for release in &plan.releases {
        // Where a component stands, whatever its plan was: with an autoscaler or without.
        calls.add(&kind(plan, "apps/v1", workload_kind(release.mechanism)), &["list"], Named::All);
        calls.add(&kind(plan, "autoscaling/v2", "HorizontalPodAutoscaler"), &["list"], Named::All);
        calls.add(&kind(plan, "v1", "Pod"), &["list"], Named::All);
        if release.mechanism != Mechanism::Deployments {
            // A pod that is replaced is stamped first.
            calls.add(&kind(plan, "v1", "Pod"), &["get", "patch", "delete"], Named::All);
        }
        if release.mechanism == Mechanism::Nodes {
            calls.add(&crate::observe::node(), &["list"], Named::All);
        }
    }
    if plan.releases.iter().any(|release| !release.follow_up.is_empty()) {
        for (api_version, name) in SCHEDULERS {
            calls.add(&kind(plan, api_version, name), &["list"], Named::All);
        }
    }
    for need in plan.releases.iter().flat_map(|release| &release.needs) {
        match need {
            Need::Everywhere(key) => calls.add(key, &["get"], Named::Alone),
            Need::Node { .. } => calls.add(&crate::observe::node(), &["list"], Named::All),
        }
    }
    calls.grouped()
}

/// Whether the rights of a plan let its user list a kind in its namespace.
pub(crate) fn may_list(plan: &Plan, api_version: &str, name: &str) -> bool {
    let like = kind(plan, api_version, name);
    let (group, resource) = address(&like);
    rights(plan).iter().any(|right| {
        (&right.namespace, &right.group, &right.resource) == (&like.namespace, &group, &resource)
            && right.verbs.contains(&"list")
    })
}

/// Whether a verb is allowed on the one object, or on all of its kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Alone,
    All,
}

#[derive(Default)]
struct Calls(BTreeSet<Call>);

impl Calls {
    fn add(&mut self, key: &ObjectKey, verbs: &[&'static str], named: Named) {
        let (group, resource) = address(key);
        // A request for a namespace itself is one in that namespace.
        let place = if key.kind == "Namespace" { Some(key.name.clone()) } else { key.namespace.clone() };
        for verb in verbs {
            let name = (named == Named::Alone).then(|| key.name.clone());
            self.0.insert((place.clone(), group.clone(), resource.clone(), verb, name));
        }
    }

    fn add_object(&mut self, object: &Object) {
        let key = object.key();
        if key.kind == "Namespace" {
            // Whoever grants the rights has made it, or there would be no place for them.
            return self.add(&key, &["get", "patch"], Named::Alone);
        }
        let revised = object.component.is_some() && hash(&key, &object.logical_name).is_some();
        // A rollout and a delete also meet the objects of other revisions.
        let named = if revised { Named::All } else { Named::Alone };
        self.add(&key, &["get", "patch", "delete"], named);
        // Nothing is named when it is created; but for the cell's own objects, which are made by their first apply.
        self.add(&key, &["create"], if object.component.is_some() { Named::All } else { named });
        if key.namespace.is_some() {
            self.add(&key, &["list"], Named::All);
        }
        if key.kind == "StatefulSet" {
            let disk =
                ObjectKey { api_version: "v1".to_owned(), kind: "PersistentVolumeClaim".to_owned(), ..key };
            // Disks are looked for and left.
            self.add(&disk, &["list"], Named::All);
        }
    }

    /// Records are made by their content and not by their name, so that nobody overwrites one.
    fn add_records(&mut self, plan: &Plan) {
        let cell = store::cell_key(&plan.namespace);
        self.add(&cell, &["list", "create"], Named::All);
        self.add(&cell, &["get", "delete"], Named::Alone);
        for release in &plan.releases {
            let record = store::release_key(&plan.namespace, &release.component);
            self.add(&record, &["update"], Named::Alone);
            // What is kept of earlier rollouts is named by its content.
            self.add(&record, &["get", "delete"], Named::All);
        }
    }

    /// As few rules as say the same.
    fn grouped(self) -> Vec<Right> {
        let mut verbs: BTreeMap<_, Vec<&'static str>> = BTreeMap::new();
        for (place, group, resource, verb, name) in &self.0 {
            let whole = (place.clone(), group.clone(), resource.clone(), *verb, None);
            if name.is_none() || !self.0.contains(&whole) {
                verbs.entry((place, group, resource, name)).or_default().push(verb);
            }
        }
        let mut names: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for ((place, group, resource, name), verbs) in verbs {
            let all = names.entry((place, group, resource, name.is_some(), verbs)).or_default();
            all.extend(name.clone());
        }
        let right =
            |((place, group, resource, _, verbs), names): ((_, _, _, _, Vec<_>), Vec<String>)| Right {
                namespace: Clone::clone(place),
                group: String::clone(group),
                resource: String::clone(resource),
                names,
                verbs,
            };
        names.into_iter().map(right).collect()
    }
}

fn namespace(name: &str) -> ObjectKey {
    ObjectKey {
        api_version: "v1".to_owned(),
        kind: "Namespace".to_owned(),
        namespace: None,
        name: name.to_owned(),
    }
}

/// Group and plural of a kind.
fn address(key: &ObjectKey) -> (String, String) {
    let resource = resource(key);
    (resource.group, resource.plural)
}
