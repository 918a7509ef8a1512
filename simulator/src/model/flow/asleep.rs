//! Pods that nobody looks at one by one: what is measured of one of a cohort is true of all.

use smallvec::SmallVec;

use crate::cluster::Phase;
use crate::model::metrics::Measured;
use crate::run::Run;

/// What metrics-server has heard of a cohort.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    /// When.
    pub at_ns: u64,
    /// What one of it had used by then, as its cohort counts: less than nothing if it came together later.
    pub used: f64,
    /// What it told then.
    pub sample: Measured,
}

/// A pod that was asleep: what was heard of it, and what it has used since then; `None` if it goes on sleeping.
pub(super) type Slept = (u32, Option<(Heard, f64)>);

/// A pod that stands for all that are like it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Alike {
    pub pod: u32,
    pub times: i64,
    pub metric: Option<Measured>,
}

impl Run<'_> {
    /// The pods of a workload, one of each kind.
    pub(crate) fn alike<const ROWS: usize>(&mut self, workload: usize) -> SmallVec<[Alike; ROWS]> {
        let component = self.workloads[workload].component;
        if self.flow.states.get(component).is_some_and(|state| state.is_stale && state.asleep > 0) {
            self.gather(component);
        }
        let mut found = SmallVec::new();
        let (mut asleep, owned) = (0, &self.workloads[workload]);
        for cohort in self.flow.states.get(component).into_iter().flat_map(|state| &state.cohorts) {
            if let Some(heard) = cohort.heard
                && self.pods[cohort.example as usize].workload == workload
            {
                asleep += cohort.pods as usize;
                let (pod, times) = (cohort.example, cohort.pods.into());
                found.push(Alike { pod, times, metric: Some(heard.sample) });
            }
        }
        if asleep < owned.pods.len() + owned.ending.len() {
            let others = owned.pods.iter().chain(&owned.ending).filter(|pod| !self.is_asleep(**pod));
            let one = |pod: &u32| Alike { pod: *pod, times: 1, metric: self.pods[*pod as usize].metric };
            found.extend(others.map(one));
        }
        found
    }

    /// Whether nobody looks at a pod by itself.
    pub(crate) fn is_asleep(&self, pod: u32) -> bool {
        let mark = self.flow.marks.get(pod as usize).copied().flatten();
        mark.is_some_and(|mark| self.flow.cohort_of(mark).heard.is_some())
    }

    /// metrics-server hears of every pod that is asleep. Returns the others by their numbers: it has to ask for each.
    pub(crate) fn hear_sleepers(&mut self) -> Vec<u32> {
        let now = self.clock.now_ns();
        for component in 0..self.flow.states.len() {
            if !self.flow.is_unmeasured(component, now) && self.flow.states[component].asleep > 0 {
                self.hear_cohorts(component);
            }
        }
        let mut awake = Vec::new();
        for workload in &self.workloads {
            if self.flow.is_unmeasured(workload.component, now) {
                continue;
            }
            let state = self.flow.states.get(workload.component);
            if state.is_none_or(|state| state.asleep < workload.pods.len() + workload.ending.len()) {
                let owned = workload.pods.iter().chain(&workload.ending);
                awake.extend(owned.filter(|pod| !self.is_asleep(**pod)));
            }
        }
        awake.sort_unstable();
        awake
    }

    /// Lets the pods of each cohort sleep of which none is new.
    pub(crate) fn fall_asleep(&mut self) {
        if !self.scenario.metrics.is_empty() {
            return;
        }
        let now = self.clock.now_ns();
        for component in 0..self.flow.states.len() {
            if self.flow.is_on(component)
                && !self.flow.is_unmeasured(component, now)
                && self.flow.states[component].asleep < self.flow.states[component].members.len()
            {
                self.let_sleep(component);
            }
        }
    }

    fn let_sleep(&mut self, component: usize) {
        self.flow_to_now(component);
        let now = self.clock.now_ns();
        // The controller looks closer at pods that have begun lately.
        let old_ns = now.cast_signed() - self.world.figures.autoscaler.cpu_initialization_ns.cast_signed();
        let state = &self.flow.states[component];
        let mut may_sleep: Vec<bool> = state.cohorts.iter().map(|cohort| cohort.heard.is_none()).collect();
        let mut sums = vec![0; state.cohorts.len()];
        for pod in &state.members {
            let mark = self.flow.marks[*pod as usize].expect("a member has a mark");
            let known = &self.pods[*pod as usize];
            let example = &self.pods[self.flow.cohort_of(mark).example as usize];
            let is_old = known.phase == Phase::Running
                && !known.terminating
                && (known.workload, known.revision) == (example.workload, example.revision)
                && known.start_time_ns.max(known.transition_ns) < old_ns
                && self.works[*pod as usize].inside() == 0;
            may_sleep[mark.cohort as usize] &= is_old && known.metric.is_some();
            sums[mark.cohort as usize] += known.metric.map_or(0, |metric| metric.cpu_milli);
        }
        let state = &mut self.flow.states[component];
        for ((cohort, sum), may_sleep) in state.cohorts.iter_mut().zip(sums).zip(may_sleep) {
            let metric = self.pods[cohort.example as usize].metric.filter(|_| may_sleep);
            let Some(metric) = metric else { continue };
            let cpu_milli = sum / i64::from(cohort.pods);
            let sample = Measured { at_ns: now.cast_signed(), cpu_milli, ..metric };
            cohort.heard = Some(Heard { at_ns: now, used: cohort.done.used, sample });
            state.asleep += cohort.pods as usize;
            // With others that sleep they may be one cohort.
            state.is_stale = true;
        }
    }

    /// metrics-server hears of every cohort that is asleep what it has used since it heard of it last.
    fn hear_cohorts(&mut self, component: usize) {
        self.flow_to_now(component);
        let now = self.clock.now_ns();
        let service = self.components[component].service;
        let memory = service.and_then(|service| self.scenario.services[service].memory);
        for cohort in &mut self.flow.states[component].cohorts {
            let Some(heard) = cohort.heard.filter(|heard| heard.at_ns < now) else { continue };
            let window_ns = now - heard.at_ns;
            let sample = Measured {
                at_ns: now.cast_signed(),
                window_ns: window_ns.cast_signed(),
                cpu_milli: ((cohort.done.used - heard.used) / window_ns as f64).ceil() as i64,
                memory_bytes: memory.map(|memory| memory.with(cohort.inside.round() as u32)),
            };
            cohort.heard = Some(Heard { at_ns: now, used: cohort.done.used, sample });
        }
    }

    /// Somebody looks at pods by themselves again: their kubelets go on from what was heard of their cohorts, and what they
    /// have used since then.
    pub(super) fn rouse(&mut self, slept: Vec<Slept>) {
        let now = self.clock.now_ns();
        for (pod, known) in slept {
            let Some((heard, since)) = known else { continue };
            let used = self.works[pod as usize].usage(now).saturating_sub(since.max(0.0) as u64);
            self.resume_housekeeping(pod, used, heard.sample);
        }
    }

    /// Somebody looks at every pod by itself again.
    pub(crate) fn wake_all(&mut self) {
        for component in 0..self.flow.states.len() {
            self.wake(component);
        }
    }

    /// Somebody looks at every pod of a component by itself again.
    pub(super) fn wake(&mut self, component: usize) {
        self.stir(component);
        let slept = self.scatter(component);
        self.rouse(slept);
        self.gather(component);
    }
}
