//! Autoscalers that would change nothing for a while: until then nobody asks them, or measures their pods.

use crate::engine::clock::SECOND_NS;
use crate::model::autoscaler::spec::{Metric, Resource, Source, Target};
use crate::run::Run;

/// For so long an autoscaler may be quiet: the first of these that is not too long.
pub(super) const LENGTHS_NS: [u64; 3] = [1_800 * SECOND_NS, 600 * SECOND_NS, 120 * SECOND_NS];
/// How far chance may carry what is measured from what is expected, in standard deviations.
pub(super) const DEVIATIONS: f64 = 3.0;
/// More requests that fail are sent again and make the use of CPU more than proportional.
const FAILING_MAX: f64 = 1e-3;

/// Who is quiet.
#[derive(Clone, Debug, Default)]
pub(super) struct Quiet {
    /// What each autoscaler said before it became quiet.
    said: Vec<Option<Said>>,
    /// Until when the pods of each component are not measured, and the autoscaler that is the reason.
    components: Vec<(u64, usize)>,
}

/// What an autoscaler said before it became quiet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    /// When.
    pub at_ns: u64,
    /// What its metric asked for.
    pub recommendation: i32,
}

impl super::Flow {
    /// Whether nobody asks at a time what the pods of a component use.
    #[inline]
    pub(super) fn is_unmeasured(&self, component: usize, now_ns: u64) -> bool {
        self.quiet.components.get(component).is_some_and(|(until_ns, _)| now_ns < *until_ns)
    }

    /// What an autoscaler said before it became quiet, if it has been since it was asked last.
    pub fn take_said(&mut self, autoscaler: usize, component: usize) -> Option<Said> {
        let said = self.quiet.said.get_mut(autoscaler)?.take()?;
        self.quiet.components[component].0 = 0;
        Some(said)
    }
}

impl Run<'_> {
    /// Lets an autoscaler be quiet that has changed nothing, if it would not for a while: all pods are asleep, and what
    /// they are expected to use stays within its tolerance by more than chance.
    pub(crate) fn quieten(&mut self, autoscaler: usize, workload: usize, recommendation: i32) {
        let now = self.clock.now_ns();
        let component = self.workloads[workload].component;
        if !self.flow.is_on(component) || !self.are_all_asleep(workload) {
            return;
        }
        let Some(margins) = self.margins(autoscaler, component) else { return };
        let group = self.flow.group_of[component];
        let stays = |for_ns: &u64| {
            let (mut least, mut greatest) = (1.0_f64, 1.0_f64);
            for source in self.sources_of(group) {
                let (present, (low, high)) =
                    (source.rates_until(0.0).1, source.rates_until((now + for_ns) as f64));
                if source.is_bursty() || present <= 0.0 && high > 0.0 {
                    return false;
                }
                if present <= 0.0 {
                    continue;
                }
                (least, greatest) = (least.min(low / present), greatest.max(high / present));
            }
            margins.0 <= least && greatest <= margins.1
        };
        let period_ns = self.world.figures.autoscaler.sync_period_ns;
        let mut lengths_ns = LENGTHS_NS.into_iter().filter(|length_ns| *length_ns > period_ns);
        let Some(for_ns) = lengths_ns.find(stays) else { return };
        let quiet = &mut self.flow.quiet;
        quiet.said.resize(self.autoscalers.len(), None);
        quiet.components.resize(self.components.len(), (0, 0));
        quiet.said[autoscaler] = Some(Said { at_ns: now, recommendation });
        // The first look after a long time tells of all of it, the second of what is then.
        let before_ns = 2 * self.world.figures.metrics_resolution_ns;
        quiet.components[component] = ((now + for_ns).saturating_sub(before_ns), autoscaler);
        self.autoscale_at(autoscaler, now + for_ns / period_ns * period_ns);
    }

    /// Whether a workload has exactly the pods that it shall have, and its component no others, and nobody looks at any
    /// of them.
    fn are_all_asleep(&self, workload: usize) -> bool {
        let owned = &self.workloads[workload];
        let state = &self.flow.states[owned.component];
        let pods = owned.pods.len();
        !state.is_stale
            && state.failing < FAILING_MAX
            && owned.held.replicas() as usize == pods
            && [state.asleep, state.members.len()] == [pods, pods]
    }

    /// By which factor the load of a component may fall and rise without that its autoscaler does anything.
    fn margins(&self, autoscaler: usize, component: usize) -> Option<(f64, f64)> {
        let scaler = &self.autoscalers[autoscaler];
        let [Metric { source: Source::Resource { resource: Resource::Cpu, container: None }, target }] =
            scaler.spec.metrics.as_slice()
        else {
            return None;
        };
        let measured = scaler.memory.status.metrics.first().copied().flatten()?;
        let measured_milli = measured.average_milli? as f64;
        let ratio = match (*target)? {
            Target::Utilization(percent) => f64::from(measured.utilization?) / f64::from(percent),
            Target::AverageValue(milli) => measured_milli / milli as f64,
            Target::Value(_) => return None,
        };
        // What is measured is what is expected and some chance.
        let state = &self.flow.states[component];
        let expected_milli = state.rate * state.begun * state.cpu_ns * 1000.0 / state.asleep as f64;
        let number = state.rate * self.world.figures.metrics_resolution_ns as f64;
        let chance = DEVIATIONS / number.sqrt();
        let (is_least, is_most) = (scaler.current <= scaler.spec.min, scaler.current >= scaler.spec.max);
        if measured_milli == 0.0 && expected_milli == 0.0 {
            return is_least.then_some((0.0, f64::INFINITY));
        }
        if measured_milli <= 0.0 || expected_milli <= 0.0 || chance >= 1.0 {
            return None;
        }
        let ratio = ratio * expected_milli / measured_milli;
        let tolerance = scaler.spec.tolerance(&self.world.figures.autoscaler);
        let down = if is_least { 0.0 } else { (1.0 - tolerance.down) / (1.0 - chance) };
        let up = if is_most { f64::INFINITY } else { (1.0 + tolerance.up) / (1.0 + chance) };
        Some((down / ratio, up / ratio))
    }

    /// Something has happened to a component: its autoscaler is asked again, and its pods are measured from now on.
    pub(crate) fn stir(&mut self, component: usize) {
        let now = self.clock.now_ns();
        let Some((until_ns, autoscaler)) = self.flow.quiet.components.get_mut(component) else { return };
        if *until_ns == 0 {
            return;
        }
        *until_ns = 0;
        let (autoscaler, period_ns) = (*autoscaler, self.world.figures.autoscaler.sync_period_ns);
        if let Some(Said { at_ns, .. }) = self.flow.quiet.said[autoscaler] {
            let next_ns = at_ns + (now - at_ns).div_ceil(period_ns) * period_ns;
            if next_ns < self.autoscalers[autoscaler].next_ns {
                self.autoscale_at(autoscaler, next_ns);
            }
        }
        self.flow_to_now(component);
        for cohort in &mut self.flow.states[component].cohorts {
            let used = cohort.done.used;
            if let Some(heard) = cohort.heard.as_mut() {
                (heard.at_ns, heard.used, heard.sample.at_ns) = (now, used, now.cast_signed());
            }
        }
    }

    /// The same of the component that an autoscaler scales.
    pub(crate) fn stir_autoscaler(&mut self, autoscaler: usize) {
        if let Some(workload) = self.autoscalers[autoscaler].workload {
            self.stir(self.workloads[workload].component);
        }
    }
}
