//! A `StatefulSet` with its members.

use serde_json::{Value, json};
use simulator::model::workloads::pod::Pod;
use simulator::model::workloads::stateful_set::{Gates, Spec, StatefulSet, Write, sync};

use super::pods::Pods;
use super::queue::Queue;
use super::scenario::{Event, Scenario};
use super::{Controllers, SECOND};

pub struct Members {
    scenario: Scenario,
    set: Option<StatefulSet>,
    queue: Queue<()>,
}

impl Members {
    pub fn new(scenario: Scenario) -> Self {
        Self { scenario, set: None, queue: Queue::new() }
    }

    fn sync(&mut self, pods: &mut Pods, now_ns: i64) {
        let Some(set) = &mut self.set else { return };
        let seen: Vec<Pod> = pods.existing().copied().collect();
        let max_unavailable =
            self.scenario.feature_gates.iter().any(|it| it == "MaxUnavailableStatefulSet=true");
        let synced = sync(set, &seen, Gates { max_unavailable }, now_ns);
        let second = now_ns / SECOND;
        for write in synced.steps.into_iter().flatten() {
            match write {
                Write::Create { ordinal, revision } => {
                    let startup_s = self.scenario.startup_s(revision, ordinal as usize);
                    pods.create(revision, ordinal, ordinal, startup_s.map(|it| second + it), second);
                }
                Write::Delete(ordinal) => {
                    let pod = pods.existing().find(|pod| pod.place == ordinal).map(|pod| pod.id);
                    pods.delete(pod.expect("a member that is deleted exists"), second);
                }
                Write::Revisions(revisions) => set.revisions = revisions,
                Write::Status(status) => set.status = status,
            }
            self.queue.add(());
        }
        if let Some(time_ns) = synced.again_ns {
            self.queue.add_at((), time_ns);
        }
    }
}

impl Controllers for Members {
    fn pod_changed(&mut self, _id: u32, _pods: &Pods) {
        self.queue.add(());
    }

    fn pod_gone(&mut self, _revision: u32, _pods: &Pods) {
        self.queue.add(());
    }

    fn write_spec(&mut self, spec: &Value, revision: u32) {
        let mut spec = spec.clone();
        (spec["selector"], spec["template"]) = (json!({}), json!({}));
        let spec = serde_json::from_value(spec).expect("a StatefulSet has such a spec");
        let spec = Spec::new(&spec, revision);
        let set = self.set.get_or_insert_with(|| StatefulSet::new(spec));
        if set.spec != spec {
            (set.spec, set.generation) = (spec, set.generation + 1);
        }
        self.queue.add(());
    }

    fn event(&mut self, event: &Event, _pods: &mut Pods, _now_ns: i64) {
        panic!("a StatefulSet knows no event {}", event.kind);
    }

    fn pod_of(&self, event: &Event, pods: &Pods) -> Option<u32> {
        pods.existing().find(|pod| Some(pod.place) == event.pod).map(|pod| pod.id)
    }

    fn ready_order(&self, pod: &Pod) -> (String, u32) {
        (String::new(), pod.id)
    }

    fn next_ns(&self) -> Option<i64> {
        self.queue.next_ns()
    }

    fn rest(&mut self, pods: &mut Pods, now_ns: i64) {
        self.queue.wake(now_ns);
        while self.queue.pop().is_some() {
            self.sync(pods, now_ns);
        }
    }

    fn row(&self, pods: &Pods) -> Vec<Value> {
        let Some(set) = &self.set else { return Vec::new() };
        let mut members: Vec<&Pod> = pods.existing().collect();
        members.sort_by_key(|pod| pod.place);
        let said = |pod: &&Pod| {
            let state = if pod.terminating {
                'T'
            } else if pod.ready {
                'R'
            } else {
                'N'
            };
            format!("{}:{}{state}", pod.place, self.scenario.name(pod.revision))
        };
        let said: Vec<String> = members.iter().map(said).collect();
        let status = &set.status;
        vec![
            json!(said),
            json!([
                set.spec.replicas,
                status.replicas,
                status.ready,
                status.available,
                status.current,
                status.updated
            ]),
            json!(status.current_revision == status.update_revision),
        ]
    }
}
