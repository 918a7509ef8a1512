//! What a plan was made against, and what has moved in the cluster since.

use compiler::object::Object;
use compiler::plan::file::{self, Base, BaseObject, BaseRecord, BaseRelease};
use compiler::plan::{Plan, ReleasePlan, Stage};
use kube::api::DynamicObject;

use crate::cluster::Cluster;
use crate::command::check;
use crate::error::Error;
use crate::live::Live;
use crate::observe::{body, comparable, manner};
use crate::quiet::quiet;
use crate::store::{self, Stored};

/// What the cluster holds of a plan at this moment; only reads.
pub async fn base(cluster: &Cluster, plan: &Plan) -> Result<Base, Error> {
    check(cluster, plan).await?;
    let live = Live::read(cluster, plan).await?;
    let objects = plan.bundle.objects.iter().map(Object::key).map(|key| {
        let fingerprint = live.get(&key).map(fingerprint);
        BaseObject { key, fingerprint }
    });
    let objects = objects.collect();
    let mut releases = Vec::new();
    for ReleasePlan { component, .. } in &plan.releases {
        let stored = store::read(cluster, plan, component).await?;
        releases.push(BaseRelease { component: component.clone(), record: stored.as_ref().map(record) });
    }
    Ok(Base { objects, releases })
}

/// Refuses a plan if the cluster is not what it was made against any more. What an earlier apply of the same plan has
/// done is no move: a rollout of it goes on, and an object that is what the plan makes of it needs nothing.
pub(crate) async fn check_base(
    cluster: &Cluster,
    plan: &Plan,
    live: &Live,
    base: &Base,
    adopt: bool,
) -> Result<(), Error> {
    let (mut moved, mut settled) = (Vec::new(), Vec::new());
    for release in &plan.releases {
        let stored = store::read(cluster, plan, &release.component).await?;
        let before = base.releases.iter().find(|known| known.component == release.component);
        match moves(release, before.and_then(|known| known.record.as_ref()), stored.as_ref()) {
            Moves::Not => continue,
            Moves::ByThisPlan => {}
            Moves::Otherwise(what) => moved.push(format!("component `{}` {what}", release.component)),
        }
        // Its objects moved with it.
        settled.push(&release.component);
    }
    for object in &plan.bundle.objects {
        if object.component.as_ref().is_some_and(|component| settled.contains(&component)) {
            continue;
        }
        let key = object.key();
        let before = base.objects.iter().find(|known| known.key == key);
        let before = before.and_then(|known| known.fingerprint.as_deref());
        let what = match (before, live.get(&key)) {
            (None, None) => continue,
            (Some(before), Some(found)) if before == fingerprint(found) => continue,
            (_, Some(found)) if is_planned(cluster, object, found, adopt).await? => continue,
            (None, Some(_)) => "was made",
            (Some(_), None) => "was removed",
            (Some(_), Some(_)) => "was changed",
        };
        moved.push(format!("{key} {what}"));
    }
    if moved.is_empty() { Ok(()) } else { Err(Error::Moved { moved }) }
}

/// Whether a component's rollout has moved.
#[derive(Debug, PartialEq, Eq)]
enum Moves {
    /// It is where it was.
    Not,
    /// The plan was begun, and nobody has taken it back.
    ByThisPlan,
    /// Somebody did something else; in words.
    Otherwise(String),
}

fn moves(release: &ReleasePlan, before: Option<&BaseRecord>, stored: Option<&Stored>) -> Moves {
    let now = stored.map(record);
    let taken_back = stored.is_some_and(|stored| stored.release.stage == Stage::Aborted);
    let begun = |now: &BaseRecord| now.digest == release.digest;
    let what = match (before, now) {
        (before, now) if before == now.as_ref() => return Moves::Not,
        (Some(before), None) => {
            format!("has no record any more: it was revision {}, epoch {}", before.revision, before.epoch)
        }
        (Some(before), Some(now)) if before.digest == now.digest => {
            format!("has gone on from epoch {} to epoch {}", before.epoch, now.epoch)
        }
        (_, Some(now)) if begun(&now) && taken_back => "was rolled back after this plan was begun".to_owned(),
        (_, Some(now)) if begun(&now) => return Moves::ByThisPlan,
        (None, Some(now)) => format!("was released: revision {}, epoch {}", now.revision, now.epoch),
        (Some(before), Some(now)) => format!(
            "was released: revision {}, epoch {}, after revision {}, epoch {}",
            now.revision, now.epoch, before.revision, before.epoch
        ),
        (None, None) => return Moves::Not,
    };
    Moves::Otherwise(what)
}

/// Whether an object is what the plan makes of it.
async fn is_planned(
    cluster: &Cluster,
    object: &Object,
    live: &DynamicObject,
    adopt: bool,
) -> Result<bool, Error> {
    match cluster.apply(&object.key(), &body(object), manner(adopt, true)).await {
        Ok(applied) => Ok(comparable(live) == comparable(&applied)),
        Err(Error::Owned { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn record(stored: &Stored) -> BaseRecord {
    let release = &stored.release;
    BaseRecord {
        revision: release.plan.revision.clone(),
        digest: release.plan.digest.clone(),
        epoch: release.epoch,
    }
}

/// SHA-256 over what an object says, without what servers, controllers and rollouts write.
fn fingerprint(object: &DynamicObject) -> String {
    file::digest(&quiet(object))
}

#[cfg(test)]
mod tests {
    use compiler::plan::Release;
    use serde_json::json;

    use super::*;

    fn plan(digest: &str) -> ReleasePlan {
        serde_json::from_value(json!({
            "component": "web", "namespace": "shop-test", "revision": format!("r{digest}"), "digest": digest,
            "objects": [], "count": { "fixed": 1 }, "batches": [], "surgePercent": 25,
            "unavailablePercent": 0, "deadlineNs": 1, "dependsOn": [],
        }))
        .expect("a plan as records have it")
    }

    fn stored(digest: &str, epoch: u64, stage: Stage) -> Stored {
        Stored::unversioned(Release { stage, ..Release::new(plan(digest), None, epoch, 0) })
    }

    #[test]
    fn a_rollout_has_moved_unless_this_plan_has_moved_it() {
        let next = plan("2");
        let told =
            |before: Option<&Stored>, now: Option<&Stored>| moves(&next, before.map(record).as_ref(), now);
        let (first, begun) = (stored("1", 3, Stage::Done), stored("2", 4, Stage::Prepare));
        assert_eq!(told(None, None), Moves::Not);
        assert_eq!(told(Some(&first), Some(&first)), Moves::Not);
        assert_eq!(told(Some(&first), Some(&begun)), Moves::ByThisPlan);
        assert_eq!(told(None, Some(&begun)), Moves::ByThisPlan);
        let otherwise = [
            told(None, Some(&first)),
            told(Some(&first), None),
            told(Some(&first), Some(&stored("1", 5, Stage::Done))),
            told(Some(&first), Some(&stored("3", 4, Stage::Done))),
            told(Some(&first), Some(&stored("2", 5, Stage::Aborted))),
            told(Some(&begun), Some(&stored("2", 5, Stage::Aborted))),
        ];
        let lines = otherwise.into_iter().map(|moves| match moves {
            Moves::Otherwise(what) => what,
            other @ (Moves::Not | Moves::ByThisPlan) => format!("{other:?}"),
        });
        insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
        was released: revision r1, epoch 3
        has no record any more: it was revision r1, epoch 3
        has gone on from epoch 3 to epoch 5
        was released: revision r3, epoch 4, after revision r1, epoch 3
        was rolled back after this plan was begun
        has gone on from epoch 4 to epoch 5
        ");
    }
}
