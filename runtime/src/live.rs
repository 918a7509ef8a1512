//! What of a cell is in the cluster: one list a kind, and one look for each object that no list shows.

use std::collections::{BTreeMap, BTreeSet};

use compiler::object::{Object, ObjectKey};
use compiler::plan::Plan;
use kube::api::{DynamicObject, TypeMeta};

use crate::cluster::{Cluster, key_of};
use crate::delete::KINDS;
use crate::error::Error;
use crate::follow::{ACCOUNTS, SCHEDULERS};
use crate::observe::kind;
use crate::store;

/// The objects of a plan that exist, and those beside them that carry the cell's labels.
pub(crate) struct Live(BTreeMap<ObjectKey, DynamicObject>);

impl Live {
    /// Reads the objects of the plan's kinds.
    pub(crate) async fn read(cluster: &Cluster, plan: &Plan) -> Result<Self, Error> {
        let selector = store::selector(plan, None);
        let mut found = BTreeMap::new();
        for (api_version, name) in kinds(plan) {
            let like = kind(plan, &api_version, &name);
            found.extend(keyed(&like, cluster.list(&like, &selector).await?));
        }
        for key in plan.bundle.objects.iter().map(Object::key) {
            // What others made has no such labels, and what belongs to the whole cluster is not listed.
            if !found.contains_key(&key)
                && let Some(object) = cluster.get(&key).await?
            {
                found.insert(key, object);
            }
        }
        Ok(Self(found))
    }

    /// Reads further kinds that specc makes, of which an earlier spec may have had some. What the cluster does not
    /// know cannot have been made, and who has never had a kind need not have the right to look for it: the names of
    /// what could not be looked for come back.
    pub(crate) async fn read_others(&mut self, cluster: &Cluster, plan: &Plan) -> Result<Vec<String>, Error> {
        let (known, selector) = (kinds(plan), store::selector(plan, None));
        let mut unseen = Vec::new();
        let others = SCHEDULERS.iter().chain(ACCOUNTS).chain(KINDS).chain(&[("v1", "ConfigMap")]);
        for (api_version, name) in others {
            if known.contains(&((*api_version).to_owned(), (*name).to_owned())) {
                continue;
            }
            let like = kind(plan, api_version, name);
            match cluster.list(&like, &selector).await {
                Ok(objects) => self.0.extend(keyed(&like, objects)),
                Err(Error::MissingKind { .. }) => {}
                Err(Error::Refused { code: 403, .. }) => unseen.push((*name).to_owned()),
                Err(error) => return Err(error),
            }
        }
        Ok(unseen)
    }

    /// The object of that key.
    pub(crate) fn get(&self, key: &ObjectKey) -> Option<&DynamicObject> {
        self.0.get(key)
    }

    /// All of them, sorted by key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ObjectKey, &DynamicObject)> {
        self.0.iter()
    }
}

/// Objects by their keys. A list says only once what all in it are; an object by itself says it too.
fn keyed(like: &ObjectKey, objects: Vec<DynamicObject>) -> impl Iterator<Item = (ObjectKey, DynamicObject)> {
    objects.into_iter().map(move |mut object| {
        object.types = Some(TypeMeta { api_version: like.api_version.clone(), kind: like.kind.clone() });
        (key_of(like, &object), object)
    })
}

/// The kinds of the plan's objects in its namespace, as version and name.
fn kinds(plan: &Plan) -> BTreeSet<(String, String)> {
    let keys = plan.bundle.objects.iter().map(Object::key).filter(|key| key.namespace.is_some());
    keys.map(|key| (key.api_version, key.kind)).collect()
}
