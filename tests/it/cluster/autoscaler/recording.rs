//! Runs the application on a control plane of its own, makes its load, and records what there is.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kube::Client;
use kube::api::{Api, ApiResource, DynamicObject, ListParams, Patch, PatchParams};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::audit::{self, Sync};
use super::{Application, LOOK_EVERY, Load};
use crate::cluster::app::{self, resource};
use crate::cluster::place::{Own, Place};

/// What was seen of a run.
#[derive(Default)]
pub struct Recording {
    /// The controller's syncs since the load began.
    pub syncs: Vec<Sync>,
    /// Looks at the pods and their metrics, in order.
    pub looks: Vec<Look>,
    /// When the load began, in nanoseconds since 1970.
    pub began_ns: i64,
}

/// One look at the cluster.
pub struct Look {
    /// When it was over, in nanoseconds since 1970.
    pub at_ns: i64,
    /// The pods of `api`.
    pub pods: Vec<Value>,
    /// Their entries of the metrics API, by name.
    pub metrics: BTreeMap<String, Value>,
}

impl Recording {
    /// Seconds of pods that are not being deleted, over the run.
    pub fn pod_seconds(&self, load: &Load) -> u64 {
        let end_ns = self.began_ns + load.duration_seconds as i64 * 1_000_000_000;
        let looks: Vec<&Look> =
            self.looks.iter().filter(|look| (self.began_ns..end_ns).contains(&look.at_ns)).collect();
        let pairs = looks.windows(2).map(|pair| {
            let live = pair[0].pods.iter().filter(|pod| pod["metadata"]["deletionTimestamp"].is_null());
            live.count() as i64 * (pair[1].at_ns - pair[0].at_ns)
        });
        (pairs.sum::<i64>() / 1_000_000_000).unsigned_abs()
    }

    /// The greatest count that was asked for, and the step that led to it.
    pub fn peak(&self) -> (u32, u32) {
        let steps = self.syncs.iter().filter_map(|sync| Some((sync.written?, sync.scale.0)));
        let (to, from) = steps.max_by_key(|(to, _)| *to).unwrap_or_default();
        (to.unsigned_abs(), to.abs_diff(from))
    }
}

/// Runs the application under the load.
pub fn record(place: &Place, application: &Application, load: &Load) -> Recording {
    let binary = place.binary.as_ref().expect("the control plane is the tests' own");
    let own = Own::start(binary, "autoscaler", &["--with", "kwok,metrics"]);
    let engine = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let engine = engine.expect("an event loop");
    let mut recording = engine.block_on(async {
        let client = app::client(&own.kubeconfig).await;
        let cluster = Cluster { client, namespace: application.namespace.clone() };
        cluster.apply(application).await;
        cluster.run(load).await
    });
    let deployment = application.autoscaler.spec.scale_target_ref.name.clone();
    recording.syncs = audit::syncs(&own.folder.join("audit.log"), &application.namespace, &deployment);
    recording
}

struct Cluster {
    client: Client,
    namespace: String,
}

impl Cluster {
    fn api(&self, resource: &ApiResource) -> Api<DynamicObject> {
        if resource.kind == "Namespace" {
            Api::all_with(self.client.clone(), resource)
        } else {
            Api::namespaced_with(self.client.clone(), &self.namespace, resource)
        }
    }

    /// Puts every object into the cluster.
    async fn apply(&self, application: &Application) {
        for object in &application.objects {
            let (key, value) = (object.key(), object.value());
            let api = self.api(&resource(&key.api_version, &key.kind));
            let params = PatchParams::apply("it").force();
            let applied = api.patch(&key.name, &params, &Patch::Apply(&value)).await;
            applied.unwrap_or_else(|error| panic!("{key}: {error}"));
        }
    }

    async fn pods(&self) -> Vec<Value> {
        let params = ListParams::default().labels("specc.io/component=api");
        let listed = self.api(&resource("v1", "Pod")).list(&params).await.expect("the cluster lists pods");
        listed.items.iter().map(|pod| serde_json::to_value(pod).expect("a pod serialises")).collect()
    }

    /// The metrics API; nothing while it is not there yet.
    async fn metrics(&self) -> BTreeMap<String, Value> {
        let named = resource("metrics.k8s.io/v1beta1", "PodMetrics");
        let api = self.api(&ApiResource { plural: "pods".to_owned(), ..named });
        let Ok(listed) = api.list(&ListParams::default()).await else { return BTreeMap::new() };
        let entry = |item: &DynamicObject| {
            (
                item.metadata.name.clone().unwrap_or_default(),
                serde_json::to_value(item).expect("it serialises"),
            )
        };
        listed.items.iter().map(entry).collect()
    }

    /// Shares the load among the pods that are ready.
    async fn share(&self, pods: &[Value], cpu_milli: u64, shares: &mut BTreeMap<String, u64>) {
        let ready: Vec<&Value> = pods.iter().filter(|pod| is_ready(pod)).collect();
        let share = cpu_milli / (ready.len() as u64).max(1);
        let wanted = pods.iter().map(|pod| {
            let name = pod["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            (name, if is_ready(pod) { share } else { 0 })
        });
        let api = self.api(&resource("v1", "Pod"));
        let changed: Vec<(String, u64)> =
            wanted.filter(|(name, share)| shares.get(name) != Some(share)).collect();
        let mut patches = JoinSet::new();
        for (name, share) in changed.clone() {
            let patch = json!({ "metadata": { "annotations": { "specc.test/cpu": format!("{share}m") } } });
            let api = api.clone();
            patches.spawn(async move {
                // A pod may be gone by now.
                drop(api.patch(&name, &PatchParams::default(), &Patch::Merge(&patch)).await);
            });
        }
        patches.join_all().await;
        shares.extend(changed);
    }

    /// Waits until the autoscaler sees the pods, then makes the load.
    async fn run(&self, load: &Load) -> Recording {
        let (mut recording, mut shares) = (Recording::default(), BTreeMap::new());
        let first_ms = load.phases[0].cpu_milli;
        let mut began: Option<Instant> = None;
        let patience = Instant::now();
        loop {
            let passed = began.map_or(0, |began| began.elapsed().as_secs());
            if passed >= load.duration_seconds {
                return recording;
            }
            let phase = load.phases.iter().rev().find(|phase| phase.from_seconds <= passed);
            let (pods, metrics) = tokio::join!(self.pods(), self.metrics());
            self.share(&pods, phase.map_or(first_ms, |phase| phase.cpu_milli), &mut shares).await;
            if began.is_none() && is_steady(&pods, &metrics) {
                began = Some(Instant::now());
                recording.began_ns = now_ns();
            }
            recording.looks.push(Look { at_ns: now_ns(), pods, metrics });
            assert!(
                began.is_some() || patience.elapsed() < Duration::from_mins(3),
                "the pods are seen in time"
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Every pod is ready and measured, and there are as many as the base load needs.
fn is_steady(pods: &[Value], metrics: &BTreeMap<String, Value>) -> bool {
    let measured = |pod: &Value| metrics.contains_key(pod["metadata"]["name"].as_str().unwrap_or_default());
    pods.len() >= 5 && pods.iter().all(|pod| is_ready(pod) && measured(pod))
}

/// The Ready condition holds.
pub fn is_ready(pod: &Value) -> bool {
    condition(pod).is_some_and(|ready| ready["status"] == "True")
}

/// The Ready condition.
pub fn condition(pod: &Value) -> Option<&Value> {
    pod["status"]["conditions"].as_array()?.iter().find(|condition| condition["type"] == "Ready")
}

fn now_ns() -> i64 {
    jiff::Timestamp::now().as_nanosecond() as i64
}
