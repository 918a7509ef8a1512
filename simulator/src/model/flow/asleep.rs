//! Components whose pods nobody looks at one by one: what is measured of one of a cohort is true of all.

use super::cohort::Done;
use crate::cluster::Phase;
use crate::model::metrics::Measured;
use crate::run::Run;

/// What metrics-server hears of a cohort.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heard {
    at_ns: u64,
    done: Done,
    /// What it tells.
    pub sample: Option<Measured>,
}

/// A pod that stands for all that are like it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Alike {
    pub pod: u32,
    pub times: i64,
    pub sample: Option<Measured>,
}

impl Run<'_> {
    /// metrics-server asks for the pods of a component: at once for all, if they are asleep or may sleep from here on.
    /// `false` if it has to ask for each.
    pub(crate) fn heard_at_once(&mut self, component: usize) -> bool {
        if !self.flow.is_on() {
            return false;
        }
        if self.flow.states[component].is_asleep {
            self.hear_cohorts(component);
            return true;
        }
        // They are asked for one by one once more.
        self.fall_asleep(component);
        false
    }

    /// The pods of a component that are asleep, one of each kind.
    pub(crate) fn alike(&self, component: usize) -> Option<Vec<Alike>> {
        let state = self.flow.states.get(component).filter(|state| state.is_asleep)?;
        let cohorts = state.cohorts.iter().map(|cohort| Alike {
            pod: cohort.example,
            times: cohort.pods.into(),
            sample: cohort.heard.sample,
        });
        Some(cohorts.collect())
    }

    /// Whether nobody looks at a pod by itself.
    pub(crate) fn is_asleep(&self, pod: u32) -> bool {
        let component = self.workloads[self.pods[pod as usize].workload].component;
        self.flow.states.get(component).is_some_and(|state| state.is_asleep)
    }

    /// Lets the pods of a component sleep if all of them serve and none of them is new.
    fn fall_asleep(&mut self, component: usize) {
        let now = self.clock.now_ns().cast_signed();
        let state = &self.flow.states[component];
        let Some(first) = state.members.first().map(|pod| &self.pods[*pod as usize]) else { return };
        let (workload, revision) = (first.workload, first.revision);
        let owned = &self.workloads[workload];
        if state.is_stale || !self.scenario.metrics.is_empty() || owned.pods.len() != state.members.len() {
            return;
        }
        // The controller looks closer at pods that have begun lately.
        let old_ns = now - self.world.figures.autoscaler.cpu_initialization_ns.cast_signed();
        let is_old = state.members.iter().map(|pod| &self.pods[*pod as usize]).all(|pod| {
            (pod.workload, pod.revision) == (workload, revision)
                && pod.phase == Phase::Running
                && pod.metric.is_some()
                && pod.start_time_ns.max(pod.transition_ns) < old_ns
        });
        if !is_old {
            return;
        }
        self.flow_to_now(component);
        let mut sums = vec![0; self.flow.states[component].cohorts.len()];
        for pod in &self.flow.states[component].members {
            let mark = self.flow.marks[*pod as usize].expect("a member has a mark");
            sums[mark.cohort as usize] +=
                self.pods[*pod as usize].metric.map_or(0, |metric| metric.cpu_milli);
        }
        let at_ns = self.clock.now_ns();
        let state = &mut self.flow.states[component];
        state.is_asleep = true;
        for (cohort, sum) in state.cohorts.iter_mut().zip(sums) {
            let metric = self.pods[cohort.example as usize].metric;
            let sample = metric.map(|metric| Measured { cpu_milli: sum / i64::from(cohort.pods), ..metric });
            cohort.heard = Heard { at_ns, done: cohort.done, sample };
        }
    }

    /// metrics-server hears of every cohort what it has used since it heard of it last.
    fn hear_cohorts(&mut self, component: usize) {
        self.flow_to_now(component);
        let now = self.clock.now_ns();
        let memory =
            self.components[component].service.and_then(|service| self.scenario.services[service].memory);
        for cohort in &mut self.flow.states[component].cohorts {
            let window_ns = now - cohort.heard.at_ns;
            if window_ns == 0 {
                continue;
            }
            let used = cohort.done.used - cohort.heard.done.used;
            let sample = Measured {
                at_ns: now.cast_signed(),
                window_ns: window_ns.cast_signed(),
                cpu_milli: (used / window_ns as f64).ceil() as i64,
                memory_bytes: memory.map(|memory| memory.with(cohort.inside.round() as u32)),
            };
            cohort.heard = Heard { at_ns: now, done: cohort.done, sample: Some(sample) };
        }
    }

    /// Somebody has to look at the pods of a component one by one again: their kubelets go on from what was heard of their
    /// cohorts.
    pub(super) fn wake(&mut self, component: usize) {
        if !std::mem::take(&mut self.flow.states[component].is_asleep) {
            return;
        }
        let now = self.clock.now_ns();
        for index in 0..self.flow.states[component].members.len() {
            let pod = self.flow.states[component].members[index];
            self.credit(pod);
            let mark = self.flow.marks[pod as usize].expect("a member has a mark");
            let cohort = &self.flow.states[component].cohorts[mark.cohort as usize];
            let heard = cohort.heard;
            let since = (cohort.done.used - heard.done.used).max(0.0) as u64;
            let used = self.works[pod as usize].usage(now).saturating_sub(since);
            let memory_bytes = heard.sample.and_then(|sample| sample.memory_bytes);
            self.pods[pod as usize].metric = heard.sample;
            self.resume_housekeeping(pod, heard.at_ns, used, memory_bytes);
        }
    }

    /// The same for every component.
    pub(crate) fn wake_all(&mut self) {
        for component in 0..self.flow.states.len() {
            self.wake(component);
        }
    }
}
