//! What is in a namespace that neither specc nor the cluster itself put there.

use compiler::lower::{APP, ENVIRONMENT, MANAGED_BY, MANAGER};
use compiler::plan::Plan;
use kube::Discovery;
use kube::api::{Api, DynamicObject, ListParams, ObjectMeta};
use kube::discovery::{ApiResource, Scope, verbs};

use crate::cluster::{Cluster, READS, again};
use crate::error::{Call, Error};

/// Kinds that come and go by themselves.
const PASSING: &[&str] = &["Event", "Endpoints", "PodMetrics", "Lease"];

/// What the cluster puts into every namespace.
const USUAL: &[(&str, &str)] = &[("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")];

/// What would be lost with a namespace.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// Kind and name of each object.
    pub names: Vec<String>,
    /// The kinds of which it is not known whether there are any, since the user may not list them.
    pub unseen: Vec<String>,
}

impl Foreign {
    /// Why the namespace has to stay, if it has to.
    pub(crate) fn reason(&self) -> Option<String> {
        let others =
            (!self.names.is_empty()).then(|| format!("specc did not make {}", self.names.join(", ")));
        // A namespace takes everything along, so what is in it must be known.
        let unseen = self.unseen.first().map(|first| {
            let more = self.unseen.len() - 1;
            format!("your user may not look whether it holds more: {first} and {more} other kinds")
        });
        let reasons: Vec<String> = others.into_iter().chain(unseen).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

/// Looks for objects that would be lost with the namespace. Metadata only: no Secret is read.
pub(crate) async fn foreign(cluster: &Cluster, plan: &Plan) -> Result<Foreign, Error> {
    let discovery = discover(cluster, plan).await?;
    let mut foreign = Foreign::default();
    for group in discovery.groups() {
        for (resource, capabilities) in group.recommended_resources() {
            let namespaced = capabilities.scope == Scope::Namespaced;
            if !namespaced
                || !capabilities.supports_operation(verbs::LIST)
                || PASSING.contains(&&*resource.kind)
            {
                continue;
            }
            let there = match metadata(cluster, plan, &resource).await {
                Err(Error::Refused { code: 403, .. }) => {
                    foreign.unseen.push(resource.plural.clone());
                    continue;
                }
                there => there?,
            };
            let others = there.iter().filter(|metadata| is_foreign(plan, &resource, metadata));
            foreign.names.extend(others.map(|metadata| {
                format!("{}/{}", resource.kind, metadata.name.as_deref().unwrap_or_default())
            }));
        }
    }
    foreign.names.sort();
    foreign.unseen.sort();
    Ok(foreign)
}

/// The types of objects in the cluster. They are asked for group by group: where one goes meanwhile, all over again.
async fn discover(cluster: &Cluster, plan: &Plan) -> Result<Discovery, Error> {
    let mut tried = 1;
    loop {
        match Discovery::new(cluster.client.clone()).run().await {
            Ok(discovery) => return Ok(discovery),
            Err(error) if is_gone(&error) && tried < READS => tried += 1,
            Err(error) => again(list_error(cluster, plan, "API groups", &error), &mut tried).await?,
        }
    }
}

/// What is there of a type: nothing if the type has gone since it was asked for.
async fn metadata(cluster: &Cluster, plan: &Plan, resource: &ApiResource) -> Result<Vec<ObjectMeta>, Error> {
    let api: Api<DynamicObject> = Api::namespaced_with(cluster.client.clone(), &plan.namespace, resource);
    let mut tried = 1;
    loop {
        match api.list_metadata(&ListParams::default()).await {
            Ok(list) => return Ok(list.items.into_iter().map(|object| object.metadata).collect()),
            Err(error) if is_gone(&error) => return Ok(Vec::new()),
            Err(error) => again(list_error(cluster, plan, &resource.plural, &error), &mut tried).await?,
        }
    }
}

fn is_gone(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 404)
}

fn list_error(cluster: &Cluster, plan: &Plan, subject: &str, error: &kube::Error) -> Error {
    let (subject, namespace) = (subject.to_owned(), Some(plan.namespace.clone()));
    Error::of_call(Call { verb: "list", subject, namespace }, &cluster.server, error)
}

fn is_foreign(plan: &Plan, resource: &ApiResource, metadata: &ObjectMeta) -> bool {
    let label = |name: &str| metadata.labels.as_ref().and_then(|labels| labels.get(name)).map(String::as_str);
    let ours = label(MANAGED_BY) == Some(MANAGER)
        && label(APP) == Some(&plan.app)
        && label(ENVIRONMENT) == Some(&plan.environment);
    let name = metadata.name.as_deref().unwrap_or_default();
    let usual = USUAL.contains(&(resource.kind.as_str(), name));
    let owned = metadata.owner_references.as_ref().is_some_and(|owners| !owners.is_empty());
    let leaving = metadata.deletion_timestamp.is_some();
    !(ours || usual || owned || leaving)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use compiler::object::Bundle;
    use http::{Request, Response};
    use kube::Client;
    use kube::client::Body;
    use serde_json::{Value, json};

    use super::*;

    /// An API server with ConfigMaps, and with a definition of widgets that goes at the first request that is told.
    fn cluster(goes_at: &'static str) -> (Cluster, Arc<AtomicU32>) {
        let gone = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&gone);
        let service = tower::service_fn(move |request: Request<Body>| {
            let path = request.uri().path();
            if path == goes_at {
                seen.fetch_add(1, Ordering::Relaxed);
            }
            let (code, body) = answer(path, seen.load(Ordering::Relaxed) > 0);
            let response = Response::builder().status(code).body(Body::from(body.to_string().into_bytes()));
            async move { Ok::<_, Infallible>(response.expect("a response has a body")) }
        });
        let client = Client::new(service, "default");
        (Cluster { client, server: "http://127.0.0.1".into(), identity: String::new() }, gone)
    }

    fn answer(path: &str, gone: bool) -> (u16, Value) {
        let versions = |version: &str| json!([{"groupVersion": version, "version": "v1"}]);
        let group = json!({"name": "example.com", "versions": versions("example.com/v1")});
        let resources = |version: &str, name: &str, kind: &str| {
            let resource = json!({"name": name, "singularName": "", "kind": kind, "namespaced": true, "verbs": ["list"]});
            json!({"kind": "APIResourceList", "groupVersion": version, "resources": [resource]})
        };
        let list = |name: &str| {
            json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": {},
                "items": [{"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": {"name": name}}]})
        };
        match path {
            "/api" => {
                (200, json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}))
            }
            "/api/v1" => (200, resources("v1", "configmaps", "ConfigMap")),
            "/apis" => {
                let groups: Vec<Value> = Some(group).filter(|_| !gone).into_iter().collect();
                (200, json!({"kind": "APIGroupList", "groups": groups}))
            }
            "/apis/example.com/v1" if !gone => (200, resources("example.com/v1", "widgets", "Widget")),
            "/api/v1/namespaces/shop-test/configmaps" => (200, list("mine")),
            "/apis/example.com/v1/namespaces/shop-test/widgets" if !gone => (200, list("blue")),
            _ => (
                404,
                json!({"kind": "Status", "status": "Failure", "code": 404, "message": "not found", "reason": "NotFound"}),
            ),
        }
    }

    async fn found(goes_at: &'static str) -> (Vec<String>, u32) {
        let plan = Plan {
            app: "shop".into(),
            environment: "test".into(),
            tenant: None,
            cluster: "one".into(),
            context: None,
            namespace: "shop-test".into(),
            bundle: Bundle::default(),
            foundation: Vec::new(),
            releases: Vec::new(),
            freezes: Vec::new(),
        };
        let (cluster, gone) = cluster(goes_at);
        let found = foreign(&cluster, &plan).await.expect("what has gone is no error");
        assert_eq!(found.unseen, Vec::<String>::new());
        (found.names, gone.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn a_type_that_goes_while_all_are_listed_has_no_objects() {
        assert_eq!(found("nowhere").await, (vec!["ConfigMap/mine".to_owned(), "Widget/blue".to_owned()], 0));
        let left = vec!["ConfigMap/mine".to_owned()];
        assert_eq!(found("/apis/example.com/v1").await, (left.clone(), 1), "between its group and its types");
        assert_eq!(
            found("/apis/example.com/v1/namespaces/shop-test/widgets").await,
            (left, 1),
            "after its types"
        );
    }

    #[test]
    fn a_namespace_stays_for_what_others_made_and_for_what_cannot_be_seen() {
        assert_eq!(Foreign::default().reason(), None);
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let both = Foreign { names: words(&["Pod/a"]), unseen: words(&["roles", "secrets"]) };
        let why =
            "specc did not make Pod/a; your user may not look whether it holds more: roles and 1 other kinds";
        assert_eq!(both.reason().as_deref(), Some(why));
    }
}
