//! What follows a component's released revision: scaling by the clock is pointed at it once its release is done.

use compiler::object::ObjectKey;
use compiler::plan::rollout::ObjectState;
use compiler::plan::{Plan, ReleasePlan};
use kube::api::DynamicObject;

use crate::cluster::{Cluster, key_of};
use crate::error::Error;
use crate::event::{Change, Event};
use crate::observe::{body, kind, manner, object, state};
use crate::store;

/// What may scale a revision by the clock.
pub(crate) const SCHEDULERS: &[(&str, &str)] =
    &[("autoscaling.alibabacloud.com/v1beta1", "CronHorizontalPodAutoscaler"), ("batch/v1", "CronJob")];

/// What its jobs run as.
pub(crate) const ACCOUNTS: &[(&str, &str)] = &[
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("v1", "ServiceAccount"),
];

/// Applies what follows the revision, and removes what an earlier spec had there; whether anything changed. The
/// objects have names of their own, so that at any time they act on one revision: the one that serves.
pub(crate) async fn follow(
    cluster: &Cluster,
    plan: &Plan,
    release: &ReleasePlan,
    adopted: &[ObjectKey],
    tell: &mut dyn FnMut(Event),
) -> Result<bool, Error> {
    let mut changed = false;
    for key in &release.follow_up {
        let Some(object) = object(plan, key) else { continue };
        let force = adopted.contains(key);
        let change = match state(cluster, object, force).await? {
            ObjectState::Absent => Change::Create,
            ObjectState::Differs => Change::Update,
            ObjectState::Same { .. } => Change::Same,
        };
        if change != Change::Same {
            cluster.apply(key, &body(object), manner(force, false)).await?;
            changed = true;
        }
        tell(Event::Object { object: key.clone(), change });
    }
    Ok(prune(cluster, plan, release, tell).await? || changed)
}

/// Accounts go before the schedulers that tell of them, so that a crash between leaves nothing unnoticed.
async fn prune(
    cluster: &Cluster,
    plan: &Plan,
    release: &ReleasePlan,
    tell: &mut dyn FnMut(Event),
) -> Result<bool, Error> {
    let schedulers = stale(cluster, plan, release, SCHEDULERS).await?;
    if schedulers.is_empty() {
        return Ok(false);
    }
    let mut all = stale(cluster, plan, release, ACCOUNTS).await?;
    all.extend(schedulers);
    for (key, object) in all {
        cluster.delete(&key, &object, false).await?;
        tell(Event::Removed(key));
    }
    Ok(true)
}

/// The component's objects of some kinds that the plan does not know.
async fn stale(
    cluster: &Cluster,
    plan: &Plan,
    release: &ReleasePlan,
    kinds: &[(&str, &str)],
) -> Result<Vec<(ObjectKey, DynamicObject)>, Error> {
    let selector = store::selector(plan, Some(&release.component));
    let mut all = Vec::new();
    for (api_version, name) in kinds {
        let like = kind(plan, api_version, name);
        let found = match cluster.list(&like, &selector).await {
            // What the cluster does not know cannot have been made.
            Err(Error::MissingKind { .. }) => continue,
            // Who has never scaled by the clock need not have the right to look for what does.
            Err(Error::Refused { code: 403, .. }) if release.follow_up.is_empty() => continue,
            listed => listed?,
        };
        let keyed = found.into_iter().map(|object| (key_of(&like, &object), object));
        all.extend(
            keyed.filter(|(key, _)| !release.follow_up.contains(key) && !release.objects.contains(key)),
        );
    }
    Ok(all)
}
