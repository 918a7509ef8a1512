//! The pods of a world: they are bound and run when they are made, and get ready and vanish when their time comes.

use std::collections::BTreeMap;

use simulator::model::workloads::pod::{Phase, Pod};

/// Every pod that was made, and what happened to pods in this second.
#[derive(Debug, Default)]
pub struct Pods {
    /// By id.
    all: Vec<Entry>,
    pub created: BTreeMap<u32, i64>,
    pub deleted: BTreeMap<u32, i64>,
    pub deleted_ids: Vec<u32>,
    termination_s: i64,
}

#[derive(Debug)]
struct Entry {
    pod: Pod,
    ready_s: Option<i64>,
    vanish_s: Option<i64>,
    gone: bool,
}

impl Pods {
    pub fn new(termination_s: i64) -> Self {
        Self { termination_s, ..Self::default() }
    }

    /// Makes a pod on a node; `ready_s` is when it gets ready.
    pub fn create(&mut self, revision: u32, place: u32, node: u32, ready_s: Option<i64>, now_s: i64) -> u32 {
        let id = self.all.len() as u32;
        let pod = Pod {
            id,
            uid: u64::from(id),
            revision,
            place,
            node: Some(node),
            phase: Phase::Running,
            ready: false,
            transition_s: now_s,
            created_s: now_s,
            terminating: false,
            deletion_cost: 0,
            restarts: 0,
        };
        self.all.push(Entry { pod, ready_s, vanish_s: None, gone: false });
        *self.created.entry(revision).or_default() += 1;
        id
    }

    /// Deletes a pod, which vanishes when it has terminated.
    pub fn delete(&mut self, id: u32, now_s: i64) {
        let entry = &mut self.all[id as usize];
        if entry.gone {
            return;
        }
        *self.deleted.entry(entry.pod.revision).or_default() += 1;
        self.deleted_ids.push(id);
        if entry.pod.terminating {
            return;
        }
        entry.pod.terminating = true;
        entry.vanish_s = Some(now_s + self.termination_s);
        entry.gone = self.termination_s == 0;
    }

    /// A pod is no more.
    pub fn vanish(&mut self, id: u32) {
        self.all[id as usize].gone = true;
    }

    /// Pods that have terminated by now.
    pub fn terminated(&self, now_s: i64) -> Vec<u32> {
        let due = self.all.iter().filter(|entry| !entry.gone && entry.vanish_s.is_some_and(|at| at <= now_s));
        due.map(|entry| entry.pod.id).collect()
    }

    /// Pods whose start-up ends now.
    pub fn starting(&self, now_s: i64) -> Vec<Pod> {
        let due = self.all.iter().filter(|entry| !entry.gone && entry.ready_s == Some(now_s));
        due.map(|entry| entry.pod).collect()
    }

    /// Sets the Ready condition of a pod that does not terminate.
    pub fn set_ready(&mut self, id: u32, ready: bool, now_s: i64) {
        let entry = &mut self.all[id as usize];
        if entry.pod.ready != ready && !entry.pod.terminating && entry.pod.is_active() {
            (entry.pod.ready, entry.pod.transition_s) = (ready, now_s);
        }
    }

    /// Somebody makes a pod unready for good.
    pub fn hold(&mut self, id: u32, now_s: i64) {
        self.set_ready(id, false, now_s);
        self.all[id as usize].ready_s = None;
    }

    /// Changes a pod from outside.
    pub fn change(&mut self, id: u32, change: impl FnOnce(&mut Pod)) {
        change(&mut self.all[id as usize].pod);
    }

    /// A pod, if it exists.
    pub fn get(&self, id: u32) -> Option<Pod> {
        self.all.get(id as usize).filter(|entry| !entry.gone).map(|entry| entry.pod)
    }

    /// Pods that exist, by id.
    pub fn existing(&self) -> impl Iterator<Item = &Pod> {
        self.all.iter().filter(|entry| !entry.gone).map(|entry| &entry.pod)
    }

    /// How many pods of a revision were ever made.
    pub fn made(&self, revision: u32) -> usize {
        self.all.iter().filter(|entry| entry.pod.revision == revision).count()
    }

    /// A second begins.
    pub fn clear(&mut self) {
        self.created.clear();
        self.deleted.clear();
        self.deleted_ids.clear();
    }
}
