//! The pods of the world: how they start, become ready, and end.

use simulator::model::autoscaler::look::{PodPhase, PodSeen};

use super::MS;
use super::scenario::{Fault, Pod};

/// All pods that exist, by number.
pub struct Pods {
    profile: Pod,
    all: Vec<State>,
    next: usize,
}

struct State {
    number: usize,
    start_ms: i64,
    /// When its start-up is over.
    ready_ms: i64,
    running: bool,
    ready: bool,
    transition_ms: i64,
    /// When it vanishes, once it is being deleted.
    ends_ms: Option<i64>,
    /// Faults that keep it from being ready, by their place in time.
    held: Vec<(i64, i64)>,
    /// Faults that keep it out of scrapes.
    hidden: Vec<(i64, i64)>,
}

impl Pods {
    pub fn new(profile: &Pod, count: i64) -> Self {
        let mut pods = Self { profile: profile.clone(), all: Vec::new(), next: 0 };
        for _ in 0..count {
            pods.create(-profile.initial_age_seconds * 1000);
        }
        pods
    }

    fn create(&mut self, now_ms: i64) {
        let start_ms = now_ms + self.profile.pending_seconds * 1000;
        self.all.push(State {
            number: self.next,
            start_ms,
            ready_ms: start_ms.max(now_ms + self.profile.startup_seconds * 1000),
            running: false,
            ready: false,
            transition_ms: start_ms,
            ends_ms: None,
            held: Vec::new(),
            hidden: Vec::new(),
        });
        self.next += 1;
    }

    /// Times at which something happens to a pod.
    pub fn due_ms(&self) -> impl Iterator<Item = i64> {
        self.all.iter().flat_map(|pod| [pod.start_ms, pod.ready_ms, pod.ends_ms.unwrap_or(i64::MIN)])
    }

    /// Does what is due.
    pub fn advance(&mut self, now_ms: i64) {
        self.all.retain(|pod| pod.ends_ms.is_none_or(|ends| ends > now_ms));
        for pod in &mut self.all {
            // A pod that is being deleted keeps its phase and its condition.
            if pod.ends_ms.is_some() {
                continue;
            }
            pod.running |= pod.start_ms <= now_ms;
            if pod.running && !pod.ready && pod.held.is_empty() && pod.ready_ms <= now_ms {
                (pod.ready, pod.transition_ms) = (true, pod.ready_ms.max(pod.transition_ms));
            }
        }
    }

    /// The lowest pods stop being ready.
    pub fn hold(&mut self, fault: &Fault, now_ms: i64) {
        for pod in self.all.iter_mut().filter(|pod| pod.ends_ms.is_none()).take(fault.count) {
            pod.held.push((fault.from_seconds, fault.to_seconds));
            if pod.ready {
                (pod.ready, pod.transition_ms) = (false, now_ms);
            }
        }
    }

    /// They are ready again, if their start-up is over.
    pub fn release(&mut self, fault: &Fault, now_ms: i64) {
        for pod in &mut self.all {
            let before = pod.held.len();
            pod.held.retain(|held| *held != (fault.from_seconds, fault.to_seconds));
            let freed = before > 0 && pod.held.is_empty() && pod.ends_ms.is_none();
            if freed && pod.running && !pod.ready && pod.ready_ms <= now_ms {
                (pod.ready, pod.transition_ms) = (true, now_ms);
            }
        }
    }

    pub fn hide(&mut self, fault: &Fault) {
        for pod in self.all.iter_mut().filter(|pod| pod.ends_ms.is_none()).take(fault.count) {
            pod.hidden.push((fault.from_seconds, fault.to_seconds));
        }
    }

    pub fn show(&mut self, fault: &Fault) {
        for pod in &mut self.all {
            pod.hidden.retain(|hidden| *hidden != (fault.from_seconds, fault.to_seconds));
        }
    }

    /// Makes or deletes pods until the count is right.
    pub fn follow(&mut self, replicas: i64, now_ms: i64) {
        while (self.count() as i64) < replicas {
            self.create(now_ms);
        }
        while self.count() as i64 > replicas {
            let live = self.all.iter().enumerate().filter(|(_, pod)| pod.ends_ms.is_none());
            let (index, _) = live.max_by_key(|(_, pod)| (!pod.ready, pod.number)).expect("a pod is there");
            match self.profile.termination_seconds {
                0 => drop(self.all.remove(index)),
                seconds => self.all[index].ends_ms = Some(now_ms + seconds * 1000),
            }
        }
        self.advance(now_ms);
    }

    /// Pods that are not being deleted.
    pub fn count(&self) -> usize {
        self.all.iter().filter(|pod| pod.ends_ms.is_none()).count()
    }

    /// The numbers of those that are ready.
    pub fn ready(&self) -> Vec<usize> {
        let ready = self.all.iter().filter(|pod| pod.ends_ms.is_none() && pod.running && pod.ready);
        ready.map(|pod| pod.number).collect()
    }

    /// The numbers of those that a scrape finds.
    pub fn measured(&self, now_ms: i64, delay_ms: i64) -> Vec<usize> {
        let found = |pod: &&State| {
            pod.ends_ms.is_none() && pod.running && now_ms >= pod.start_ms + delay_ms && pod.hidden.is_empty()
        };
        self.all.iter().filter(found).map(|pod| pod.number).collect()
    }

    /// Every pod as the controller sees it.
    pub fn seen(&self) -> Vec<(usize, PodSeen)> {
        let seen = |pod: &State| PodSeen {
            phase: if pod.running { PodPhase::Running } else { PodPhase::Pending },
            terminating: pod.ends_ms.is_some(),
            ready: pod.ready,
            transition_ns: pod.transition_ms * MS,
            start_time_ns: pod.running.then_some(pod.start_ms * MS),
        };
        self.all.iter().map(|pod| (pod.number, seen(pod))).collect()
    }
}
