//! Every request to an API server: timeouts, retries of reads, and errors that name the call.

use std::time::Duration;

use compiler::object::ObjectKey;
use kube::Client;
use kube::api::{
    Api, ApiResource, DeleteParams, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams,
    PostParams, Preconditions,
};
use serde_json::Value;

use crate::error::{Call, Cause, Error};

/// Owns the manifests.
pub(crate) const MANAGER: &str = "specc";
/// Owns counts and bounds, so that an apply of a manifest without them does not reset them.
pub(crate) const SCALE_MANAGER: &str = "specc-scale";

/// A cluster that has answered.
pub struct Cluster {
    pub(crate) client: Client,
    pub(crate) server: String,
    /// The UID of its kube-system namespace.
    pub identity: String,
}

/// How an object is applied.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    /// The field manager.
    pub manager: &'static str,
    /// Take fields from other managers.
    pub force: bool,
    /// Only show what would come out.
    pub dry_run: bool,
}

/// How often a read is tried, the first time included.
pub(crate) const READS: u32 = 3;

impl Cluster {
    /// The object, if it is there.
    pub(crate) async fn get(&self, key: &ObjectKey) -> Result<Option<DynamicObject>, Error> {
        let api = self.api(key);
        let mut tried = 1;
        loop {
            let error = match api.get_opt(&key.name).await {
                Ok(object) => return Ok(object),
                Err(error) => unknown_kind(key, self.error("get", key, &error)),
            };
            again(error, &mut tried).await?;
        }
    }

    /// The objects of one kind with these labels, sorted by name; the key's name is not looked at.
    pub(crate) async fn list(&self, like: &ObjectKey, labels: &str) -> Result<Vec<DynamicObject>, Error> {
        let api = self.api(like);
        let mut tried = 1;
        loop {
            let error = match api.list(&ListParams::default().labels(labels)).await {
                Ok(list) => {
                    let mut items = list.items;
                    items.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
                    return Ok(items);
                }
                Err(error) => {
                    let call =
                        Call { verb: "list", subject: plural(like), namespace: like.namespace.clone() };
                    unknown_kind(like, Error::of_call(call, &self.server, &error))
                }
            };
            again(error, &mut tried).await?;
        }
    }

    /// Server-side apply.
    pub(crate) async fn apply(
        &self,
        key: &ObjectKey,
        body: &Value,
        how: Manner,
    ) -> Result<DynamicObject, Error> {
        let params = PatchParams {
            dry_run: how.dry_run,
            force: how.force,
            ..PatchParams::apply(how.manager).validation_strict()
        };
        let applied = self.api(key).patch(&key.name, &params, &Patch::Apply(body)).await;
        applied.map_err(|error| {
            let error = self.error("apply", key, &error);
            let Error::Refused { call, code, source } = error else { return error };
            if code == 409 && source.0.contains("conflict") {
                return Error::Owned { object: key.clone(), source };
            }
            Error::Refused { call, code, source }
        })
    }

    /// A JSON patch by the scale manager.
    pub(crate) async fn patch(&self, key: &ObjectKey, operations: Value) -> Result<(), Error> {
        let patch = serde_json::from_value(operations)
            .map_err(|error| Error::Answer { call: call("patch", key), source: Cause(error.to_string()) })?;
        let params = PatchParams { field_manager: Some(SCALE_MANAGER.into()), ..PatchParams::default() };
        let patched = self.api(key).patch(&key.name, &params, &Patch::Json::<()>(patch)).await;
        patched.map(drop).map_err(|error| self.error("patch", key, &error))
    }

    /// Creates the object, or replaces it if it still has the resource version that it carries.
    pub(crate) async fn put(&self, key: &ObjectKey, object: &DynamicObject) -> Result<DynamicObject, Error> {
        let params = PostParams { field_manager: Some(MANAGER.into()), ..PostParams::default() };
        let api = self.api(key);
        if object.metadata.resource_version.is_some() {
            let replaced = api.replace(&key.name, &params, object).await;
            return replaced.map_err(|error| self.error("update", key, &error));
        }
        api.create(&params, object).await.map_err(|error| self.error("create", key, &error))
    }

    /// Creates the object for the scale manager; `false` if one of its name is there.
    pub(crate) async fn create(&self, key: &ObjectKey, body: Value) -> Result<bool, Error> {
        let object: DynamicObject = serde_json::from_value(body)
            .map_err(|error| Error::Answer { call: call("create", key), source: Cause(error.to_string()) })?;
        let params = PostParams { field_manager: Some(SCALE_MANAGER.into()), ..PostParams::default() };
        match self.api(key).create(&params, &object).await {
            Ok(_) => Ok(true),
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
            Err(error) => Err(unknown_kind(key, self.error("create", key, &error))),
        }
    }

    /// Deletes exactly this object, if nobody has changed or replaced it.
    pub(crate) async fn delete(
        &self,
        key: &ObjectKey,
        object: &DynamicObject,
        exact: bool,
    ) -> Result<(), Error> {
        let preconditions = Preconditions {
            uid: object.metadata.uid.clone(),
            resource_version: object.metadata.resource_version.clone().filter(|_| exact),
        };
        let params = DeleteParams { preconditions: Some(preconditions), ..DeleteParams::background() };
        match self.api(key).delete(&key.name, &params).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            Err(error) => Err(self.error("delete", key, &error)),
        }
    }

    fn api(&self, key: &ObjectKey) -> Api<DynamicObject> {
        let resource = resource(key);
        match &key.namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        }
    }

    fn error(&self, verb: &'static str, key: &ObjectKey, error: &kube::Error) -> Error {
        Error::of_call(call(verb, key), &self.server, error)
    }
}

/// The key of an object that the server returned.
pub(crate) fn key_of(like: &ObjectKey, object: &DynamicObject) -> ObjectKey {
    ObjectKey { name: object.metadata.name.clone().unwrap_or_default(), ..like.clone() }
}

pub(crate) fn resource(key: &ObjectKey) -> ApiResource {
    let (group, version) = key.api_version.split_once('/').unwrap_or(("", &key.api_version));
    ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, &key.kind))
}

fn plural(key: &ObjectKey) -> String {
    resource(key).plural
}

fn call(verb: &'static str, key: &ObjectKey) -> Call {
    Call { verb, subject: key.to_string(), namespace: key.namespace.clone() }
}

/// An absent object is no error, so what else is not found is the kind itself.
fn unknown_kind(key: &ObjectKey, error: Error) -> Error {
    if !matches!(error, Error::Refused { code: 404, .. }) {
        return error;
    }
    Error::MissingKind { kind: key.kind.clone(), api_version: key.api_version.clone() }
}

/// Sleeps before the next try of a read, or gives the error back.
pub(crate) async fn again(error: Error, tried: &mut u32) -> Result<(), Error> {
    if !error.is_transient() || *tried >= READS {
        return Err(error);
    }
    tokio::time::sleep(Duration::from_millis(200 << *tried)).await;
    *tried += 1;
    Ok(())
}
