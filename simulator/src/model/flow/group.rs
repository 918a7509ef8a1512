//! Who calls whom: components whose rates follow from each other.

use super::State;
use crate::engine::trace::Requests;
use crate::run::Run;
use crate::scenario::Patience;

/// Components that call each other, callers first.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub components: Vec<usize>,
    /// Up to when its rates are accounted for.
    pub now_ns: u64,
}

/// A component that another calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub to: usize,
    pub optional: bool,
    /// Calls for each request of the caller.
    pub per_request: f64,
    /// How long a pod keeps an answer, if it does.
    pub cache_ns: Option<u64>,
}

/// What the requests of a caller come to at one of those that it calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calls {
    /// Calls that are made, for each request.
    pub made: f64,
    /// Calls that what a pod keeps answers, for each request.
    pub kept: f64,
    /// The share of requests that goes on after them.
    pub passes: f64,
}

impl Edge {
    /// What requests come to where so many of them come to a pod in a nanosecond, and each call takes so long and is
    /// answered with a chance.
    pub fn calls(&self, per_ns: f64, takes_ns: f64, answered: f64) -> Calls {
        let (whole, rest) = (self.per_request.floor(), self.per_request.fract());
        let all = libm::pow(answered, whole);
        // The first of the calls that fails is the last that is made.
        let made = if answered < 1.0 { (1.0 - all) / (1.0 - answered) } else { whole } + rest * all;
        let (made, passes) = if self.optional {
            (self.per_request, 1.0)
        } else {
            (made, all * (1.0 - rest * (1.0 - answered)))
        };
        let Some(kept_ns) = self.cache_ns else { return Calls { made, kept: 0.0, passes } };
        // The first request of a Poisson stream that finds nothing kept calls once, and so do those that come until it is
        // answered; then nobody does for a time.
        let once = made.min(1.0);
        let begun = 1.0 + per_ns * once * takes_ns;
        let missed = begun / (begun + per_ns * once * kept_ns as f64);
        Calls { made: once * missed, kept: made - once * missed, passes: 1.0 - missed * (1.0 - passes) }
    }
}

impl Run<'_> {
    /// Works out who calls whom.
    pub(super) fn prepare_flow(&mut self) {
        let count = self.components.len();
        self.flow.seen = vec![Requests::default(); count];
        let mut models: Vec<usize> = Vec::new();
        for component in 0..count {
            let edges = self.components[component].calls.iter().map(|edge| Edge {
                to: self.callers[edge.client as usize].component,
                optional: edge.optional,
                per_request: edge.per_request,
                cache_ns: edge.cache_ns,
            });
            let edges = edges.collect();
            let source = self.sources.iter().position(|source| source.component == component);
            let model = models.iter().copied().find(|model| self.serve_alike(*model, component));
            let model = model.unwrap_or_else(|| {
                models.push(component);
                component
            });
            self.flow.states.push(State {
                source,
                model,
                edges,
                is_stale: true,
                begun: 1.0,
                ..State::default()
            });
        }
        self.flow.group_of = vec![usize::MAX; count];
        let mut called = vec![0; count];
        self.flow.states.iter().flat_map(|state| &state.edges).for_each(|edge| called[edge.to] += 1);
        for component in 0..count {
            if self.flow.group_of[component] == usize::MAX {
                let group = self.together(component, &mut called.clone());
                for member in &group.components {
                    self.flow.group_of[*member] = self.flow.groups.len();
                }
                self.flow.groups.push(group);
            }
        }
    }

    /// All that a component is connected with, callers before those that they call.
    fn together(&self, component: usize, called: &mut [u32]) -> Group {
        let (mut members, mut next) = (vec![component], 0);
        while next < members.len() {
            let known = members[next];
            next += 1;
            let calls = self.flow.states[known].edges.iter().map(|edge| edge.to);
            let callers = (0..self.flow.states.len())
                .filter(|other| self.flow.states[*other].edges.iter().any(|edge| edge.to == known));
            let near: Vec<usize> = calls.chain(callers).filter(|near| !members.contains(near)).collect();
            for near in near {
                if !members.contains(&near) {
                    members.push(near);
                }
            }
        }
        members.sort_unstable();
        let mut components = Vec::with_capacity(members.len());
        while let Some(place) = members.iter().position(|member| called[*member] == 0) {
            let first = members.remove(place);
            self.flow.states[first].edges.iter().for_each(|edge| called[edge.to] -= 1);
            components.push(first);
        }
        // Nobody simulates a circle of calls by rates: what is in one has none.
        Group { components, now_ns: 0 }
    }

    /// Whether what was found out about one component is true of another.
    fn serve_alike(&self, one: usize, other: usize) -> bool {
        let service = |component: usize| {
            self.components[component].service.map(|service| &self.scenario.services[service])
        };
        let alike = match (service(one), service(other)) {
            (Some(one), Some(other)) => one.serves_like(other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        alike && self.patience_of(one) == self.patience_of(other)
    }

    /// How the first callers of a component try.
    pub(super) fn patience_of(&self, component: usize) -> Patience {
        let callers = self.callers.iter().find(|callers| callers.component == component);
        callers.map(|callers| callers.patience).unwrap_or_default()
    }
}
