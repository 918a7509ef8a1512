//! What an apply would do, asked of the server by dry runs.

use compiler::object::{Object, ObjectKey};
use compiler::plan::Begin;
use compiler::plan::rollout::{Decision, decide};
use kube::api::DynamicObject;
use serde_json::Value;

use crate::apply::{Ready, begin};
use crate::cluster::{Cluster, Manner};
use crate::error::Error;
use crate::event::{Change, now};
use crate::observe::{body, comparable, manner, observe};
use crate::store;
use crate::write::in_words;

/// What would be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Every object, what would be done about it, and which fields would change, as JSON pointers.
    pub objects: Vec<(ObjectKey, Change, Vec<String>)>,
    /// For each component what its rollout would do next.
    pub rollouts: Vec<(String, String)>,
}

impl Preview {
    /// Whether an apply would change nothing.
    pub fn is_empty(&self) -> bool {
        self.objects.iter().all(|(_, change, _)| *change == Change::Same) && self.rollouts.is_empty()
    }
}

/// Asks what an apply would do; writes nothing.
pub async fn preview(ready: &Ready<'_>) -> Result<Preview, Error> {
    let mut preview = Preview::default();
    for object in &ready.plan.bundle.objects {
        let key = object.key();
        let Some(live) = ready.live.get(&key) else {
            preview.objects.push((key, Change::Create, Vec::new()));
            continue;
        };
        let how = manner(ready.adopted.contains(&key), true);
        let fields = changed(ready.cluster, live, object, how).await?;
        let change = if fields.is_empty() { Change::Same } else { Change::Update };
        preview.objects.push((key, change, fields));
    }
    preview.rollouts = rollouts(ready).await?;
    Ok(preview)
}

/// The fields that an apply would change, as JSON pointers: never their values, which may be nobody's business.
pub(crate) async fn changed(
    cluster: &Cluster,
    live: &DynamicObject,
    object: &Object,
    how: Manner,
) -> Result<Vec<String>, Error> {
    let applied = cluster.apply(&object.key(), &body(object), how).await?;
    let mut fields = Vec::new();
    differing(&comparable(live), &comparable(&applied), "", &mut fields);
    Ok(fields)
}

/// For each component what its rollout would do next, unless that is nothing.
pub(crate) async fn rollouts(ready: &Ready<'_>) -> Result<Vec<(String, String)>, Error> {
    let mut all = Vec::new();
    for release in &ready.plan.releases {
        let stored = store::read(ready.cluster, ready.plan, &release.component).await?;
        let next = match begin(stored.as_ref().map(|stored| &stored.release), release, None) {
            Begin::Start(first) => Some(match first.previous {
                _ if first.in_place => "change objects, counts or bounds in place".to_owned(),
                Some(previous) => format!("roll out revision {} over {previous}", release.revision),
                None => format!("roll out revision {}", release.revision),
            }),
            Begin::Continue => next(ready, &release.component).await?,
            // `prepare` has refused both.
            Begin::InFlight { .. } | Begin::GoingBack => None,
        };
        all.extend(next.map(|next| (release.component.clone(), next)));
    }
    Ok(all)
}

/// What the rollout in flight would do next.
async fn next(ready: &Ready<'_>, component: &str) -> Result<Option<String>, Error> {
    let Some(stored) = store::read(ready.cluster, ready.plan, component).await? else { return Ok(None) };
    let sight = observe(ready.cluster, ready.plan, &stored.release, &ready.adopted).await?;
    Ok(match decide(&stored.release, &sight.seen, now()) {
        Decision::Write(write) => Some(in_words(&stored.release, &write)),
        Decision::Wait { reason, .. } => Some(reason.to_string()),
        Decision::Paused { .. } => Some("stay paused".into()),
        Decision::Failed { reason } => Some(format!("stay failed: {reason}")),
        Decision::Done(_) => None,
    })
}

/// The fields that an apply would change, as JSON pointers.
fn differing(live: &Value, applied: &Value, pointer: &str, fields: &mut Vec<String>) {
    if live == applied {
        return;
    }
    let (Some(old), Some(new)) = (live.as_object(), applied.as_object()) else {
        fields.push(pointer.to_owned());
        return;
    };
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let (old, new) = (old.get(name).unwrap_or(&Value::Null), new.get(name).unwrap_or(&Value::Null));
        let name = name.replace('~', "~0").replace('/', "~1");
        differing(old, new, &format!("{pointer}/{name}"), fields);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_preview_names_fields_and_never_shows_values() {
        let live = json!({ "data": { "a.ini": "old" }, "spec": { "ports": [80], "type": "ClusterIP" } });
        let applied =
            json!({ "data": { "a.ini": "new" }, "spec": { "ports": [81], "type": "ClusterIP" }, "x": 1 });
        let mut fields = Vec::new();
        differing(&live, &applied, "", &mut fields);
        assert_eq!(fields, ["/data/a.ini", "/spec/ports", "/x"]);
    }
}
