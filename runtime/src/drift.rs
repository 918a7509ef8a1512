//! Where the cluster is not what was released any more.

use compiler::plan::{Plan, Stage};
use serde::Serialize;

use crate::cluster::Cluster;
use crate::command::ComponentStatus;
use crate::error::Error;
use crate::history::kept_plan;
use crate::live::Live;
use crate::observe::manner;
use crate::preview::changed;
use crate::store;

/// One object that is not what was released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// The object.
    pub object: String,
    /// The fields that differ, as JSON pointers, never with their values; none where the object is gone.
    pub fields: Vec<String>,
}

/// Looks, for each component that is released and whose plan is kept, at what differs from it; only reads and dry runs.
/// What a spec says meanwhile does not matter.
pub async fn drift(cluster: &Cluster, plan: &Plan, all: &mut [ComponentStatus]) -> Result<(), Error> {
    for status in all {
        let Some(stored) = store::read(cluster, plan, &status.component).await? else { continue };
        let release = stored.release;
        if release.stage != Stage::Done {
            continue;
        }
        let Some(kept) = kept_plan(cluster, plan, &status.component, &release.plan.digest).await? else {
            continue;
        };
        let live = Live::read(cluster, &kept).await?;
        let mut found = Vec::new();
        for object in &kept.bundle.objects {
            let key = object.key();
            let fields = match live.get(&key) {
                Some(live) => changed(cluster, live, object, manner(true, true)).await?,
                None => Vec::new(),
            };
            if live.get(&key).is_none() || !fields.is_empty() {
                found.push(Drift { object: key.to_string(), fields });
            }
        }
        status.drift = Some(found);
    }
    Ok(())
}
