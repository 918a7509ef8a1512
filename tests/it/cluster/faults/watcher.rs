//! An observer of its own client: it keeps every state that pods, records and stamps have passed through, and checks
//! afterwards what must hold in each of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Instant;

use http::Request;
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use serde_json::Value;

use super::digest::is_ready;

/// What is watched: its path, and whether only for the stamp.
const WATCHED: &[&str] = &[
    "/api/v1/pods",
    "/api/v1/configmaps",
    "/apis/apps/v1/deployments",
    "/apis/apps/v1/statefulsets",
    "/apis/apps/v1/daemonsets",
];

/// Everything that was seen; clones see the same.
#[derive(Clone, Default)]
pub struct Watcher(Rc<RefCell<Vec<Seen>>>);

/// One state of one object.
struct Seen {
    version: u64,
    at: Instant,
    namespace: String,
    name: String,
    what: What,
}

enum What {
    Pod(Pod),
    Record(Box<Value>),
    Stamp { uid: String, epoch: u64 },
    Gone,
}

#[derive(Clone)]
struct Pod {
    revision: String,
    ready: bool,
    terminating: bool,
}

impl Watcher {
    /// Watches until the tasks of the event loop end.
    pub fn start(&self, client: &Client) {
        for path in WATCHED {
            tokio::task::spawn_local(self.clone().watch(client.clone(), path));
        }
    }

    async fn watch(self, client: Client, path: &'static str) {
        // From the beginning of what there is: the list comes as additions.
        let mut from = 0;
        loop {
            let uri = format!("{path}?watch=1&timeoutSeconds=3000&resourceVersion={from}");
            let request = Request::get(uri).body(Body::empty()).expect("a request");
            let mut body = client.send(request).await.expect("the cluster lets watch").into_body();
            let mut text = Vec::new();
            while let Some(frame) = body.frame().await {
                let Ok(data) = frame.map(|frame| frame.into_data().unwrap_or_default()) else { break };
                text.extend_from_slice(&data);
                while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = text.drain(..=end).collect();
                    let event: Value = serde_json::from_slice(&line).expect("an event is JSON");
                    from = self.note(&event).max(from);
                }
            }
        }
    }

    /// Keeps an event, and gives back its version.
    fn note(&self, event: &Value) -> u64 {
        let object = &event["object"];
        let metadata = &object["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let version: u64 = text(&metadata["resourceVersion"]).parse().expect("a version is a number");
        let name = text(&metadata["name"]);
        let kind = text(&object["kind"]);
        let what = match (text(&event["type"]).as_str(), kind.as_str()) {
            ("DELETED", "Pod") => Some(What::Gone),
            (_, "Pod") => Some(What::Pod(Pod {
                revision: text(&metadata["labels"]["specc.io/revision"]),
                ready: is_ready(object),
                terminating: !metadata["deletionTimestamp"].is_null(),
            })),
            ("DELETED", _) => None,
            (_, "ConfigMap") if name.starts_with("specc-release-") => {
                let text = text(&object["data"]["record.json"]);
                Some(What::Record(serde_json::from_str(&text).expect("a record is JSON")))
            }
            (_, "ConfigMap") => None,
            _ => {
                let epoch = metadata["annotations"]["specc.io/epoch"].as_str();
                let epoch = epoch.and_then(|epoch| epoch.parse().ok());
                epoch.map(|epoch| What::Stamp { uid: text(&metadata["uid"]), epoch })
            }
        };
        if let Some(what) = what {
            let namespace = text(&metadata["namespace"]);
            self.0.borrow_mut().push(Seen { version, at: Instant::now(), namespace, name, what });
        }
        version
    }

    /// How many states there were.
    pub fn states(&self) -> usize {
        self.0.borrow().len()
    }

    /// What did not hold in a namespace whose component has so many pods, in the order of time.
    pub fn violations(&self, namespace: &str, pods: u32) -> Vec<(Instant, String)> {
        let seen = self.0.borrow();
        let mut own: Vec<&Seen> = seen.iter().filter(|seen| seen.namespace == namespace).collect();
        // One store numbers the changes of all kinds.
        own.sort_by_key(|seen| seen.version);
        let mut check = Check { pods_wanted: pods, ..Check::default() };
        for seen in own {
            check.see(seen);
        }
        check.violations
    }
}

/// What is known at one moment of a namespace.
#[derive(Default)]
struct Check {
    pods_wanted: u32,
    pods: BTreeMap<String, Pod>,
    stamps: BTreeMap<String, u64>,
    record: Option<Value>,
    /// Whether a first release is over, so that something serves.
    serves: bool,
    /// How many pods of the record's revision the batches up to the persisted one allow.
    target: u32,
    violations: Vec<(Instant, String)>,
}

impl Check {
    fn see(&mut self, seen: &Seen) {
        match &seen.what {
            What::Pod(pod) => {
                self.pods.insert(seen.name.clone(), pod.clone());
            }
            What::Gone => {
                self.pods.remove(&seen.name);
            }
            What::Record(record) => self.recorded(seen.at, record),
            What::Stamp { uid, epoch } => {
                let before = self.stamps.insert(uid.clone(), *epoch);
                if before > Some(*epoch) {
                    self.violate(seen.at, format!("I6: {} went from epoch {before:?} to {epoch}", seen.name));
                }
            }
        }
        if self.serves {
            self.counted(seen.at);
        }
    }

    fn recorded(&mut self, at: Instant, record: &Value) {
        let number = |record: &Value, field: &str| record[field].as_u64().unwrap_or(0);
        if let Some(before) = self.record.replace(record.clone()) {
            for field in ["number", "epoch"] {
                if number(&before, field) > number(record, field) {
                    self.violate(at, format!("I5: the record's {field} fell to {}", record[field]));
                }
            }
        }
        self.target = self.target(record);
        if record["stage"] == "done" || record["stage"] == "aborted" {
            self.terminal(at, record);
            self.serves |= record["stage"] == "done";
        }
    }

    fn target(&self, record: &Value) -> u32 {
        let stage = &record["stage"];
        let moving = stage.get("shift").or_else(|| stage.get("hold"));
        let Some(moving) = moving else {
            return match stage.as_str() {
                Some("prepare" | "cancel" | "aborted") => 0,
                Some(_) => self.pods_wanted,
                // On the way back what had been asked for may still come.
                None => self.target,
            };
        };
        let batch = moving["batch"].as_u64().unwrap_or(0) as usize;
        let planned = record["plan"]["batches"].get(batch).and_then(|batch| batch["size"]["count"].as_u64());
        planned.map_or(self.pods_wanted, |count| count as u32)
    }

    /// Exactly one revision has every pod.
    fn terminal(&mut self, at: Instant, record: &Value) {
        let stage = record["stage"].as_str().unwrap_or_default();
        let serving = if stage == "done" { &record["plan"]["revision"] } else { &record["previous"] };
        let serving = serving.as_str().unwrap_or_default().to_owned();
        let all = self.staying(|_| true);
        let own = self.staying(|pod| pod.revision == serving && pod.ready);
        if (all, own) != (self.pods_wanted, self.pods_wanted) {
            let what = format!("I7: {stage} with {own} ready pods of the revision that serves, of {all}");
            self.violate(at, what);
        }
    }

    fn counted(&mut self, at: Instant) {
        let Some(record) = self.record.clone() else { return };
        let plan = &record["plan"];
        let percent = |field: &str| plan[field].as_u64().unwrap_or(0) as u32 * self.pods_wanted;
        let (surge, unavailable) = match plan["mechanism"].as_str() {
            None | Some("deployments") => {
                let (surge, unavailable) =
                    (percent("surgePercent").div_ceil(100), percent("unavailablePercent") / 100);
                if surge == 0 && unavailable == 0 { (1, 0) } else { (surge, unavailable) }
            }
            Some(_) => (0, (percent("unavailablePercent") / 100).max(1)),
        };
        let (all, ready) = (self.staying(|_| true), self.staying(|pod| pod.ready));
        let revision = plan["revision"].as_str().unwrap_or_default().to_owned();
        let new = self.staying(|pod| pod.revision == revision);
        let (wanted, target, stage) = (self.pods_wanted, self.target, &record["stage"]);
        if ready + unavailable < wanted {
            self.violate(at, format!("I1: {ready} of {wanted} pods are ready at {stage}"));
        }
        if all > wanted + surge {
            self.violate(at, format!("I2: {all} pods of {wanted} and {surge} at {stage}"));
        }
        if new > target {
            self.violate(at, format!("I3: {new} new pods where {target} may be, at {stage}"));
        }
    }

    fn staying(&self, which: impl Fn(&Pod) -> bool) -> u32 {
        self.pods.values().filter(|pod| !pod.terminating && which(pod)).count() as u32
    }

    fn violate(&mut self, at: Instant, what: String) {
        let known: BTreeSet<&String> = self.violations.iter().map(|(_, what)| what).collect();
        if !known.contains(&what) {
            self.violations.push((at, what));
        }
    }
}
