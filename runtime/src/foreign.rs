//! What is in a namespace that neither specc nor the cluster itself put there.

use compiler::lower::{APP, ENVIRONMENT, MANAGED_BY, MANAGER};
use compiler::plan::Plan;
use kube::Discovery;
use kube::api::{Api, DynamicObject, ListParams, ObjectMeta};
use kube::discovery::{ApiResource, Scope, verbs};

use crate::cluster::Cluster;
use crate::error::{Call, Error};

/// Kinds that come and go by themselves.
const PASSING: &[&str] = &["Event", "Endpoints", "PodMetrics", "Lease"];

/// What the cluster puts into every namespace.
const USUAL: &[(&str, &str)] = &[("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")];

/// The names of objects that would be lost with the namespace. Metadata only: no Secret is read.
pub(crate) async fn foreign(cluster: &Cluster, plan: &Plan) -> Result<Vec<String>, Error> {
    let call = |subject: &str| Call {
        verb: "list",
        subject: subject.to_owned(),
        namespace: Some(plan.namespace.clone()),
    };
    let discovery = Discovery::new(cluster.client.clone()).run().await;
    let discovery = discovery.map_err(|error| Error::of_call(call("API groups"), &cluster.server, &error))?;
    let mut names = Vec::new();
    for group in discovery.groups() {
        for (resource, capabilities) in group.recommended_resources() {
            let namespaced = capabilities.scope == Scope::Namespaced;
            if !namespaced
                || !capabilities.supports_operation(verbs::LIST)
                || PASSING.contains(&&*resource.kind)
            {
                continue;
            }
            let api: Api<DynamicObject> =
                Api::namespaced_with(cluster.client.clone(), &plan.namespace, &resource);
            let list = api.list_metadata(&ListParams::default()).await;
            let list =
                list.map_err(|error| Error::of_call(call(&resource.plural), &cluster.server, &error))?;
            let others = list.items.iter().filter(|object| is_foreign(plan, &resource, &object.metadata));
            names.extend(others.map(|object| {
                format!("{}/{}", resource.kind, object.metadata.name.as_deref().unwrap_or_default())
            }));
        }
    }
    names.sort();
    Ok(names)
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
