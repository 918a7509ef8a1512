//! What follows a component's released revision: scaling by the clock is pointed at it once its release is done.

use compiler::object::ObjectKey;
use compiler::plan::rollout::ObjectState;
use compiler::plan::{Plan, ReleasePlan};

use crate::cluster::{Cluster, key_of};
use crate::error::Error;
use crate::event::{Change, Event};
use crate::observe::{body, kind, manner, object, state};
use crate::store;

/// The kinds that may follow a revision. A job goes before the account that it needs.
pub(crate) const KINDS: &[(&str, &str)] = &[
    ("autoscaling.alibabacloud.com/v1beta1", "CronHorizontalPodAutoscaler"),
    ("batch/v1", "CronJob"),
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

async fn prune(
    cluster: &Cluster,
    plan: &Plan,
    release: &ReleasePlan,
    tell: &mut dyn FnMut(Event),
) -> Result<bool, Error> {
    let selector = store::selector(plan, Some(&release.component));
    let mut removed = false;
    for (api_version, name) in KINDS {
        let like = kind(plan, api_version, name);
        let found = match cluster.list(&like, &selector).await {
            // What the cluster does not know cannot have been made.
            Err(Error::MissingKind { .. }) => continue,
            listed => listed?,
        };
        for object in found {
            let key = key_of(&like, &object);
            if release.follow_up.contains(&key) || release.objects.contains(&key) {
                continue;
            }
            cluster.delete(&key, &object, false).await?;
            tell(Event::Removed(key));
            removed = true;
        }
    }
    Ok(removed)
}
