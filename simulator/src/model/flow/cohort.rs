//! Pods of a component that get the same share of its requests and have the same CPU: what one does, all do.

use std::collections::BTreeMap;

use super::asleep::{Heard, Slept};
use crate::run::Run;
use crate::scenario::Detail;

/// What each pod of a cohort has used and taken since the cohort came together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Done {
    /// CPU, in milli-core nanoseconds.
    pub used: f64,
    /// Attempts that it took.
    pub taken: f64,
    /// Attempts that were sent to it.
    pub sent: f64,
}

/// Pods that are alike.
#[derive(Clone, Debug)]
pub(super) struct Cohort {
    /// The share of the component's requests that goes to one of them.
    pub share: f64,
    /// Whether these come in the rhythm in which the balancer chooses, and not at random.
    pub is_chosen: bool,
    /// How many they are.
    pub pods: u32,
    /// The first of them.
    pub example: u32,
    /// What metrics-server has heard of it, if nobody looks at its pods one by one.
    pub heard: Option<Heard>,
    /// The CPU that its pods had used, all together, when they joined, in milli-core nanoseconds; known if they are asleep.
    pub joined_with: u64,
    /// Cores at a time, in thousandths.
    pub cores_milli: u64,
    /// The CPU limit, in thousandths of a core.
    pub limit_milli: Option<u64>,
    /// What one of them has done.
    pub done: Done,
    /// Requests inside one of them.
    pub inside: f64,
    /// Of which so many wait for a worker.
    pub waiting: f64,
    /// The answers to the last question, and what was asked.
    pub last: Option<Last>,
}

/// The last load of a cohort.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Last {
    /// The point of the grid below it.
    pub point: u32,
    /// What those that it calls answered.
    pub called: Vec<Option<u32>>,
    /// The responses of that point and of the next.
    pub responses: [u32; 2],
}

/// The cohort of a pod, and what of the cohort's doing is on the pod's own account already.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub component: u32,
    pub cohort: u32,
    seen: Done,
}

impl Run<'_> {
    /// Something about who gets a component's requests, or how fast its pods are, is about to change.
    pub(crate) fn disturb(&mut self, component: usize) {
        if self.flow.is_off(component) {
            return;
        }
        self.flow_to_now(component);
        self.stir(component);
        self.flow.states[component].is_stale = true;
        self.look_soon_at(component);
    }

    /// The same about a pod.
    pub(crate) fn disturb_of(&mut self, pod: u32) {
        self.disturb(self.workloads[self.pods[pod as usize].workload].component);
    }

    /// Puts pods that are alike together.
    pub(super) fn gather(&mut self, component: usize) {
        let now = self.clock.now_ns();
        let mut slept = self.scatter(component);
        let target = &self.components[component];
        let shares = target.balancer.shares(&target.endpoints);
        let takes = |pod: u32| self.pods[pod as usize].accepting;
        // What is sent to a pod that takes nothing is sent again, to others.
        let whole: f64 = shares.iter().filter(|(pod, _)| takes(*pod)).map(|(_, share)| share.all()).sum();
        let mut cohorts: Vec<Cohort> = Vec::new();
        let mut places: BTreeMap<(u64, bool, u64, Option<u64>, bool), u32> = BTreeMap::new();
        let mut members = Vec::with_capacity(shares.len());
        for (pod, share) in shares.into_iter().filter(|(pod, _)| takes(*pod)) {
            let (cores_milli, limit_milli) = self.works[pod as usize].cpu();
            let (share, is_chosen) = (share.all() / whole, share.is_chosen());
            // One that ends is looked at by itself.
            let is_ending = self.pods[pod as usize].terminating;
            let place = slept.binary_search_by_key(&pod, |(pod, _)| *pod).ok().filter(|_| !is_ending);
            let sleeper = place.and_then(|place| slept[place].1.take());
            let key = (share.to_bits(), is_chosen, cores_milli, limit_milli, sleeper.is_some());
            let place =
                if self.scenario.detail == Detail::FlowByPod { None } else { places.get(&key).copied() };
            let cohort = place.unwrap_or_else(|| {
                cohorts.push(Cohort {
                    share,
                    is_chosen,
                    pods: 0,
                    example: pod,
                    heard: None,
                    joined_with: 0,
                    cores_milli,
                    limit_milli,
                    done: Done::default(),
                    inside: 0.0,
                    waiting: 0.0,
                    last: None,
                });
                places.insert(key, cohorts.len() as u32 - 1);
                cohorts.len() as u32 - 1
            });
            if sleeper.is_some() {
                cohorts[cohort as usize].joined_with += self.works[pod as usize].usage(now);
            }
            cohorts[cohort as usize].join(sleeper);
            members.push(pod);
            if self.flow.marks.len() <= pod as usize {
                self.flow.marks.resize(pod as usize + 1, None);
            }
            self.flow.marks[pod as usize] =
                Some(Mark { component: component as u32, cohort, seen: Done::default() });
        }
        let state = &mut self.flow.states[component];
        let asleep =
            cohorts.iter().filter(|cohort| cohort.heard.is_some()).map(|cohort| cohort.pods as usize);
        state.asleep = asleep.sum();
        (state.cohorts, state.members, state.is_stale) = (cohorts, members, false);
        self.rouse(slept);
    }

    /// Dissolves the cohorts of a component. Returns of each pod that was asleep, by its number, what was heard of it and
    /// what it has used since then.
    pub(super) fn scatter(&mut self, component: usize) -> Vec<Slept> {
        let mut slept = Vec::new();
        for pod in std::mem::take(&mut self.flow.states[component].members) {
            self.credit(pod);
            let Some(mark) = self.flow.marks[pod as usize].take() else { continue };
            let cohort = self.flow.cohort_of(mark);
            if let Some(heard) = cohort.heard {
                slept.push((pod, Some((heard, cohort.done.used - heard.used))));
            }
        }
        slept
    }

    /// Puts what a pod has done as one of a cohort on its own account.
    pub(super) fn credit(&mut self, pod: u32) {
        let Some(mut mark) = self.flow.marks.get(pod as usize).copied().flatten() else { return };
        let done = self.flow.cohort_of(mark).done;
        let whole = |now: f64, seen: &mut f64| {
            let more = (now - *seen).floor().max(0.0);
            *seen += more;
            more as u64
        };
        let used = whole(done.used, &mut mark.seen.used);
        let taken = whole(done.taken, &mut mark.seen.taken);
        let sent = whole(done.sent, &mut mark.seen.sent);
        self.flow.marks[pod as usize] = Some(mark);
        self.works[pod as usize].flowed(used, taken, sent);
    }

    /// The CPU that the pods of a component have used, all together, if there are so many and all of them are asleep.
    pub(crate) fn used_by_sleepers(&mut self, component: usize, pods: usize) -> Option<u64> {
        let state = self.flow.states.get(component)?;
        if state.asleep < pods || pods == 0 {
            return None;
        }
        self.flow_to_now(component);
        if self.flow.states[component].is_stale {
            self.gather(component);
        }
        let state = &self.flow.states[component];
        let used = |cohort: &Cohort| cohort.joined_with + cohort.done.used as u64 * u64::from(cohort.pods);
        (state.asleep == pods).then(|| state.cohorts.iter().map(used).sum())
    }

    /// Everything that a pod has done by now is on its own account after this.
    pub(crate) fn account(&mut self, pod: u32) {
        let component = self.workloads[self.pods[pod as usize].workload].component;
        if self.flow.is_off(component) {
            return;
        }
        self.flow_to_now(component);
        self.credit(pod);
    }

    /// How many requests are inside a pod, and how many of them wait for a worker.
    pub(crate) fn inside(&self, pod: u32) -> (u64, u64) {
        let (_, inside, waiting) = self.works[pod as usize].counted();
        let mark = self.flow.marks.get(pod as usize).copied().flatten();
        let mark = mark.filter(|mark| self.flow.is_on(mark.component as usize));
        let cohort = mark.map(|mark| self.flow.cohort_of(mark));
        let round = |count: f64| count.round() as u64;
        cohort.map_or((inside, waiting), |cohort| {
            (inside + round(cohort.inside), waiting + round(cohort.waiting))
        })
    }
}

impl Cohort {
    /// A pod joins. What is known of one that is asleep becomes part of the mean of all that are.
    fn join(&mut self, sleeper: Option<(Heard, f64)>) {
        let (before, after) = (f64::from(self.pods), f64::from(self.pods + 1));
        let mean = |of_all: f64, of_one: f64| (of_all * before + of_one) / after;
        if let Some((heard, since)) = sleeper {
            let known = self.heard.get_or_insert(Heard { used: -since, ..heard });
            known.used = mean(known.used, -since);
            let milli = mean(known.sample.cpu_milli as f64, heard.sample.cpu_milli as f64);
            known.sample.cpu_milli = milli.round() as i64;
        }
        self.pods += 1;
    }

    /// Requests a nanosecond that one of them can answer for long, where a request takes so much CPU and keeps a worker
    /// for so long.
    pub fn capacity(&self, cpu_ns: f64, held_ns: f64, concurrency: u32) -> f64 {
        let cores = self.limit_milli.map_or(self.cores_milli, |limit| limit.min(self.cores_milli));
        (cores as f64 / 1000.0 / cpu_ns).min(f64::from(concurrency) / held_ns)
    }
}
