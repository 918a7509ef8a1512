//! When requests are simulated one by one, and when they are rates: of each group of components for itself.

use super::group::Group;
use crate::cluster::Workload;
use crate::engine::clock::SECOND_NS;
use crate::engine::queue::{Event, Key};
use crate::engine::trace::Requests;
use crate::model::traffic::Source;
use crate::run::Run;
use crate::scenario::Detail;

/// Requests of a run up to which every one is simulated unless told otherwise.
pub(super) const FEW: f64 = 5e6;
/// A window that is simulated both ways is not shorter.
pub(super) const WINDOW_NS_MIN: u64 = 5 * SECOND_NS;
/// Nor longer.
pub(super) const WINDOW_NS_MAX: u64 = 60 * SECOND_NS;
/// Nor has it more requests than it needs: all groups together, each its part.
pub(super) const WINDOW_REQUESTS: u64 = 10_000;
/// Not even where so many come that it is shorter for that.
pub(super) const WINDOW_REQUESTS_MAX: u64 = 100_000;

/// From one look at whether anything matters to the next, where something may.
pub(super) const LOOK_NS: u64 = SECOND_NS;
/// The longest time from one look to the next where nothing is in sight.
pub(super) const LOOK_NS_MAX: u64 = 60 * SECOND_NS;
/// How far a look sees ahead.
const AHEAD_NS: u64 = 10 * SECOND_NS;
/// For so long nothing has mattered before rates are good enough.
const CALM_NS: u64 = 15 * SECOND_NS;
/// What a rate may rise or fall by within sight.
const CHANGE_MAX: f64 = 1.2;
/// What a pod may have to do, in parts of what it can.
const LOAD_MAX: f64 = 0.7;
/// One of so many attempts may go wrong.
const WRONG_ONE_IN: u64 = 1_000;

/// How the requests of a group are simulated at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// One by one.
    Requests {
        /// Since when nothing has mattered.
        calm_from_ns: Option<u64>,
    },
    /// One by one, with rates beside them.
    Both {
        /// Since when.
        from_ns: u64,
    },
    /// As rates.
    Flow {
        /// Since when.
        from_ns: u64,
    },
}

impl Default for Course {
    fn default() -> Self {
        Self::Requests { calm_from_ns: None }
    }
}

impl super::Flow {
    #[inline]
    fn course_of(&self, component: usize) -> Course {
        self.group_of.get(component).map_or(Course::default(), |group| self.groups[*group].course)
    }

    /// Whether no rate of a component is looked at.
    pub fn is_off(&self, component: usize) -> bool {
        matches!(self.course_of(component), Course::Requests { .. })
    }

    /// Whether the requests of a component are rates.
    #[inline]
    pub fn is_on(&self, component: usize) -> bool {
        matches!(self.course_of(component), Course::Flow { .. })
    }

    /// Whether what the rates of a component answer counts.
    pub fn is_counting(&self, component: usize) -> bool {
        !matches!(self.course_of(component), Course::Both { .. })
    }
}

impl Group {
    /// For how long its requests were rates up to now.
    pub fn on_ns(&self, now_ns: u64) -> u64 {
        match self.course {
            Course::Flow { from_ns } => self.on_ns + now_ns - from_ns,
            Course::Requests { .. } | Course::Both { .. } => self.on_ns,
        }
    }
}

impl Run<'_> {
    /// Decides how a run begins.
    pub(crate) fn begin_flow(&mut self) {
        let few = self.sources.iter().map(Source::expected_in_all).sum::<f64>() <= FEW;
        match self.scenario.detail {
            Detail::Requests => return,
            Detail::Auto if few => return,
            Detail::Auto | Detail::Flow | Detail::FlowByPod => {}
        }
        self.prepare_flow();
        for group in 0..self.flow.groups.len() {
            if self.scenario.detail != Detail::Auto {
                self.begin_window(group);
            }
            self.look_in(group, self.until_look_ns(group));
        }
    }

    fn look_in(&mut self, group: usize, in_ns: u64) {
        let at_ns = self.clock.now_ns() + in_ns;
        self.flow.groups[group].look_ns = at_ns;
        self.queue.push(at_ns, Event::Look(group as u32));
    }

    /// Something happens to a component that nobody saw coming.
    pub(super) fn look_soon_at(&mut self, component: usize) {
        let group = self.flow.group_of[component];
        if self.flow.groups[group].look_ns > self.clock.now_ns() + LOOK_NS {
            self.look_in(group, LOOK_NS);
        }
    }

    /// From one look at a group to the next.
    fn until_look_ns(&self, group: usize) -> u64 {
        match self.flow.groups[group].course {
            Course::Requests { .. } => LOOK_NS,
            // Less where a window has enough requests before.
            Course::Both { .. } => {
                let per_ns: f64 = self.sources_of(group).map(|source| source.rates_until(0.0).1).sum();
                let enough = WINDOW_REQUESTS_MAX as f64 * self.flow.groups[group].part;
                if per_ns > 0.0 { LOOK_NS.min((enough / per_ns).ceil() as u64) } else { LOOK_NS }
            }
            // All that get requests are together looked at once a second.
            Course::Flow { .. } => {
                let most_ns = LOOK_NS_MAX.min(LOOK_NS * u64::from(self.flow.asked));
                if most_ns > LOOK_NS && self.stays_calm(group, most_ns) { most_ns } else { LOOK_NS }
            }
        }
    }

    /// Looks at whether anything matters to a group.
    pub(crate) fn look(&mut self, group: usize) {
        let now = self.clock.now_ns();
        if self.flow.groups[group].look_ns != now {
            return;
        }
        let may_go_back = self.scenario.detail == Detail::Auto;
        match self.flow.groups[group].course {
            Course::Requests { calm_from_ns } => {
                let calm_from_ns = self.is_calm(group).then(|| calm_from_ns.unwrap_or(now));
                self.flow.groups[group].course = Course::Requests { calm_from_ns };
                if calm_from_ns.is_some_and(|from_ns| now - from_ns >= CALM_NS) {
                    self.begin_window(group);
                }
            }
            Course::Both { from_ns } => {
                self.flow_group_to_now(group);
                if may_go_back && !self.is_calm(group) {
                    self.end_window(group, None);
                    self.flow.groups[group].course = Course::default();
                } else if self.is_whole(group, now - from_ns) {
                    self.end_window(group, Some(now - from_ns));
                    self.flow.groups[group].course = Course::Flow { from_ns: now };
                }
            }
            Course::Flow { .. } => {
                self.flow_group_to_now(group);
                if !self.is_calm(group) {
                    self.end_flow(group);
                }
            }
        }
        if may_go_back || !matches!(self.flow.groups[group].course, Course::Flow { .. }) {
            self.look_in(group, self.until_look_ns(group));
        }
    }

    /// Whether a window of a group that is so long says enough.
    fn is_whole(&self, group: usize, length_ns: u64) -> bool {
        let (count, part) = (self.count_in_window(group) as f64, self.flow.groups[group].part);
        let has = |requests: u64| count >= requests as f64 * part;
        length_ns >= WINDOW_NS_MIN && has(WINDOW_REQUESTS)
            || length_ns >= WINDOW_NS_MAX
            || has(WINDOW_REQUESTS_MAX)
    }

    /// Requests of a group come one by one again.
    fn end_flow(&mut self, group: usize) {
        // In an order that calls do not change.
        let mut components = self.flow.groups[group].components.clone();
        components.sort_unstable();
        let mut sources: Vec<usize> =
            components.iter().filter_map(|component| self.flow.states[*component].source).collect();
        sources.sort_unstable();
        // What pods have done as rates is theirs before they do anything else.
        for component in components {
            self.wake(component);
        }
        let known = &mut self.flow.groups[group];
        known.on_ns = known.on_ns(self.clock.now_ns());
        known.course = Course::default();
        for source in sources {
            // One that was drawn before may still be to come.
            if self.sources[source].next == Key::NEVER {
                self.next_arrival(source);
            }
        }
    }

    /// Whether nothing happens to a group that rates would miss.
    fn is_calm(&mut self, group: usize) -> bool {
        let wrong = self.goes_wrong(group);
        let soon_ns = self.clock.now_ns() + AHEAD_NS;
        !wrong
            && !self.is_changing(group, soon_ns)
            && !self.rates_change(group, soon_ns)
            && !self.is_loaded(group, 1.0)
    }

    /// Whether a group will be calm for so long unless something happens to its pods.
    fn stays_calm(&self, group: usize, for_ns: u64) -> bool {
        let soon_ns = self.clock.now_ns() + for_ns + AHEAD_NS;
        let grows = |source: &Source| {
            let (present, (_, greatest)) = (source.rates_until(0.0).1, source.rates_until(soon_ns as f64));
            if greatest > present { greatest / present } else { 1.0 }
        };
        let growth = self.sources_of(group).map(grows).fold(1.0, f64::max);
        !self.is_changing(group, soon_ns)
            && !self.rates_change(group, soon_ns)
            && !self.is_loaded(group, growth)
    }

    /// Whether attempts have gone wrong since this was asked last.
    fn goes_wrong(&mut self, group: usize) -> bool {
        let mut is_wrong = false;
        for component in &self.flow.groups[group].components {
            let (total, seen) = (self.counters[*component].total, &mut self.flow.seen[*component]);
            let Requests { refused, unrouted, timed_out, broken, errored, attempts, .. } = total.since(seen);
            is_wrong |= (refused + unrouted + timed_out + broken + errored) * WRONG_ONE_IN > attempts;
            *seen = total;
        }
        is_wrong
    }

    /// Whether a release or a fault is on or near, or a pod ends.
    fn is_changing(&self, group: usize, soon_ns: u64) -> bool {
        let now = self.clock.now_ns();
        let is_own = |name: &str| {
            let component = self.component_named.get(name);
            component.and_then(|component| self.flow.group_of.get(*component)) == Some(&group)
        };
        self.rollouts.iter().map(|rollout| &rollout.trace).any(|rollout| {
            rollout.began_ns <= soon_ns && rollout.ended_ns.is_none() && is_own(&rollout.component)
        })
            // Whatever breaks in the cluster reaches every group.
            || self
                .scenario
                .faults
                .iter()
                .any(|fault| fault.at_ns <= soon_ns && now <= fault.end_ns().saturating_add(AHEAD_NS))
            || self.flow.groups[group]
                .components
                .iter()
                .flat_map(|component| self.workloads_of(*component))
                .any(|workload| !workload.ending.is_empty() || self.is_cold(workload))
    }

    /// Whether pods of a workload are slower than they will be.
    fn is_cold(&self, workload: &Workload) -> bool {
        let now = self.clock.now_ns().cast_signed();
        let service = self.components[workload.component].service;
        let warm_up = service.and_then(|service| self.scenario.services[service].warm_up);
        warm_up.is_some_and(|warm_up| {
            let running = |pod: &u32| self.pods[*pod as usize].running_ns;
            workload.pods.iter().any(|pod| running(pod) + warm_up.for_ns.cast_signed() > now)
        })
    }

    /// Whether a rate jumps, or changes faster than rates follow.
    fn rates_change(&self, group: usize, soon_ns: u64) -> bool {
        self.sources_of(group).any(|source| {
            let (least, greatest) = source.rates_until(soon_ns as f64);
            source.is_bursty() || greatest > least * CHANGE_MAX
        })
    }

    /// Whether pods have so much to do, or would with so many times the load, that what they make of it is not known well.
    fn is_loaded(&self, group: usize, times: f64) -> bool {
        let Group { course, components, .. } = &self.flow.groups[group];
        // What rates would say is looked at in the window.
        !matches!(course, Course::Requests { .. })
            && components.iter().any(|component| self.flow.states[*component].greatest * times > LOAD_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random::Duration;
    use crate::run::fixture::{self, SECOND};
    use crate::scenario::{Scenario, Spike, Traffic};

    /// `web` with four pods and a thousand requests a second for two hours, and a hundred that hardly anybody asks, all of
    /// whom wait for a look.
    fn crowd() -> Scenario {
        let mut scenario = fixture::asked(Duration::Constant(SECOND / 100));
        scenario.traffic[0].base_per_second = 1_000.0;
        (scenario.detail, scenario.duration_ns) = (Detail::Auto, 7_200 * SECOND);
        let silent = |number: u32| Traffic {
            component: format!("silent-{number}"),
            base_per_second: 1e-9,
            ..Traffic::default()
        };
        scenario.traffic.extend((0..100).map(silent));
        scenario
    }

    #[test]
    fn a_group_that_nobody_has_looked_at_for_long_is_looked_at_when_its_pods_go() {
        let (world, objects, scenario) = (fixture::world(1), fixture::web(4), crowd());
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        let web = run.component_named["web"];
        run.run_to(300 * SECOND + SECOND / 2);
        let (now, group) = (run.clock.now_ns(), run.flow.group_of[web]);
        assert!(run.flow.is_on(web));
        let look_ns = run.flow.groups[group].look_ns;
        assert!(look_ns > now + 5 * SECOND, "nothing is in sight");
        run.scale(0, 0);
        run.run_to(now + 3 * SECOND);
        assert!(run.flow.is_off(web), "nobody answers");
        let mut others = (0..run.components.len()).filter(|component| *component != web);
        assert!(others.all(|component| run.flow.is_on(component)), "which concerns nobody else");
    }

    #[test]
    fn a_group_is_looked_at_before_its_rate_jumps() {
        let (world, objects, mut scenario) = (fixture::world(1), fixture::web(4), crowd());
        let spike = Spike { at_ns: 327 * SECOND, times: 2.0, over_ns: 0, hold_ns: SECOND, fall_ns: 0 };
        scenario.traffic[0].spikes = vec![spike];
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        let web = run.component_named["web"];
        run.run_to(310 * SECOND);
        assert!(run.flow.is_on(web));
        run.run_to(320 * SECOND);
        assert!(run.flow.is_off(web));
    }
}
